// SPDX-License-Identifier: MIT

import CCurl
import HTTP
import Model
import Settings
import Testing

@testable import edgefilter

/// What an upstream hears of a request.
@Suite struct CallTests {
    private func lines(_ request: String) -> [String] {
        request.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test(arguments: [
        ("/v1/chat/completions", "/v1/chat/completions"), ("/chat/completions", "/v1/chat/completions"),
        ("/v1/v1/chat/completions", "/v1/chat/completions"),
        ("/openai/v1/chat/completions", "/v1/chat/completions"),
        ("/a/b/v1/v1/v1/models/m", "/v1/models/m"), ("/embeddings", "/v1/embeddings"),
        ("/models", "/v1/models"),
        ("/audio/speech", "/v1/audio/speech"), ("/v1", "/v1/"), ("/v1/", "/v1/"),
        ("/v1/files/f/content", "/v1/files/f/content"),
        ("/v1/files/v1/x", "/v1/files/v1/x"), ("/v1beta/models", "/v1beta/models"), ("/", "/"),
        ("/health", "/health"),
        ("/v1x", "/v1x"), ("/v1//models", "/v1//models"), ("/V1/models", "/V1/models"), ("*", "*"),
        ("/openai/deployments/d/chat/completions", "/openai/deployments/d/chat/completions"),
        ("/v1/%63hat/completions", "/v1/chat/completions"), ("//v1//messages/", "/v1/messages"),
        ("/v1/models/a%2Fb", "/v1/models/a%2Fb"), ("/v1/%2563hat/completions", "/v1/%2563hat/completions"),
    ])
    func knowsThePath(path: String, form: String) {
        #expect(canonical(path) == form)
    }

    @Test(arguments: [
        ("/v1", "/v1/files?a=b&c=%20", "/v1/files?a=b&c=%20"), ("/v1", "/files", "/files"),
        ("/api/paas/v4", "/v1/chat/completions", "/api/paas/v4/chat/completions"),
        ("/api/paas/v4", "/v1/v1/chat/completions", "/api/paas/v4/chat/completions"),
        ("/api/paas/v4", "/chat/completions?x", "/api/paas/v4/chat/completions?x"),
        ("/api/paas/v4", "/other/path?", "/other/path?"), ("", "/v1/models", "/models"),
        ("/v1", "/v1/files/a%2Fb%20c/", "/v1/files/a%2Fb%20c/"), ("/v1", "/v1//x", "/v1//x"),
        ("/v1", "/", "/"),
        ("/v1", "/v1/models/a%2Fb", "/v1/models/a%2Fb"),
    ])
    func joinsThePath(base: String, asked: String, target: String) throws {
        let heard = try Provider(path: base).serve(try head("GET \(asked)"), try #require(Transfer()))
        #expect(lines(heard).first == "GET \(target) HTTP/1.1")
    }

    @Test(arguments: [
        ("/v1/models/gpt-5", "glm-4.6", "/v1/models/glm-4.6"),
        ("/v1/models/a?x=1", "org/m:b@2", "/v1/models/org/m:b@2?x=1"),
        ("/v1/models/a%2Fb", "c d?e#f%\u{e9}", "/v1/models/c%20d%3Fe%23f%25%C3%A9"),
        ("/v1/models", "m", "/v1/models"),
        ("/v1/models/", "m", "/v1/models/"), ("/v1/files/a", "m", "/v1/files/a"),
    ])
    func renamesTheModelInThePath(asked: String, model: String, target: String) throws {
        let heard = try Provider().serve(try head("GET \(asked)"), model: model, try #require(Transfer()))
        #expect(lines(heard).first == "GET \(target) HTTP/1.1")
    }

    @Test(
        arguments: [
            ("/v1/models/a", "a"), ("/v1/models/a%2Fb", "a/b"), ("/v1/models/a/b", "a/b"),
            ("/v1/models/%", "%"),
            ("/v1/models/%4", "%4"), ("/v1/models/%zz%41", "%zzA"), ("/v1/models/", nil), ("/v1/models", nil),
            ("/v1/modelsx/a", nil), ("/v1/models/%E4%BD%A0", "你"),
        ] as [(String, String?)])
    func readsTheModelInThePath(path: String, model: String?) {
        #expect(Call.modelInPath(path, caller) == model)
    }

    @Test func sendsWhatIsPassedOnAndNothingElse() throws {
        let head = try head(
            "GET /v1/files", "Host: gateway.example", "X-Custom: a  b", "User-Agent: ua/1", "Cookie: c",
            "X-Empty:",
            "Authorization: Bearer own", "OpenAI-Organization: o", "Connection: keep-alive, x-gone",
            "X-Gone: 1",
            "X-Forwarded-For: 1.1.1.1", "Accept-Encoding: br")
        let provider = try Provider()
        let heard = try provider.serve(head, key: "sk-operator", try #require(Transfer()))
        let port = provider.upstream.base?.port ?? 0
        #expect(
            Set(lines(heard)) == [
                "GET /v1/files HTTP/1.1", "Host: 127.0.0.1:\(port)", "X-Custom: a  b", "User-Agent: ua/1",
                "X-Empty:",
                "Authorization: Bearer sk-operator", "Accept-Encoding: identity", "",
            ])
    }

    @Test func addsTheOperatorsFields() throws {
        var provider = try Provider(key: .none)
        provider.upstream.headers = [
            Header(name: "X-Custom", value: "ours"), Header(name: "X-New", value: "1"),
        ]
        let heard = try provider.serve(
            try head("GET /v1/files", "x-custom: theirs", "Accept: */*"), try #require(Transfer()))
        let fields = lines(heard).filter { $0.lowercased().hasPrefix("x-") }
        #expect(fields == ["X-Custom: ours", "X-New: 1"])
        #expect(!heard.contains("Authorization") && heard.contains("Accept: */*\r\n"))
    }

    @Test(arguments: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) func keepsTheMethod(
        method: String
    ) throws {
        let transfer = try #require(Transfer())
        let heard = try Provider().serve(try head("\(method) /v1/x"), transfer)
        #expect(heard.hasPrefix("\(method) /v1/x HTTP/1.1\r\n") && transfer.result == CURLE_OK)
        #expect(
            !heard.contains("Transfer-Encoding") && !heard.contains("Content-Type")
                && !heard.contains("Expect"))
    }

    private func uploading(_ body: String) throws -> Transfer {
        let transfer = try #require(Transfer())
        transfer.upload.append { $0.append(contentsOf: body.utf8) }
        transfer.upload.isComplete = true
        return transfer
    }

    @Test(arguments: ["POST", "PUT", "GET", "DELETE"]) func sendsTheBody(method: String) throws {
        let head = try head("\(method) /v1/x", "Content-Type: a/b", "Content-Length: 5")
        for body in [Call.Body.whole, .streamed(5)] {
            let heard = try Provider().serve(head, body: body, try uploading("a\u{0}b\r\n"))
            #expect(heard.hasPrefix("\(method) /v1/x HTTP/1.1\r\n") && heard.hasSuffix("\r\n\r\na\u{0}b\r\n"))
            #expect(
                lines(heard).filter { $0.lowercased().hasPrefix("content-") }.sorted() == [
                    "Content-Length: 5", "Content-Type: a/b",
                ])
        }
        let chunked = try Provider().serve(head, body: .streamed(nil), try uploading("abc"))
        #expect(
            chunked.contains("Transfer-Encoding: chunked\r\n")
                && chunked.hasSuffix("\r\n\r\n3\r\nabc\r\n0\r\n\r\n"))
        #expect(!chunked.contains("Content-Length") && !chunked.contains("Expect"))
    }

    /// One handle, one request after the other: nothing of one is left in the next.
    @Test func forgetsTheRequestBefore() throws {
        let posting = try head("POST /v1/x", "Content-Type: a/b", "X-Own: 1", "Content-Length: 3")
        let transfer = try uploading("abc")
        for body in [Call.Body.whole, .streamed(3), .streamed(nil)] {
            let posted = try Provider().serve(posting, body: body, key: "sk-1", transfer)
            #expect(posted.hasPrefix("POST ") && posted.contains("abc") && posted.contains("sk-1"))
            for method in ["GET", "HEAD"] {
                transfer.begin()
                let asked = try Provider().serve(try head("\(method) /v1/y"), transfer)
                #expect(asked.hasPrefix("\(method) /v1/y HTTP/1.1\r\n") && asked.hasSuffix("\r\n\r\n"))
                #expect(
                    ["Content-", "Transfer-", "X-Own", "sk-1", "abc"].allSatisfy { !asked.contains($0) })
            }
            transfer.begin()
            transfer.upload.append { $0.append(contentsOf: "abc".utf8) }
            transfer.upload.isComplete = true
        }
    }

    @Test func sendsAnEmptyBody() throws {
        let head = try head("POST /v1/x", "Content-Length: 0")
        for body in [Call.Body.whole, .streamed(0)] {
            let heard = try Provider().serve(head, body: body, try uploading(""))
            #expect(lines(heard).contains("Content-Length: 0") && heard.hasSuffix("\r\n\r\n"))
        }
    }
}
