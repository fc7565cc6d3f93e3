// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Responses

@Suite struct ClientTests {
    private let client = Client()

    @Test func knowsItsPaths() {
        #expect(
            client.isConversation(path: "/v1/responses")
                && !client.isConversation(path: "/v1/chat/completions"))
        #expect(client.isCount(path: "/v1/responses/input_tokens") && !client.isCount(path: "/v1/responses"))
        #expect(
            client.bearsModel(path: "/v1/responses") && client.bearsModel(path: "/v1/responses/input_tokens"))
        #expect(client.marksEnd(path: "/v1/responses") && client.requestIDField == "x-request-id")
    }

    @Test func writesCountsModelsAndPings() {
        var bytes: [UInt8] = []
        client.writeCount(7, to: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self) == #"{"object":"response.input_tokens","input_tokens":7}"#)
        bytes = []
        client.writeModels(["a", "b"], to: &bytes)
        #expect((try? Document(bytes).root["data"]?[1]?["id"]?.string) == "b")
        #expect(Responder().readModels(bytes) == ["a", "b"])
        bytes = []
        client.writeModel("a", to: &bytes)
        #expect((try? Document(bytes).root["object"]?.string) == "model")
    }

    @Test("T153: a ping is a comment") func pings() {
        var bytes: [UInt8] = []
        client.writePing(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == ": keep-alive\n\n")
    }

    @Test("T130 T132 T136 T137: failures have OpenAI's form, status and words") func failures() throws {
        let cases: [(Failure, Int, String, String?)] = [
            (Failure(.invalidMember, "x", param: "input.0"), 400, "invalid_request_error", "invalid_type"),
            (Failure(.contextOverflow, "x"), 400, "invalid_request_error", "context_length_exceeded"),
            (Failure(.quotaExhausted, "x"), 429, "insufficient_quota", "insufficient_quota"),
            (Failure(.upstreamRateLimit, "x"), 429, "rate_limit_error", "rate_limit_exceeded"),
            (Failure(.upstreamOverloaded, "x", status: 529), 503, "server_error", "overloaded"),
            (Failure(.upstreamFault, "x", status: 520), 502, "server_error", "server_error"),
            (Failure(.upstreamPermission, "x"), 403, "invalid_request_error", "permission_denied"),
            (Failure(.unknownModel, "x"), 404, "invalid_request_error", "model_not_found"),
            (Failure(.upstreamInvalid, "x"), 400, "invalid_request_error", nil),
        ]
        for (failure, status, type, code) in cases {
            var bytes: [UInt8] = []
            client.writeFailure(failure, id: "1", to: &bytes)
            let error = try Document(bytes).root["error"]
            #expect(client.status(of: failure) == status, "\(failure)")
            #expect(error?["type"]?.string == type && error?["code"]?.string == code)
            #expect(error?["param"]?.string == failure.param && error?["message"]?.string == "x")
        }
    }

    @Test("T41: thoughts that we sealed are cut out of a relayed body, and nothing else is changed")
    func mends() throws {
        #expect(client.mend(Array(#"{"input":"eflt1:"}"#.utf8)) == nil)
        #expect(
            client.mend(Array(#"{"input":[{"type":"reasoning","encrypted_content":"gAAA"}]}"#.utf8)) == nil)
        let ours = #"{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"eflt1:abc"}"#
        let body =
            #"{ "model": "m", "input": [{"role":"user","content":"eflt1:"}, \#(ours) , {"id":"x"}], "z":1.0 }"#
        let mended = try #require(client.mend(Array(body.utf8)))
        #expect(
            String(decoding: mended.body, as: UTF8.self)
                == #"{ "model": "m", "input": [{"role":"user","content":"eflt1:"},{"id":"x"}], "z":1.0 }"#)
        #expect(mended.losses.map(\.path) == ["input.1"])
    }

    @Test func marksTheEndOfARelayedAnswer() {
        #expect(Names.landmarks.stop("in_progress") == nil && Names.landmarks.stop("completed") == .finished)
        #expect(
            Names.landmarks.stop("content_filter") == .filtered
                && Names.landmarks.stop("incomplete") == .length)
    }
}
