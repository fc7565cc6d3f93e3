// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Responses

@Suite struct WriteReplyTests {
    static let all: [Event] = [
        .begin(Beginning(id: "x", model: "y")), .open(.reasoning), .delta(.text("hm")), .delta(.text("m")),
        .delta(.seal("s")), .close, .open(.redacted("r")), .close, .open(.text), .delta(.text("Hél")),
        .delta(.text("lo")), .delta(.citation(Citation(url: "u", title: ""))), .close,
        .open(.call(id: "c1", name: "f", isCustom: false)), .delta(.text(#"{"a""#)), .delta(.text(":1}")),
        .close,
        .open(.call(id: "c2", name: "g", isCustom: false)), .close,
        .open(.call(id: "c3", name: "h", isCustom: true)), .delta(.text("free")), .close, .open(.refusal),
        .delta(.text("no")), .close,
        .usage(Usage(input: 9, output: 3, cached: 4, written: 2, reasoning: 1)), .end(Ending(.toolCall)),
    ]

    private static let words: [Event] = [
        .begin(Beginning()), .open(.text), .delta(.text("hi")), .close, .usage(Usage(input: 1, output: 1)),
    ]

    private func names(_ bytes: [UInt8]) throws -> [String] {
        try parsed(bytes).map { $0.name.replacing("response.", with: "") }
    }

    @Test("T148 T190 T192 T194: the stream of everything passes the SDK's checks") func invariants() throws {
        #expect(try faults(stream(WriteReplyTests.all)) == [])
    }

    @Test("T148: for every reply, cut off anywhere") func cutOff() throws {
        for count in WriteReplyTests.all.indices {
            let events = WriteReplyTests.all[..<count] + [.failure(Failure(.brokenStream, "x"))]
            #expect(try faults(stream(Array(events))) == [], "\(count)")
        }
    }

    @Test func streamsInOrder() throws {
        let written = try names(stream(WriteReplyTests.words + [.end(Ending(.finished))]))
        #expect(
            written == [
                "created", "in_progress", "output_item.added", "content_part.added", "output_text.delta",
                "output_text.done", "content_part.done", "output_item.done", "completed",
            ])
    }

    @Test func streamsThoughtsAndCalls() throws {
        let written = try names(stream(WriteReplyTests.all))
        #expect(
            written.dropFirst(2).prefix(9) == [
                "output_item.added", "reasoning_summary_part.added", "reasoning_summary_text.delta",
                "reasoning_summary_text.delta", "reasoning_summary_text.done", "reasoning_summary_part.done",
                "output_item.done", "output_item.added", "output_item.done",
            ])
        #expect(written.contains("output_text.annotation.added") && written.contains("refusal.done"))
        #expect(written.contains("function_call_arguments.done"))
        #expect(written.contains("custom_tool_call_input.delta"))
    }

    @Test("T148: whole and streamed hold the same") func wholeIsTheSame() throws {
        let last = try #require(try parsed(stream(WriteReplyTests.all)).last?.data["response"])
        #expect(text(last) == text(try whole(WriteReplyTests.all)))
    }

    @Test("T81: a call without arguments has an empty object") func noArguments() throws {
        let reply = try whole(WriteReplyTests.all)
        #expect(reply["output"]?[4]?["arguments"]?.string == "{}")
        #expect(reply["output"]?[3]?["arguments"]?.string == #"{"a":1}"#)
    }

    @Test func writesItems() throws {
        let output = try #require(try whole(WriteReplyTests.all)["output"])
        #expect(
            output.elements.map { $0["type"]?.string } == [
                "reasoning", "reasoning", "message", "function_call", "function_call", "custom_tool_call",
                "message",
            ])
        #expect(
            output.elements.map { $0["id"]?.string } == [
                "rs_1_0", "rs_1_1", "msg_1_2", "fc_1_3", "fc_1_4", "ctc_1_5", "msg_1_6",
            ])
        #expect(
            output[0]?["encrypted_content"]?.string == "s" && output[1]?["encrypted_content"]?.string == "r")
        #expect(output[1]?["summary"]?.count == 0)
        let part = output[2]?["content"]?[0]
        #expect(part?["annotations"]?[0]?["end_index"]?.int == 5 && part?["logprobs"]?.count == 0)
        #expect(
            output[5]?["input"]?.string == "free" && output[6]?["content"]?[0]?["refusal"]?.string == "no")
    }

    @Test("T190: our numbers and lists are always there") func usage() throws {
        let usage = try whole(WriteReplyTests.all)["usage"]
        #expect(
            text(usage)
                == #"{"input_tokens":9,"input_tokens_details":{"cached_tokens":4,"cache_write_tokens":2},"output_tokens":3,"#
                + #""output_tokens_details":{"reasoning_tokens":1},"total_tokens":12}"#)
        let uncounted: [Event] = [
            .begin(Beginning()), .open(.text), .delta(.text("12345")), .close, .end(Ending(.finished)),
        ]
        let last = try #require(try parsed(stream(uncounted)).last?.data["response"]?["usage"])
        #expect(last["input_tokens"]?.int == Estimate.input(of: asked()) && last["output_tokens"]?.int == 2)
        #expect(last["output_tokens_details"]?["reasoning_tokens"]?.int == 0)
        #expect(text(try whole(uncounted)["usage"]) == text(last))
    }

    @Test("T149: an answer that is too long is incomplete") func endings() throws {
        let cases: [(Ending, String, String?)] = [
            (Ending(.finished), "completed", nil), (Ending(.toolCall), "completed", nil),
            (Ending(.sequence), "completed", nil), (Ending(.length), "incomplete", "max_output_tokens"),
            (Ending(.filtered), "incomplete", "content_filter"),
        ]
        for (ending, status, reason) in cases {
            let events = WriteReplyTests.words + [.end(ending)]
            let last = try #require(try parsed(stream(events)).last)
            #expect(last.name == "response.\(status)")
            #expect(last.data["response"]?["status"]?.string == status)
            #expect(last.data["response"]?["incomplete_details"]?["reason"]?.string == reason)
            #expect(try whole(events)["status"]?.string == status)
        }
    }

    @Test("T149: thoughts alone have an end, too") func thoughtsAlone() throws {
        let events: [Event] = [
            .begin(Beginning()), .open(.reasoning), .delta(.text("t")), .close, .end(Ending(.finished)),
        ]
        #expect(try faults(stream(events)) == [])
        #expect(try names(stream(events)).last == "completed")
    }

    @Test("T186: a refusal before any word is told in words") func refusals() throws {
        let events: [Event] = [.begin(Beginning()), .end(Ending(.filtered, explanation: "no"))]
        #expect(try faults(stream(events)) == [])
        #expect(try whole(events)["output"]?[0]?["content"]?[0]?["refusal"]?.string == "no")
        #expect(try whole(events)["status"]?.string == "incomplete")
        let words: [Event] = [
            .begin(Beginning()), .open(.refusal), .delta(.text("no")), .close, .end(Ending(.filtered)),
        ]
        #expect(try whole(words)["status"]?.string == "completed")
    }

    @Test("T149 T204: a failure is an error, then the response that failed, and nothing more") func failures()
        throws
    {
        let cases: [(Failure, String)] = [
            (Failure(.brokenStream, "x"), "server_error"),
            (Failure(.contextOverflow, "x"), "context_length_exceeded"),
            (Failure(.quotaExhausted, "x"), "insufficient_quota"),
            (Failure(.upstreamFault, "x"), "server_error"),
            (Failure(.upstreamRateLimit, "x", retryAfter: 11), "rate_limit_exceeded"),
        ]
        for (failure, code) in cases {
            let events: [Event] = [.begin(Beginning()), .open(.text), .delta(.text("a")), .failure(failure)]
            let written = try parsed(stream(events + [.close, .end(Ending(.finished))]))
            #expect(written.suffix(2).map(\.name) == ["error", "response.failed"])
            #expect(written.suffix(2).first?.data["error"]?["code"]?.string == code)
            let error = written.last?.data["response"]?["error"]
            #expect(error?["code"]?.string == code)
            #expect(written.last?.data["response"]?["status"]?.string == "failed")
            if failure.retryAfter != nil {
                #expect(error?["message"]?.string == "x Please try again in 11s.")
            }
        }
    }

    @Test("T149: a failure before the first word begins a stream") func failsAtOnce() throws {
        let bytes = stream([.failure(Failure(.upstreamFault, "x"))])
        #expect(try faults(bytes) == [])
        #expect(try names(bytes) == ["created", "in_progress", "error", "failed"])
    }

    @Test func saysWhenARelayedStreamBreaks() throws {
        var bytes: [UInt8] = []
        Client().writeFailureEvent(Failure(.brokenStream, "x"), to: &bytes)
        let written = try parsed(bytes)
        #expect(written.map(\.name) == ["error", "response.failed"])
        #expect(written.last?.data["response"]?["error"]?["code"]?.string == "server_error")
    }

    @Test("T207: thoughts that are sealed and not shown come back as such, and so do those without words")
    func sealedThoughts() throws {
        let events: [Event] = [
            .begin(Beginning()), .open(.reasoning), .delta(.seal("s")), .close, .open(.redacted("r")), .close,
            .open(.text), .delta(.text("a")), .close, .end(Ending(.finished)),
        ]
        #expect(try faults(stream(events)) == [])
        for response in [try whole(events), try #require(try parsed(stream(events)).last?.data["response"])] {
            let items = text(response["output"]).dropFirst().dropLast()
            let parts = try asked("\(items)").turns.first?.parts
            #expect(
                parts == [
                    .reasoning(Reasoning(seal: "s")), .reasoning(Reasoning(seal: "r", isRedacted: true)),
                    .text("a"),
                ])
        }
    }

    @Test("T55: the model is called as the caller called it") func modelName() throws {
        let events: [Event] = [.begin(Beginning(id: "x", model: "other")), .end(Ending(.finished))]
        #expect(try parsed(stream(events)).allSatisfy { $0.data["response"]?["model"]?.string == "m" })
    }

    @Test("T203: free text in a function's arguments is decoded once, cut anywhere") func freeText() throws {
        var request = asked()
        request.tools = [Tool(name: "sh", kind: .custom(grammar: nil))]
        let arguments = #"{"input":"\u00e9\\n\n\ud83d\ude00"}"#
        for cut in 0...arguments.count {
            let events: [Event] =
                [.begin(Beginning()), .open(.call(id: "c", name: "sh", isCustom: false))]
                + [String(arguments.prefix(cut)), String(arguments.dropFirst(cut))]
                .filter { !$0.isEmpty }.map { .delta(.text($0)) } + [.close, .end(Ending(.toolCall))]
            let bytes = stream(events, to: request)
            #expect(try faults(bytes) == [])
            let item = try parsed(bytes).last?.data["response"]?["output"]?[0]
            #expect(item?["input"]?.string == "é\\n\n😀" && item?["type"]?.string == "custom_tool_call")
            #expect(try names(bytes).count { $0 == "custom_tool_call_input.delta" } == 1)
        }
        let raw: [Event] = [
            .begin(Beginning()), .open(.call(id: "c", name: "sh", isCustom: false)), .delta(.text("ls -l")),
            .close,
            .end(Ending(.toolCall)),
        ]
        #expect(try whole(raw, to: request)["output"]?[0]?["input"]?.string == "ls -l")
    }

    @Test("T202: a call gets its namespace back") func namespaces() throws {
        var request = asked()
        var tool = Tool(name: "ns__f_2", kind: .function(schema: nil))
        tool.space = Tool.Space(space: "ns", name: "f")
        request.tools = [tool]
        let events: [Event] = [
            .begin(Beginning()), .open(.call(id: "c", name: "ns__f_2", isCustom: false)), .delta(.text("{}")),
            .close,
            .end(Ending(.toolCall)),
        ]
        for item in [
            try parsed(stream(events, to: request))[2].data["item"],
            try parsed(stream(events, to: request)).last?.data["response"]?["output"]?[0],
            try whole(events, to: request)["output"]?[0],
        ] {
            #expect(item?["name"]?.string == "f" && item?["namespace"]?.string == "ns")
        }
    }

    @Test func givesProbabilitiesWhenAsked() throws {
        var request = asked()
        let events: [Event] = [
            .begin(Beginning()), .open(.text), .delta(.text("a")), .delta(.logprobs(#"{"token":"a"}"#)),
            .delta(.logprobs(#"{"token":"b"}"#)), .close, .end(Ending(.finished)),
        ]
        #expect(try whole(events, to: request)["output"]?[0]?["content"]?[0]?["logprobs"]?.count == 2)
        #expect(
            try parsed(stream(events, to: request)).last?.data["response"]?["output"]?[0]?["content"]?[0]?[
                "logprobs"]?
                .count == 0)
        request.sampling.logprobs = true
        let last = try #require(try parsed(stream(events, to: request)).last)
        #expect(last.data["response"]?["output"]?[0]?["content"]?[0]?["logprobs"]?.count == 2)
        #expect(try faults(stream(events, to: request)) == [])
    }

    @Test func repeatsWhatWasAsked() throws {
        let members = MembersTests.members.replacing(
            "\"max_tool_calls\":1,", with: "\"max_tool_calls\":1,\n ")
        let request = try asked(MembersTests.items, members)
        let bytes = stream(WriteReplyTests.words + [.end(Ending(.finished))], to: request)
        for event in try parsed(bytes) where event.data["response"] != nil {
            let response = event.data["response"]
            #expect(response?["model"]?.string == "m" && response?["metadata"]?["a"]?.string == "b")
            #expect(response?["tools"]?.count == 4 && response?["store"]?.bool == false)
            #expect(response?["tool_choice"]?["mode"]?.string == "auto")
            #expect(response?["text"]?["format"]?["name"]?.string == "n")
            #expect(response?["reasoning"]?["effort"]?.string == "low")
            #expect(response?["id"]?.string == "resp_1" && response?["created_at"]?.int == 7)
        }
        // No event has more than one data line.
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        #expect(lines.allSatisfy { $0.hasPrefix("event: ") || $0.hasPrefix("data: ") })
        #expect(lines.count == 2 * (try parsed(bytes).count))
    }
}
