// SPDX-License-Identifier: MIT

import CCurl
import HTTP
import Model
import Settings
import Testing
import Unix

@testable import edgefilter

@Suite struct TransferTests {
    private func served(_ answer: String) throws -> (Transfer, TransferError?) {
        let provider = try Provider(answer: answer)
        let transfer = try #require(Transfer())
        _ = try provider.serve(try head("GET /v1/x"), transfer)
        let result = try #require(transfer.result)
        return (transfer, TransferError(result, transfer, provider.upstream))
    }

    @Test func bringsTheAnswer() throws {
        let (transfer, error) = try served(
            "HTTP/1.1 103 Early Hints¶Link: x¶¶HTTP/1.1 418 Teapot¶X-A: 1¶x-a:  2 ¶Content-Length: 3¶¶abc")
        #expect(error == nil && transfer.head?.status == 418 && transfer.came == "abc")
        #expect(
            transfer.head?.fields.values("X-A") == ["1", "2"]
                && transfer.head?.fields.contains("Link") == false)
        #expect(transfer.hasAnswered && transfer.refusal == nil)
    }

    @Test func takesOffChunksAndTrailers() throws {
        let (transfer, error) = try served(
            "HTTP/1.1 200 OK¶Transfer-Encoding: chunked¶¶3¶abc¶2¶de¶0¶X-Trailer: t¶¶")
        #expect(error == nil && transfer.came == "abcde")
        #expect(transfer.head?.fields.contains("X-Trailer") == false)
    }

    @Test func takesAnswersThatEndByClosing() throws {
        let (transfer, error) = try served("HTTP/1.1 200 OK¶¶abc")
        #expect(error == nil && transfer.came == "abc")
    }

    /// The first event of a burst is not held for the others, and the others do not come one by one.
    @Test func aBurstBeginsWithLittle() throws {
        let event = String(repeating: "e", count: 200)
        let events = String(repeating: "c8¶\(event)¶", count: 100)
        let provider = try Provider(answer: "HTTP/1.1 200 OK¶Transfer-Encoding: chunked¶¶\(events)0¶¶")
        let transfer = try #require(Transfer())
        transfer.aim(at: try #require(provider.upstream.base))
        transfer.allowsPrivate = true
        var portions: [Int] = []
        _ = try provider.hear(transfer) {
            if !$0.body.isEmpty { portions.append($0.body.count) }
            $0.body.drop($0.body.count)
            $0.resumeBody()
        }
        #expect(transfer.result == CURLE_OK && portions.reduce(0, +) == 20_000)
        #expect(try #require(portions.first) <= 600 && portions.count < 20)
    }

    @Test func followsNobody() throws {
        let (transfer, error) = try served(
            "HTTP/1.1 302 Found¶Location: http://127.0.0.1:1/¶Content-Length: 0¶¶")
        #expect(error == nil && transfer.head?.status == 302)
    }

    /// A failure before the head, and after it, in the caller's terms.
    @Test(arguments: [
        ("HTTP/1.1 200 OK¶Content-Length: 10¶¶abc", Failure.Code.brokenStream),
        ("HTTP/1.1 200 OK¶Transfer-Encoding: chunked¶¶3¶abc¶", .brokenStream),
        ("HTTP/1.1 200 OK¶Transfer-Encoding: chunked¶¶zz¶abc¶", .brokenStream),
        ("", .brokenAnswer), ("SSH-2.0-x¶", .brokenAnswer),
        ("HTTP/1.1 200 OK¶Content-Length: -5¶¶abc", .brokenAnswer),
    ])
    func namesWhatBroke(answer: String, code: Failure.Code) throws {
        let (_, error) = try served(answer)
        #expect(error?.failure.code == code && error?.failure.status == 502)
        #expect(error?.failure.message.hasPrefix("Backend request failed: ") == true)
    }

    /// libcurl sees nothing wrong with a head that is cut off; it is no answer all the same.
    @Test(arguments: ["HTTP/1.1 200 OK¶X-", "HTTP/1.1 200 OK¶X-A: 1¶", "HTTP/1.1 100 Continue¶¶"])
    func aHeadCutOffIsNoAnswer(answer: String) throws {
        #expect(try served(answer).0.head == nil)
    }

    @Test func refusesAHugeHead() throws {
        let fields = (0..<40).map { "X-\($0): \(String(repeating: "a", count: 1000))¶" }.joined()
        let (transfer, error) = try served("HTTP/1.1 200 OK¶\(fields)¶")
        #expect(
            transfer.head == nil && transfer.refusal == .headTooLarge && error?.failure.code == .brokenAnswer)
    }

    /// Promise 9: a public name that leads to this machine or to a private one is refused before anything is
    /// sent.
    @Test func refusesPrivateAddresses() throws {
        let provider = try Provider()
        let transfer = try #require(Transfer())
        let asked = try head("GET /v1/x")
        let candidate = try planned(settings([provider.upstream]), asked).candidates[0]
        Call(relaying: asked, Endpoint(asked), to: candidate, Credential(key: "sk-1", isOurs: true))
            .prepare(transfer, body: .none)
        #expect(transfer.allowsPrivate)
        transfer.allowsPrivate = false
        #expect(try provider.hear(transfer).isEmpty)
        let error = TransferError(try #require(transfer.result), transfer, provider.upstream)
        #expect(transfer.refusal == .privateAddress && error?.failure.code == .addressRefused)
        #expect(error?.failure.message.contains("'main'") == true)
    }

    /// So it is where libcurl makes the connection alone.
    @Test func refusesPrivateAddressesOfSockets() throws {
        let provider = try Provider()
        var upstream = provider.upstream
        upstream.base = URL(scheme: .ws, host: "127.0.0.1", port: provider.upstream.base?.port)
        let transfer = try #require(Transfer())
        Call(upstream: upstream, method: "GET", target: "/t", fields: [])
            .prepare(transfer, message: Array("{}".utf8), Settings::Limits())
        #expect(transfer.allowsPrivate)
        transfer.allowsPrivate = false
        #expect(try provider.hear(transfer).isEmpty)
        #expect(transfer.refusal == .privateAddress)
    }

    @Test func namesWhoDoesNotListen() throws {
        let provider = try Provider()
        let transfer = try #require(Transfer())
        let gone = try Listener.open("127.0.0.1:0")
        let port = try #require(gone.name.split(separator: ":").last.flatMap { Int($0) })
        gone.close()
        transfer.aim(at: URL(scheme: .http, host: "127.0.0.1", port: port))
        transfer.set(CURLOPT_PROXY, "")
        transfer.allowsPrivate = true
        _ = try provider.hear(transfer)
        let error = TransferError(try #require(transfer.result), transfer, provider.upstream)
        #expect(error?.failure.code == .unreachable)
    }

    @Test func tellsResultsApart() throws {
        let table: [(CURLcode, Failure.Code, Int)] = [
            (CURLE_COULDNT_RESOLVE_HOST, .unreachable, 502), (CURLE_COULDNT_CONNECT, .unreachable, 502),
            (CURLE_OPERATION_TIMEDOUT, .connectTimeout, 504),
            (CURLE_PEER_FAILED_VERIFICATION, .untrusted, 502),
            (CURLE_SSL_CONNECT_ERROR, .untrusted, 502), (CURLE_SSL_CACERT_BADFILE, .untrusted, 502),
            (CURLE_GOT_NOTHING, .brokenAnswer, 502), (CURLE_RECV_ERROR, .brokenAnswer, 502),
            (CURLE_SEND_ERROR, .brokenAnswer, 502), (CURLE_WEIRD_SERVER_REPLY, .brokenAnswer, 502),
        ]
        let transfer = try #require(Transfer())
        for (result, code, status) in table {
            let failure = try #require(TransferError(result, transfer, upstream())).failure
            #expect(
                failure.code == code && failure.status == status
                    && failure.message.hasPrefix("Backend request "))
        }
        #expect(TransferError(CURLE_OK, transfer, upstream()) == nil)
        var slow = upstream()
        slow.timeout.connect = 1500
        let late = try #require(TransferError(CURLE_OPERATION_TIMEDOUT, transfer, slow)).failure
        #expect(late.message == "Backend request timeout: no connection within 1500 ms.")
    }
}
