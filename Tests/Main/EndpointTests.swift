// SPDX-License-Identifier: MIT

import HTTP
import Model
import OpenAI
import Settings
import Testing

@testable import edgefilter

@Suite struct EndpointTests {
    private func name(_ line: String, _ field: String = "X-A: b") throws -> String {
        Endpoint(try head(line, field)).caller.name
    }

    /// The dialect where it has a side that faces callers, OpenAI's where it has none yet.
    private func known(_ name: String) -> String { builtIn(name)?.client?.name ?? "openai" }

    @Test(
        "T158: the path tells the dialect, whatever stands before it or in the query",
        arguments: [
            ("/v1/messages", "anthropic"), ("/v1/messages?beta=true", "anthropic"),
            ("/v1/messages/count_tokens?beta=true", "anthropic"), ("/messages", "anthropic"),
            ("/messages/count_tokens", "anthropic"), ("/anthropic/v1/messages", "anthropic"),
            ("/v1/v1/messages", "anthropic"), ("/v1/messages/batches", "anthropic"),
            ("/v1/responses", "responses"), ("/responses", "responses"),
            ("/v1/responses/resp_1", "responses"),
            ("/v1/messagesx", "openai"), ("/v1/chat/completions", "openai"), ("/v1/embeddings", "openai"),
            ("/v1", "openai"), ("/", "openai"), ("/v1/files/messages", "openai"),
        ])
    func tellsTheDialect(path: String, dialect: String) throws {
        #expect(try name("POST \(path)") == known(dialect))
    }

    @Test("T162: a list of models is asked for in the words of whoever has Anthropic's fields")
    func tellsWhoseListIsMeant() throws {
        for path in ["/v1/models", "/v1/models/claude-x", "/models"] {
            #expect(try name("GET \(path)") == "openai")
            #expect(try name("GET \(path)", "Authorization: Bearer k") == "openai")
            #expect(try name("GET \(path)", "anthropic-version: 2023-06-01") == known("anthropic"))
            #expect(try name("GET \(path)", "X-Api-Key: k") == known("anthropic"))
        }
        #expect(try name("POST /v1/chat/completions", "anthropic-version: 2023-06-01") == "openai")
    }

    @Test(
        "T161: what Anthropic's clients ask beside their work needs no upstream",
        arguments: [
            ("GET /api/hello", 200, ""), ("HEAD /api/hello", 200, ""), ("HEAD /", 200, ""),
            ("HEAD /proxy/api/hello", 200, ""), ("POST /api/event_logging/batch", 200, #"{"status":"ok"}"#),
            ("POST /proxy/api/event_logging/batch", 200, #"{"status":"ok"}"#), ("POST /api/hello", 405, nil),
        ] as [(String, Int, String?)])
    func needsNoUpstream(line: String, status: Int, body: String?) throws {
        let closed = settings(callers: .issued)
        let head = try head(line)
        var exchange = Exchange(Gateway(rehearsing: closed), head, Roads.remote, isLast: true)
        var client = Client()
        let failure = failure { () throws(Failure) in
            let isAnswered = try exchange.answerLocally(head, &client)
            #expect(isAnswered)
        }
        #expect(failure == nil ? exchange.record.status == status : failure?.status == status)
        let answer = text(client.outbox.takeAll())
        if let body { #expect(answer.hasSuffix("\r\n\r\n\(body)")) }
    }
}
