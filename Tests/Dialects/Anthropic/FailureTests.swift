// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Anthropic

@Suite struct FailureTests {
    private func body(_ failure: Failure, id: String = "") throws -> Value {
        var bytes: [UInt8] = []
        client.writeFailure(failure, id: id, to: &bytes)
        return try Document(bytes).root
    }

    @Test("T135: the body names the request, where it has a name")
    func writes() throws {
        let failure = Failure(.unknownModel, "model: claude-zzz")
        #expect(
            text(try body(failure, id: "req_1"))
                == #"{"type":"error","error":{"type":"not_found_error","message":"model: claude-zzz"},"request_id":"req_1"}"#
        )
        #expect(try body(failure)["request_id"] == nil)
    }

    @Test("an event of the same form", arguments: [Failure.Code.silence])
    func writesEvents(code: Failure.Code) throws {
        var bytes: [UInt8] = []
        client.writeFailureEvent(Failure(code, "late"), to: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"timeout_error\",\"message\":\"late\"}}\n\n"
        )
    }

    @Test(
        "every failure has Anthropic's status and word",
        arguments: [
            (Failure.Code.invalidJSON, 400, "invalid_request_error"),
            (.upstreamInvalid, 400, "invalid_request_error"),
            (.contentRefused, 400, "invalid_request_error"), (.missingKey, 401, "authentication_error"),
            (.upstreamKey, 401, "authentication_error"), (.quotaExhausted, 402, "billing_error"),
            (.upstreamPermission, 403, "permission_error"), (.unknownModel, 404, "not_found_error"),
            (.upstreamNotFound, 404, "not_found_error"), (.wrongMethod, 405, "invalid_request_error"),
            (.slowBody, 408, "invalid_request_error"), (.upstreamConflict, 409, "conflict_error"),
            (.bodyTooLarge, 413, "request_too_large"), (.upstreamTooLarge, 413, "request_too_large"),
            (.upstreamRateLimit, 429, "rate_limit_error"), (.internalError, 500, "api_error"),
            (.unreachable, 502, "api_error"), (.brokenAnswer, 502, "api_error"),
            (.upstreamTimeout, 504, "timeout_error"), (.firstByteTimeout, 504, "timeout_error"),
            (.upstreamOverloaded, 529, "overloaded_error"), (.full, 529, "overloaded_error"),
            (.stopping, 529, "overloaded_error"),
        ])
    func hasStatus(code: Failure.Code, status: Int, word: String) throws {
        let failure = Failure(code, "x")
        #expect(client.status(of: failure) == status)
        #expect(try body(failure)["error"]?["type"]?.string == word)
    }

    @Test func translatesStatuses() {
        #expect(client.status(of: Failure(.upstreamInvalid, "x", status: 422)) == 400)
        #expect(client.status(of: Failure(.upstreamFault, "x", status: 500)) == 500)
        #expect(client.status(of: Failure(.upstreamFault, "x", status: 524)) == 502)
        #expect(client.status(of: Failure(.badHTTP, "x", status: 431)) == 431)
    }

    @Test(
        "T130: a conversation that is too long begins with the words that Claude Code knows",
        arguments: [
            ("maximum context length is 8192", "prompt is too long: maximum context length is 8192"),
            ("prompt is too long: 2 > 1", "prompt is too long: 2 > 1"),
        ])
    func tellsOverflow(message: String, told: String) throws {
        let failure = Failure(.contextOverflow, message)
        #expect(try body(failure)["error"]?["message"]?.string == told && client.status(of: failure) == 400)
    }

    private func reading(_ status: Int, _ body: String) -> Failure {
        Messages().readFailure(status: status, body: Array(body.utf8), provider())
    }

    @Test(
        "T136 T137: an upstream's type decides, then its status",
        arguments: [
            (400, "invalid_request_error", Failure.Code.upstreamInvalid),
            (401, "authentication_error", .upstreamKey),
            (402, "billing_error", .quotaExhausted), (403, "permission_error", .upstreamPermission),
            (404, "not_found_error", .upstreamNotFound), (409, "conflict_error", .upstreamConflict),
            (413, "request_too_large", .upstreamTooLarge), (429, "rate_limit_error", .upstreamRateLimit),
            (500, "api_error", .upstreamFault), (504, "timeout_error", .upstreamTimeout),
            (529, "overloaded_error", .upstreamOverloaded), (422, "odd_error", .upstreamInvalid),
            (503, "odd_error", .upstreamOverloaded), (408, "odd", .upstreamTimeout),
            (521, "odd", .upstreamFault),
        ])
    func reads(status: Int, type: String, code: Failure.Code) {
        let failure = reading(status, #"{"type":"error","error":{"type":"\#(type)","message":"m"}}"#)
        #expect(failure.code == code && failure.message == "m" && failure.word == type)
        #expect(failure.isFinal == (code == .quotaExhausted))
    }

    @Test(
        "T133: errors of all forms, and of none",
        arguments: [
            (#"{"error":{"message":"m","code":5,"type":null}}"#, "m"), (#"{"error":"m"}"#, "m"),
            (#"{"message":"m"}"#, "m"), (#"{"detail":"m"}"#, "m"),
            ("<html><h1>502</h1>\n<p>Bad  gateway</p></html>", "The provider answered with status 500."),
            (" plain words\n", "plain words"), ("", "The provider answered with status 500."),
            ("[1]", "The provider answered with status 500."),
        ])
    func readsAllForms(body: String, message: String) {
        let failure = reading(500, body)
        #expect(failure.code == .upstreamFault && failure.message == message && failure.status == 500)
    }

    @Test func cutsLongMessages() {
        #expect(reading(400, String(repeating: "x", count: 9000)).message.utf8.count == 2000)
    }

    @Test("T130: an overflow is recognised by Anthropic's words, and others")
    func readsOverflow() {
        for message in [
            "prompt is too long: 215000 tokens > 200000 maximum", "exceeded model token limit: 8",
        ] {
            #expect(
                reading(400, #"{"error":{"type":"invalid_request_error","message":"\#(message)"}}"#).code
                    == .contextOverflow)
        }
        let limit = reading(
            429, #"{"error":{"type":"rate_limit_error","message":"too many tokens, rate limit"}}"#)
        #expect(limit.code == .upstreamRateLimit)
    }

    @Test("an empty account is no reason to try again")
    func readsBilling() {
        let failure = reading(
            400,
            #"{"error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API"}}"#
        )
        #expect(failure.code == .quotaExhausted && failure.isFinal)
    }

    @Test("T168: a level of effort that the model does not have is changed once")
    func amends() {
        var request = asking()
        request.thinking = Thinking(effort: .xhigh)
        let refusal = Failure(
            .upstreamInvalid, "This model does not support effort level 'xhigh'. Supported levels: high, low."
        )
        #expect(Messages().amend(&request, after: refusal, provider()))
        #expect(request.thinking?.effort == .high)
        #expect(!Messages().amend(&request, after: refusal, provider()))
        #expect(!Messages().amend(&request, after: Failure(.upstreamInvalid, "no"), provider()))
    }
}
