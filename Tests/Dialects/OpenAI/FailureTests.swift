// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import OpenAI

@Suite struct FailureBodyTests {
    private func body(_ failure: Failure) -> String {
        var bytes: [UInt8] = []
        OpenAI.client.writeFailure(failure, id: "", to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [
        (Failure.Code.invalidJSON, "invalid_request_error", #""invalid_json""#),
        (.invalidMember, "invalid_request_error", #""invalid_type""#),
        (.missingMember, "invalid_request_error", #""missing_required_parameter""#),
        (.bodyTooLarge, "invalid_request_error", #""request_too_large""#),
        (.unknownModel, "invalid_request_error", #""model_not_found""#),
        (.unknownEndpoint, "invalid_request_error", "null"),
        (.wrongMethod, "invalid_request_error", #""method_not_supported""#),
        (.missingKey, "invalid_request_error", #""missing_api_key""#),
        (.refusedKey, "invalid_request_error", #""invalid_api_key""#),
        (.foreignOrigin, "request_forbidden", #""origin_not_allowed""#),
        (.full, "service_unavailable_error", #""server_is_overloaded""#),
        (.connectTimeout, "relay_error", #""timeout""#), (.unreachable, "relay_error", #""backend_error""#),
        (.internalError, "server_error", #""internal_error""#), (.badHTTP, "invalid_request_error", "null"),
    ])
    func hasItsWords(code: Failure.Code, type: String, word: String) {
        let expected = #"{"error":{"message":"why","type":"\#(type)","param":null,"code":\#(word)}}"#
        #expect(body(Failure(code, "why")) == expected)
    }

    /// All four members stand in every error, whatever is in it (section 7.1).
    @Test(arguments: Failure.Code.allCases) func hasAllMembers(code: Failure.Code) throws {
        let failure = Failure(code, "a \"b\"\n\u{1}", param: "messages.0.content")
        let error = try #require(try Document(Array(body(failure).utf8)).root["error"])
        #expect(error["message"]?.string == failure.message && error["param"]?.string == "messages.0.content")
        #expect(error["type"]?.string?.isEmpty == false && error["code"] != nil)
        #expect(error.object?.members.map(\.name) == ["message", "type", "param", "code"])
    }

    @Test func aPingIsAComment() {
        var bytes: [UInt8] = []
        OpenAI.client.writePing(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == ": keep-alive\n\n")
    }

    @Test func listsModels() throws {
        var bytes: [UInt8] = []
        OpenAI.client.writeModels(["a", "b\"/c"], to: &bytes)
        let root = try Document(bytes).root
        #expect(root["object"]?.string == "list")
        #expect(root["data"]?.elements.map { $0["id"]?.string } == ["a", "b\"/c"])
        #expect(
            root["data"]?.elements.allSatisfy { $0["object"]?.string == "model" && $0["created"]?.int == 0 }
                == true)
        var one: [UInt8] = []
        OpenAI.client.writeModel("a", to: &one)
        #expect(try Document(one).root["id"]?.string == "a")
        var none: [UInt8] = []
        OpenAI.client.writeModels([], to: &none)
        #expect(String(decoding: none, as: UTF8.self) == #"{"object":"list","data":[]}"#)
    }

    @Test(
        "T132 T136 T137: failures of providers in OpenAI's words",
        arguments: [
            (Failure.Code.upstreamInvalid, 400, "invalid_request_error", "null"),
            (.contextOverflow, 400, "invalid_request_error", #""context_length_exceeded""#),
            (.upstreamKey, 401, "invalid_request_error", #""invalid_api_key""#),
            (.quotaExhausted, 429, "insufficient_quota", #""insufficient_quota""#),
            (.upstreamPermission, 403, "invalid_request_error", #""permission_denied""#),
            (.upstreamNotFound, 404, "invalid_request_error", "null"),
            (.upstreamConflict, 409, "invalid_request_error", #""conflict""#),
            (.upstreamTooLarge, 413, "invalid_request_error", #""request_too_large""#),
            (.upstreamRateLimit, 429, "rate_limit_error", #""rate_limit_exceeded""#),
            (.upstreamFault, 502, "server_error", "null"),
            (.upstreamOverloaded, 503, "server_error", #""overloaded""#),
            (.upstreamTimeout, 504, "server_error", #""timeout""#),
            (.unsupported, 400, "invalid_request_error", #""unsupported_value""#),
        ])
    func providers(code: Failure.Code, status: Int, type: String, word: String) {
        let failure = Failure(code, "why")
        #expect(OpenAI.client.status(of: failure) == status)
        #expect(body(failure).contains(#""type":"\#(type)""#) && body(failure).contains(#""code":\#(word)}"#))
    }

    @Test("T136: a status that only another API knows is told as OpenAI's own")
    func statuses() {
        #expect(OpenAI.client.status(of: Failure(.upstreamFault, "", status: 529)) == 503)
        #expect(OpenAI.client.status(of: Failure(.upstreamFault, "", status: 500)) == 500)
        #expect(OpenAI.client.status(of: Failure(.badHTTP, "", status: 431)) == 431)
    }

    @Test func providersWordsArePassedOn() {
        var failure = Failure(.upstreamInvalid, "why", param: "max_tokens")
        failure.word = "unsupported_parameter"
        #expect(body(failure).hasSuffix(#""param":"max_tokens","code":"unsupported_parameter"}}"#))
        failure.word = "invalid_request_error"
        #expect(body(failure).hasSuffix(#""code":null}}"#))
        failure = Failure(.contextOverflow, "why")
        failure.word = "exceed_context_size_error"
        #expect(body(failure).hasSuffix(#""param":"messages","code":"context_length_exceeded"}}"#))
        failure = Failure(.upstreamNotFound, "model: gpt-9")
        #expect(body(failure).hasSuffix(#""code":"model_not_found"}}"#))
    }
}
