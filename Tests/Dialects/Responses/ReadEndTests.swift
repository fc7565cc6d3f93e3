// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Responses

/// How answers end, and how they fail.
@Suite struct ReadEndTests: Streaming {
    @Test("T99: a refusal ends as one") func refusals() throws {
        let reply = try reply([created, added(0, message), delta("refusal", 0, "no"), completed])
        #expect(reply.items == [.refusal("no")] && reply.ending?.stop == .filtered)
    }

    @Test("T149: why an answer is incomplete") func incomplete() throws {
        for (reason, stop) in [
            ("max_output_tokens", Stop.length), ("content_filter", .filtered), ("zap", .length),
        ] {
            let end =
                #"{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"\#(reason)"}}}"#
            #expect(
                try reply([created, added(0, message), delta("output_text", 0, "a"), end]).ending?.stop
                    == stop)
        }
    }

    @Test("T170: a call that the limit cut is closed") func cutCalls() throws {
        let end =
            #"{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}}}"#
        let reply = try reply([created, added(0, call("c")), delta("function_call_arguments", 0, "{"), end])
        #expect(reply.calls.map(\.arguments) == ["{"] && reply.ending?.stop == .length)
    }

    @Test(
        "T137 T204: an error, a failed response or both are one failure",
        arguments: [
            [#"{"type":"error","code":"CODE","message":"x"}"#],
            [#"{"type":"error","error":{"code":"CODE","message":"x"}}"#],
            [
                #"{"type":"response.failed","response":{"status":"failed","error":{"code":"CODE","message":"x"}}}"#
            ],
            [
                #"{"type":"error","error":{"type":"CODE","code":"CODE","message":"x"}}"#,
                #"{"type":"response.failed","response":{"status":"failed","error":{"code":"CODE","message":"x"}}}"#,
            ],
            [
                #"{"type":"response.completed","response":{"status":"failed","error":{"code":"CODE","message":"x"}}}"#
            ],
            [#"{"error":{"code":"CODE","message":"x"}}"#],
        ]) func failures(_ data: [String])
    {
        let codes: [(String, Failure.Code)] = [
            ("context_length_exceeded", .contextOverflow), ("insufficient_quota", .quotaExhausted),
            ("rate_limit_exceeded", .upstreamRateLimit), ("server_error", .upstreamFault),
            ("server_is_overloaded", .upstreamOverloaded), ("zap", .upstreamFault),
            ("invalid_prompt", .upstreamInvalid), ("429", .upstreamRateLimit),
        ]
        for (word, code) in codes {
            let found = events([created] + data.map { $0.replacing("CODE", with: word) } + [completed]).events
            #expect(found.count == 2 && fault(found) == nil)
            guard case .failure(let failure)? = found.last else {
                Issue.record("no failure in \(found)")
                continue
            }
            #expect(failure.code == code && failure.message == "x" && failure.word == word)
        }
    }

    @Test("T88 T89: a stream that just ends is broken") func ends() {
        for data in [
            [], [created], [created, added(0, message), delta("output_text", 0, "a")], [created, "[DONE]"],
        ] {
            guard case .failure(let failure)? = events(data).events.last else {
                Issue.record("no failure")
                continue
            }
            #expect(failure.code == .brokenStream)
        }
    }

    @Test("T74: nothing after the end counts") func afterTheEnd() {
        let found = events([created, completed, completed, delta("output_text", 0, "a"), "[DONE]"]).events
        #expect(found.count == 2 && fault(found) == nil)
    }

    @Test func whatIsNoJSONIsBroken() {
        for data in ["{", "7", "zap"] {
            guard case .failure(let failure)? = events([created, data]).events.last else {
                Issue.record("no failure")
                continue
            }
            #expect(failure.code == .brokenAnswer)
        }
    }

    @Test("T50 T51 T52 T86: whole answers that are none") func wholes() {
        let read = { (text: String) in ResponsesTests.events(whole: Array(text.utf8)).events }
        for (body, code) in [
            ("", Failure.Code.brokenAnswer), ("<html>", .brokenAnswer), ("{}", .brokenAnswer),
            ("[]", .brokenAnswer),
            (#"{"status":"queued","output":[]}"#, .brokenAnswer),
            (#"{"status":"failed","output":[]}"#, .upstreamFault),
            (#"{"error":"zap"}"#, .upstreamFault),
            (#"{"error":{"code":"rate_limit_exceeded"}}"#, .upstreamRateLimit),
        ] {
            guard case .failure(let failure)? = read(body).last else {
                Issue.record("no failure for \(body)")
                continue
            }
            #expect(failure.code == code, "\(body)")
        }
        #expect(fault(read("\u{FEFF}\n\n {\"output\":[]}")) == nil)
    }

    @Test("T49: numbers that are none") func oddUsage() throws {
        let cases: [(String, Usage?)] = [
            ("null", nil), ("{}", Usage()),
            (#"{"input_tokens":1.5,"output_tokens":"7"}"#, Usage(input: 1, output: 7)),
            (#"{"input_tokens":-1,"output_tokens":1e300}"#, Usage(input: 0, output: 1 << 40)),
        ]
        for (usage, expected) in cases {
            let body = Array(#"{"output":[],"usage":\#(usage)}"#.utf8)
            #expect(try Reply(folding: ResponsesTests.events(whole: body).events).usage == expected)
        }
    }

    @Test func readsCitationsAndProbabilities() throws {
        var request = asked()
        request.sampling.logprobs = true
        let note = #"{"type":"url_citation","url":"u","title":"t","start_index":0,"end_index":1}"#
        let streamed = [
            created, added(0, message), delta("output_text", 0, "a", #","logprobs":[{"token":"a"}]"#),
            #"{"type":"response.output_text.annotation.added","output_index":0,"annotation":\#(note)}"#,
            #"{"type":"response.output_text.annotation.added","output_index":0,"annotation":{"type":"file_citation"}}"#,
            done(
                0,
                #"{"type":"message","content":[{"type":"output_text","text":"a","annotations":[\#(note)]}]}"#),
            completed,
        ]
        let found = ResponsesTests.events(streamed, for: request)
        let expected = Reply.Text(
            text: "a", citations: [Citation(url: "u", title: "t")], logprobs: #"{"token":"a"}"#)
        #expect(try Reply(folding: found.events).items == [.text(expected)] && found.losses == [.citations])
        let whole = Array(
            #"{"output":[{"type":"message","content":[{"type":"output_text","text":"a","logprobs":[{"token":"a"}],"annotations":[\#(note)]}]}]}"#
                .utf8)
        #expect(
            try Reply(folding: ResponsesTests.events(whole: whole, for: request).events).items == [
                .text(expected)
            ])
    }

    @Test(
        "T133: refusals in every form",
        arguments: [
            (
                401, #"{"error":{"message":"bad","type":"invalid_request_error","code":null}}"#,
                Failure.Code.upstreamKey
            ),
            (
                429, #"{"error":{"message":"x","type":"insufficient_quota","code":"insufficient_quota"}}"#,
                .quotaExhausted
            ),
            (429, #"{"error":{"message":"x","code":429}}"#, .upstreamRateLimit), (500, "", .upstreamFault),
            (502, "<!DOCTYPE html><html><b>Bad</b> gateway</html>", .upstreamFault),
            (529, "{}", .upstreamOverloaded),
            (400, #"{"error":"prompt is too long: 9 > 8"}"#, .contextOverflow),
            (404, #"{"detail":"Not Found"}"#, .upstreamNotFound),
            (400, #"[{"error":{"message":"x"}}]"#, .upstreamInvalid),
            (422, #"{"detail":[{"msg":"x"}]}"#, .upstreamInvalid),
            (400, #"{"error":{"message":"x","code":"content_filter"}}"#, .contentRefused),
            (408, "", .upstreamTimeout),
            (400, #"{"error":{"message":"slow down: rate limit, too many tokens"}}"#, .upstreamInvalid),
        ]) func readFailures(_ status: Int, _ body: String, _ code: Failure.Code)
    {
        let failure = Responder().readFailure(status: status, body: Array(body.utf8), provider())
        #expect(failure.code == code)
        #expect(!failure.message.isEmpty && !failure.message.contains("<") && failure.message.count <= 2000)
        #expect(failure.isFinal == (code == .quotaExhausted))
    }

    @Test("T96: many small pieces of a call that waits cost their bytes") func manyPieces() throws {
        var data = [created, added(0, call("a")), added(1, call("b"))]
        for _ in 0..<20_000 { data.append(delta("function_call_arguments", 1, "xxxxxxxxxx")) }
        let found = events(data + [completed]).events
        #expect(found.count < 20 && fault(found) == nil)
        #expect(try Reply(folding: found).calls.last?.arguments.utf8.count == 200_000)
    }

    /// Whatever comes, in whatever order, the reply is one.
    @Test func anyOrderIsAReply() {
        let pieces = [
            created, added(0, message), delta("output_text", 0, "a"), delta("refusal", 0, "r"),
            added(1, call("c")),
            delta("function_call_arguments", 1, "{}"), done(0, message), done(1, call("c", "{}")),
            delta("reasoning_text", 2, "t"), added(0, call("d")), completed,
            #"{"type":"response.output_text.delta","output_index":9223372036854775807,"delta":"a"}"#,
            #"{"type":"response.output_item.added","output_index":-1,"item":\#(message)}"#,
        ]
        var seed: UInt64 = 7
        for _ in 0..<2_000 {
            var data: [String] = []
            for _ in 0..<12 {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                data.append(pieces[Int(seed >> 33) % pieces.count])
            }
            let found = events(data).events
            if let fault = fault(found) {
                Issue.record("\(fault) in \(data)")
                return
            }
        }
    }
}
