// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import OpenAI

/// Why an answer ended, and what it cost.
@Suite struct ReadEndingTests {
    @Test(arguments: [
        ("stop", Stop.finished), ("STOP", .finished), ("eos", .finished), ("eos_token", .finished),
        ("end_turn", .finished), ("COMPLETE", .finished), ("whatever", .finished), ("length", .length),
        ("MAX_TOKENS", .length), ("model_length", .length), ("context_window_exceeded", .length),
        ("repetition_truncation", .length), ("content_filter", .filtered), ("SAFETY", .filtered),
        ("sensitive", .filtered), ("RECITATION", .filtered), ("tool_calls", .finished),
        ("tool_use", .finished),
    ])
    func words(word: String, stop: Stop) throws {
        #expect(try folded(events([chunk(#""content":"a""#, finish: word)])).ending == Ending(stop))
    }

    @Test("T46: a call decides, but for length and filter")
    func calls() throws {
        let call = #"{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}"#
        let expected: [(String, Stop)] = [
            ("stop", .toolCall), ("tool_calls", .toolCall), ("length", .length),
            ("content_filter", .filtered),
        ]
        for (word, stop) in expected {
            let reply = try folded(events([callChunk(call, finish: word)]))
            #expect(reply.ending == Ending(stop) && reply.calls.count == 1)
        }
        #expect(
            try folded(whole(answer(#""content":"x","tool_calls":[]"#, finish: "tool_calls"))).ending?.stop
                == .finished)
    }

    @Test("T85: empty words are none")
    func emptyWords() throws {
        let data = [chunk(#""content":"a""#, finish: ""), chunk("", finish: "null")]
        #expect(failure(events(data, isDone: false))?.code == .brokenStream)
    }

    @Test(
        "T90: words of failures fail",
        arguments: ["error", "network_error", "insufficient_system_resource", "abort"])
    func failures(word: String) {
        #expect(failure(events([chunk(#""content":"a""#), chunk("", finish: word)]))?.code == .upstreamFault)
    }

    @Test("T72 T73 T173: two finish chunks are one end, what they carry is kept")
    func twoFinishes() throws {
        let last = #"{"index":0,"id":"a","function":{"name":"f","arguments":"{\"q\":1}"}}"#
        let all = events([
            callChunk(last, finish: "tool_calls"), chunk("", finish: "stop"),
            chunk(#""content":"""#, #","usage":{"prompt_tokens":3,"completion_tokens":4}"#),
        ])
        let reply = try folded(all)
        #expect(reply.calls == [ToolCall(id: "a", name: "f", arguments: #"{"q":1}"#)])
        #expect(reply.ending == Ending(.toolCall) && reply.usage == Usage(input: 3, output: 4))
        let text = events([
            chunk(#""content":"a""#), chunk(#""content":"b""#, finish: "length"), chunk("", finish: "stop"),
        ])
        #expect(try folded(text).text == "ab")
        #expect(text.last == .end(Ending(.length)))
    }

    @Test("T174: an error after the finish chunk wins")
    func errorAfterFinish() {
        let error =
            #"{"error":{"code":400,"message":"Token limit reached"},"choices":[{"index":0,"delta":{"content":""}}]}"#
        let all = events([chunk(#""content":"a""#, finish: "length"), error])
        #expect(failure(all)?.message == "Token limit reached" && failure(all)?.status == 400)
    }

    @Test(
        "T90 T179: errors in the middle, in every form",
        arguments: [
            (#"{"error":{"message":"boom","code":502}}"#, Failure.Code.upstreamFault),
            (#"{"error":"boom"}"#, .upstreamFault),
            (#"{"object":"error","message":"boom","type":"BadRequestError","code":400}"#, .upstreamInvalid),
            (#"{"error":{"message":"boom","type":"server_error","code":null},"choices":[]}"#, .upstreamFault),
            (
                #"{"id":"x","error":{"code":429,"message":"boom"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}"#,
                .upstreamRateLimit
            ),
            (#"{"error":{"message":"boom","type":"overloaded_error"}}"#, .upstreamOverloaded),
            (#"{"error":{"message":"boom","code":"insufficient_quota"}}"#, .quotaExhausted),
            (#"[{"error":{"code":503,"message":"boom","status":"UNAVAILABLE"}}]"#, .upstreamOverloaded),
        ])
    func errors(data: String, code: Failure.Code) {
        let all = events([chunk(#""content":"par""#), data, chunk(#""content":"no""#)])
        #expect(failure(all)?.code == code && failure(all)?.message == "boom")
        #expect(all.count == 4)
        #expect(events([data]).count == 1 && failure(events([data]))?.code == code)
    }

    @Test("T179: an event named error is never a chunk")
    func errorEvent() {
        var reader = Chat().replyReader(
            for: request(user), Outgoing(), provider())
        var all: [Event] = []
        let data =
            #"{"error":{"message":"bad call","type":"invalid_request_error","code":"tool_use_failed","#
            + #""failed_generation":"<x>","status_code":400}}"#
        reader.read(event: Array("error".utf8), data: Array(data.utf8), to: &all)
        reader.finish(to: &all)
        #expect(
            all.count == 1 && failure(all)?.code == .upstreamInvalid && failure(all)?.message == "bad call")
        #expect(failure(all)?.word == "tool_use_failed")
        var plain = Chat().replyReader(
            for: request(user), Outgoing(), provider())
        all = []
        plain.read(event: Array("error".utf8), data: Array("backend gone".utf8), to: &all)
        #expect(failure(all)?.message == "backend gone")
    }

    @Test func nonsenseIsAFailure() {
        #expect(failure(events(["<html>"]))?.code == .brokenAnswer)
        #expect(failure(events([#"{"choices":"#]))?.code == .brokenAnswer)
    }

    @Test(
        "T70: usage wherever it stands, the last that says anything",
        arguments: [
            [
                chunk(
                    #""content":"a""#, finish: "stop", #","usage":{"prompt_tokens":5,"completion_tokens":7}"#)
            ],
            [
                #"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7}}"#,
                chunk(#""content":"a""#, finish: "stop"),
            ],
            [
                chunk(#""content":"a""#, #","usage":{"prompt_tokens":5,"completion_tokens":1}"#),
                chunk("", finish: "stop", #","usage":{"prompt_tokens":5,"completion_tokens":7}"#),
                #"{"choices":[],"usage":null}"#,
            ],
            [
                #"{"id":"c","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop","usage":{"prompt_tokens":5,"completion_tokens":7}}]}"#
            ],
            [
                chunk(
                    #""content":"a""#, finish: "stop",
                    #","x_groq":{"usage":{"prompt_tokens":5,"completion_tokens":7}}"#)
            ],
            [
                chunk(
                    #""content":"a""#, finish: "stop", #","usage":{"prompt_tokens":5,"completion_tokens":7}"#),
                #"{"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}}"#,
            ],
        ])
    func usages(data: [String]) throws {
        #expect(try folded(events(data)).usage == Usage(input: 5, output: 7))
    }

    @Test(
        "T171: reasoning that is counted beside the answer is counted",
        arguments: [
            (
                #"{"prompt_tokens":291,"completion_tokens":26,"total_tokens":513,"completion_tokens_details":{"reasoning_tokens":196}}"#,
                291, 222, 196, 26
            ),
            (#"{"prompt_tokens":35,"completion_tokens":12,"total_tokens":109}"#, 35, 74, 0, 12),
            (#"{"prompt_tokens":43,"completion_tokens":10}"#, 43, 10, 0, nil),
            (#"{"prompt_tokens":43,"completion_tokens":10,"total_tokens":40}"#, 43, 10, 0, nil),
            (
                #"{"prompt_tokens":4,"completion_tokens":10,"total_tokens":14,"completion_tokens_details":{"reasoning_tokens":11}}"#,
                4, 10, 10, nil
            ),
        ])
    func reasoning(usage: String, input: Int, output: Int, reasoning: Int, billed: Int?) throws {
        let told = try #require(Usage(chat: json(usage)))
        #expect(told.input == input && told.output == output && told.reasoning == reasoning)
        #expect(told.billed == billed.map { Usage.Billed(input: input, output: $0) })
    }

    @Test(
        "T48: cached tokens under every name; more of them than there are is all",
        arguments: [
            (
                #"{"prompt_tokens":100,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":80,"cache_write_tokens":5}}"#,
                80, 5
            ),
            (
                #"{"prompt_tokens":100,"completion_tokens":1,"prompt_cache_hit_tokens":80,"prompt_cache_miss_tokens":20}"#,
                80, 0
            ),
            (#"{"prompt_tokens":100,"completion_tokens":1,"cached_tokens":80}"#, 80, 0),
            (
                #"{"prompt_tokens":100,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":180,"cache_creation_tokens":7}}"#,
                100, 7
            ),
            (#"{"prompt_tokens":100,"completion_tokens":1,"prompt_tokens_details":null}"#, 0, 0),
        ])
    func cached(usage: String, cached: Int, written: Int) throws {
        let told = try #require(Usage(chat: json(usage)))
        #expect(told.input == 100 && told.cached == cached && told.written == written)
    }

    @Test("T49: numbers in any form are integers, none are none")
    func numbers() {
        #expect(
            Usage(chat: json(#"{"prompt_tokens":"9","completion_tokens":2.0}"#)) == Usage(input: 9, output: 2)
        )
        #expect(
            Usage(chat: json(#"{"prompt_tokens":1e300,"completion_tokens":-4}"#))
                == Usage(input: Usage.sane.upperBound))
        for none in ["null", "{}", "[]", #"{"prompt_tokens":null}"#, "7"] {
            #expect(Usage(chat: json(none)) == nil)
        }
    }
}
