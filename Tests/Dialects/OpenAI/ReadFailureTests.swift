// SPDX-License-Identifier: MIT

import Model
import Testing

@testable import OpenAI

/// Answers of 400 and above, in whatever form.
@Suite struct ReadFailureTests {
    private func read(_ status: Int, _ body: String, _ provider: Provider = provider()) -> Failure {
        Chat().readFailure(status: status, body: Array(body.utf8), provider)
    }

    @Test(
        "each status has its meaning",
        arguments: [
            (400, Failure.Code.upstreamInvalid), (405, .upstreamInvalid), (415, .upstreamInvalid),
            (422, .upstreamInvalid), (418, .upstreamInvalid), (401, .upstreamKey), (402, .quotaExhausted),
            (403, .upstreamPermission), (404, .upstreamNotFound), (408, .upstreamTimeout),
            (409, .upstreamConflict),
            (413, .upstreamTooLarge), (429, .upstreamRateLimit), (500, .upstreamFault), (502, .upstreamFault),
            (503, .upstreamOverloaded), (504, .upstreamTimeout), (520, .upstreamFault),
            (529, .upstreamOverloaded),
        ])
    func statuses(status: Int, code: Failure.Code) {
        let failure = read(status, #"{"error":{"message":"m","type":null,"param":"p","code":null}}"#)
        #expect(failure.code == code && failure.message == "m" && failure.param == "p")
        #expect(failure.status == (status == 500 ? 500 : code.kind.status))
    }

    @Test(
        "T133: every form of a complaint",
        arguments: [
            #"{"error":{"message":"m","type":"t","param":null,"code":"c"}}"#,
            #"{"error":{"message":"m","code":400}}"#,
            #"{"error":{"message":"m","code":"400"}}"#, #"{"error":"m"}"#,
            #"{"object":"error","message":"m","type":"BadRequestError","param":null,"code":400}"#,
            #"[{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}}]"#, #"{"detail":"m"}"#,
            #"{"detail":[{"loc":["body"],"msg":"m","type":"x"}]}"#, #"{"message":"m"}"#, #"{"msg":"m"}"#,
            #"{"statusCode":400,"message":"m"}"#, #"{"error":{"message":{"detail":1},"msg":"m"}}"#,
            "m", "  m\n", "\u{FEFF}{\"error\":\"m\"}", #""m""#,
        ])
    func forms(body: String) {
        #expect(read(400, body).message == "m" && read(400, body).code == .upstreamInvalid)
    }

    @Test(
        "T133: pages and nothing become a sentence",
        arguments: [
            "", " ", "<html><head><title>502 Bad Gateway</title></head></html>",
            "<!DOCTYPE html><p>key sk-1</p>",
            "{}", "[]", "null", "7", #"{"error":{}}"#, #"{"error":{"message":"<html><b>x</b></html>"}}"#,
        ])
    func pages(body: String) {
        #expect(read(502, body).message == "The provider answered with status 502.")
    }

    @Test func longMessagesAreCut() {
        #expect(read(400, String(repeating: "x", count: 9_000)).message.count == 2_000)
        let body = #"{"error":{"message":"\#(String(repeating: "é", count: 9_000))"}}"#
        #expect(read(400, body).message.count == 2_000)
    }

    @Test(
        "T130: a conversation that is too long, in the words of many",
        arguments: [
            #"{"error":{"message":"This model's maximum context length is 8192 tokens","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#,
            #"{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error","n_ctx":4096}}"#,
            #"{"object":"error","message":"This model's maximum context length is 100 tokens. Please reduce the length of the messages","type":"BadRequestError","code":400}"#,
            #"{"error":{"message":"Range of input length should be [1, 98304]","code":"invalid_parameter_error"}}"#,
            #"[{"error":{"code":400,"message":"The input token count (9) exceeds the maximum number of tokens allowed (8)"}}]"#,
            #"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"message\":\"prompt is too long: 9 tokens\"}}","provider_name":"p"}}}"#,
        ])
    func overflow(body: String) {
        #expect(read(400, body).code == .contextOverflow)
    }

    @Test("T130: a limit that passes is no overflow")
    func noOverflow() {
        let body =
            #"{"error":{"message":"Rate limit reached: too many tokens per minute","code":"rate_limit_exceeded"}}"#
        #expect(read(429, body).code == .upstreamRateLimit)
    }

    @Test("T132: quota that is spent, but for those who mean something else by it")
    func quota() {
        let body = #"{"error":{"message":"m","type":"insufficient_quota","code":"insufficient_quota"}}"#
        #expect(read(429, body).code == .quotaExhausted && read(429, body).isFinal)
        #expect(read(429, body, provider("qwen")).code == .upstreamRateLimit)
        #expect(!read(429, body, provider("qwen")).isFinal)
        for word in ["credit_balance_exhausted", "Arrearage", "billing_hard_limit_reached"] {
            #expect(read(400, #"{"error":{"message":"m","code":"\#(word)"}}"#).code == .quotaExhausted)
        }
    }

    @Test("words that mean more than their status")
    func words() {
        let azure =
            #"{"error":{"code":"content_filter","message":"m","param":"prompt","type":null,"status":400}}"#
        #expect(read(400, azure).code == .contentRefused && read(400, azure).isFinal)
        #expect(
            read(400, #"{"error":{"message":"m","code":"data_inspection_failed"}}"#).code == .contentRefused)
        #expect(read(400, #"{"error":{"message":"m","code":"model_not_found"}}"#).code == .upstreamNotFound)
        #expect(read(403, #"{"error":{"message":"m","code":"model_not_found"}}"#).code == .upstreamPermission)
        #expect(
            read(400, #"{"error":{"message":"m","code":"unsupported_parameter"}}"#).word
                == "unsupported_parameter")
    }

    @Test("a router's own words and those of the one that it asked")
    func routers() {
        let body =
            #"{"error":{"code":429,"message":"Provider returned error","metadata":{"raw":"slow down","provider_name":"p"}},"user_id":"u"}"#
        let failure = read(429, body)
        #expect(failure.message == "Provider returned error: slow down" && failure.code == .upstreamRateLimit)
    }

    @Test("T179: what a model generated in vain is not told")
    func generated() {
        let body = #"{"error":{"message":"m","code":"tool_use_failed","failed_generation":"secret"}}"#
        #expect(read(400, body) == Failure(.upstreamInvalid, "m").with(word: "tool_use_failed"))
    }
}

extension Failure {
    fileprivate func with(word: String) -> Failure {
        var failure = self
        failure.word = word
        return failure
    }
}
