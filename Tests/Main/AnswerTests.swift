// SPDX-License-Identifier: MIT

import HTTP
import Model
import Testing
import Unix

@testable import edgefilter

@Suite struct AnswerTests {
    private let json = """
        {"id":"x", "model" : "glm-4.6","choices":[{"index":0,"message":{"content":"model \\"model\\""},\
        "finish_reason":"length"}],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12,\
        "prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":1}}}
        """
    private let usage = Usage(input: 9, output: 3, cached: 4, reasoning: 1)

    @Test func passesOpaqueContentOn() {
        let bytes: [UInt8] = (0...127).map { $0 }
        for type in ["audio/mpeg", "", "text/plain", "text/event-stream-not", "x"] {
            for pieces in bytes.splits {
                let passed = Passed(pieces, type: type, name: "m")
                #expect(passed.content == text(bytes) && passed.usage == Usage() && !passed.isComplete)
            }
        }
    }

    @Test(arguments: ["application/json", "application/problem+json", "Application/JSON; charset=utf-8"])
    func readsJSONInPassing(type: String) {
        for pieces in Array(json.utf8).splits {
            let passed = Passed(pieces, type: type)
            #expect(passed.content == json && passed.usage == usage && passed.stop == .length)
            #expect(!passed.hasFailed && passed.code == nil)
        }
    }

    @Test func renamesInJSON() {
        let expected = json.replacing(#""glm-4.6""#, with: #""my \"best\" gpt-5""#)
        for pieces in Array(json.utf8).splits {
            let passed = Passed(pieces, type: "application/json", name: #"my "best" gpt-5"#)
            #expect(passed.content == expected && passed.usage == usage && passed.code == nil)
        }
        let twice =
            #"{"model":"a","response":{"model":"b"},"x":{"model":"c"},"model":7,"model":"longer-than"}"#
        for pieces in Array(twice.utf8).splits {
            let passed = Passed(pieces, type: "application/json", name: "mm")
            #expect(
                passed.content
                    == #"{"model":"mm","response":{"model":"mm"},"x":{"model":"c"},"model":7,"model":"mm"}"#)
        }
    }

    /// What says that it is JSON and is not goes on as it is.
    @Test(arguments: [
        "<html>", "{\"model\":\"a\",}", "{\"model\":\"a\"} x", "{\"a\":", "", "{\"model\":\"abc", "\u{1F}",
    ])
    func passesBrokenJSONOn(body: String) {
        for pieces in Array(body.utf8).splits {
            let passed = Passed(pieces, type: "application/json")
            #expect(passed.content == body && passed.code == nil)
        }
    }

    @Test(arguments: [
        (#"{"error":{"message":"no"}}"#, true), (#"{"error":"no"}"#, true), (#"{"error":null}"#, false),
        (#"{"x":{"error":1}}"#, false),
    ])
    func seesAnError(body: String, hasFailed: Bool) {
        #expect(Passed([Array(body.utf8)], type: "application/json").hasFailed == hasFailed)
        #expect(Passed([Array("data: \(body)\n\n".utf8)], type: "text/event-stream").hasFailed == hasFailed)
    }

    /// Far more than is ever held goes through, with a name in front.
    @Test func passesLongAnswersOn() {
        let long = #"{"model":"a","data":["\#(String(repeating: "x", count: 300_000))"],"model":"b"}"#
        let expected = #"{"model":"mm","data":["\#(String(repeating: "x", count: 300_000))"],"model":"mm"}"#
        let bytes = Array(long.utf8)
        for size in [1000, 65_536, 100_001] {
            let pieces = stride(from: 0, to: bytes.count, by: size).map {
                Array(bytes[$0..<min($0 + size, bytes.count)])
            }
            let passed = Passed(pieces, type: "application/json", name: "mm")
            #expect(passed.content == expected)
        }
    }

    @Test func framesWhatItPasses() throws {
        var answer = Answer(
            ResponseHead(200, ["Content-Type": "text/event-stream"]), framing: .chunked,
            landmarks: try httpSide().landmarks, client: caller, name: nil, eventLimit: 8 << 20)
        var (body, out) = (Buffer(), Buffer())
        #expect(answer.isStream && answer.isAtBoundary)
        body.append("data: a\n\ndata: b\n\ndata".utf8)
        try answer.take(&body, to: &out)
        // Whole events go on together, as one chunk.
        #expect(text(out.takeAll()) == "12\r\ndata: a\n\ndata: b\n\n\r\n")
        #expect(!answer.isAtBoundary && body.isEmpty && answer.sent == 18)
        let ended = answer.finish(to: &out)
        #expect(ended.isComplete && text(out.takeAll()) == "4\r\ndata\r\n0\r\n\r\n")
    }

    @Test func saysWhenItWasShort() throws {
        var answer = Answer(
            ResponseHead(200, ["Content-Type": "text/plain"]), framing: .counted(5),
            landmarks: try httpSide().landmarks, client: caller, name: nil, eventLimit: 8 << 20)
        var (body, out) = (Buffer(), Buffer())
        body.append("abc".utf8)
        try answer.take(&body, to: &out)
        let ended = answer.finish(to: &out)
        #expect(!ended.isComplete && text(out.takeAll()) == "abc")
    }
}
