// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import OpenAI

/// The bytes are those of protocols/openai-chat.md, section 6.3.
@Suite struct WriteReplyTests {
    private func written(_ events: [Event], wantsUsage: Bool = false) -> String {
        let request = Request(model: "m", turns: [], isStreamed: true, wantsUsage: wantsUsage)
        var writer = OpenAI.client.replyWriter(for: request, id: "1", created: 1)
        var bytes: [UInt8] = []
        for event in events { writer.write(event, to: &bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private let hello: [Event] = [
        .begin(Beginning()), .open(.text), .delta(.text("Hel")), .delta(.text("lo")), .close,
        .usage(Usage(input: 9, output: 2)),
        .end(Ending(.finished)),
    ]

    private func chunk(_ rest: String) -> String {
        #"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m",\#(rest)}"#
            + "\n\n"
    }

    @Test func streams() {
        let expected =
            chunk(
                #""choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"finish_reason":null}]"#
            )
            + chunk(#""choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]"#)
            + chunk(#""choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":null}]"#)
            + chunk(#""choices":[{"index":0,"delta":{},"finish_reason":"stop"}]"#) + "data: [DONE]\n\n"
        #expect(written(hello) == expected)
    }

    /// Rule 4: the usage comes after the finish chunk, with no choices, and only when it was asked for.
    @Test func streamsUsageWhenAsked() throws {
        let events = written(hello, wantsUsage: true).split(separator: "\n\n").map(String.init)
        try #require(events.count == 6)
        #expect(
            events[4] + "\n\n"
                == chunk(
                    #""choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}"#))
        #expect(events[3].contains(#""finish_reason":"stop""#) && events[5] == "data: [DONE]")
        #expect(!written(hello).contains("usage"))
    }

    /// Rule 4: with `include_usage`, every chunk before the last says `usage:null`.
    @Test func announcesUsageWhenAsked() throws {
        let events = written(hello, wantsUsage: true).split(separator: "\n\n").dropLast(2)
        #expect(events.allSatisfy { $0.hasSuffix(#","usage":null}"#) })
    }

    /// The role stands once, in the first chunk; clients join every string that they see again.
    @Test func saysTheRoleOnce() {
        #expect(written(hello).split(separator: "\"role\"").count == 2)
        let empty = written([.begin(Beginning()), .end(Ending(.length))])
        #expect(empty.split(separator: "\n\n").count == 3 && empty.contains(#""finish_reason":"length""#))
    }

    @Test(arguments: [
        (Stop.finished, "stop"), (.length, "length"), (.toolCall, "tool_calls"),
        (.filtered, "content_filter"),
    ])
    func namesTheReason(stop: Stop, word: String) throws {
        #expect(
            written([.begin(Beginning()), .end(Ending(stop))]).contains(
                #""delta":{},"finish_reason":"\#(word)""#))
        var reply = Reply()
        try reply.fold(.end(Ending(stop)))
        #expect(whole(reply).contains(#""finish_reason":"\#(word)""#))
    }

    @Test func escapesText() throws {
        let text = "\"\\\n\r\u{0}\u{2028}你🎉data: x\n\n"
        let events = written([.delta(.text(text))])
        #expect(events.split(separator: "\n", omittingEmptySubsequences: false).count == 3)
        let document = try Document(Array(events.dropFirst("data: ".count).utf8.dropLast(2)))
        let delta = document.root["choices"]?.elements.first { _ in true }?["delta"]
        #expect(delta?["content"]?.string == text)
    }

    private func whole(_ reply: Reply) -> String {
        let request = Request(model: "m", turns: [], isStreamed: false, wantsUsage: false)
        var writer = OpenAI.client.replyWriter(for: request, id: "1", created: 1)
        var bytes: [UInt8] = []
        writer.write(reply, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func writesWhole() throws {
        var reply = Reply()
        for event in hello { try reply.fold(event) }
        let expected =
            #"{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"#
            + #""message":{"role":"assistant","content":"Hello","refusal":null},"logprobs":null,"#
            + #""finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}"#
        #expect(whole(reply) == expected)
        #expect(whole(Reply()).contains(#""content":"","refusal":null"#) && !whole(Reply()).contains("usage"))
    }

    /// A stream that fails ends in an error event, and in the mark that ends every stream.
    @Test func aFailureEndsTheStream() {
        let text = written([.begin(Beginning()), .open(.text), .failure(Failure(.silence, "nothing more"))])
        let error =
            #"{"error":{"message":"nothing more","type":"relay_error","param":null,"code":"timeout"}}"#
        #expect(text.hasSuffix("data: \(error)\n\ndata: [DONE]\n\n"))
    }

    // What a reply of this dialect's callers looks like, by its traps.

    private func told(_ events: [Event], _ more: String = "", wantsUsage: Bool = false) throws -> [String] {
        var request = try asked(messages: #"{"role":"user","content":"x"}"#, more)
        request.wantsUsage = wantsUsage
        return OpenAITests.told(events, to: request).split(separator: "\n\n").map { String($0.dropFirst(6)) }
    }

    private func deltas(_ events: [Event], _ more: String = "") throws -> [String] {
        try told(events, more).dropLast().map { line in
            let choice = try Document(Array(line.utf8)).root["choices"]?.elements.first { _ in true }
            return choice?["delta"].map { String(decoding: $0.verbatim, as: UTF8.self) } ?? ""
        }
    }

    private func call(_ id: String, _ name: String, _ pieces: String..., isCustom: Bool = false) -> [Event] {
        [.open(.call(id: id, name: name, isCustom: isCustom))] + pieces.map { .delta(.text($0)) } + [.close]
    }

    @Test("T138 T151 T155 T172: the golden stream: thoughts, text, a call without arguments, usage")
    func golden() throws {
        let events: [Event] =
            [
                .begin(Beginning(id: "msg_1")), .open(.reasoning), .delta(.text("hm")), .delta(.seal("sig")),
                .close,
                .open(.text), .delta(.text("Hi")), .close,
            ] + call("toolu_1", "now")
            + [.usage(Usage(input: 15, output: 7, cached: 5)), .end(Ending(.toolCall))]
        let expected = [
            #""choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"finish_reason":null}],"usage":null"#,
            #""choices":[{"index":0,"delta":{"reasoning_content":"hm"},"finish_reason":null}],"usage":null"#,
            #""choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}],"usage":null"#,
            #""choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"toolu_1","type":"function","function":{"name":"now","arguments":""}}]},"finish_reason":null}],"usage":null"#,
            #""choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]},"finish_reason":null}],"usage":null"#,
            #""choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}],"usage":null"#,
            #""choices":[],"usage":{"prompt_tokens":15,"completion_tokens":7,"total_tokens":22,"prompt_tokens_details":{"cached_tokens":5}}"#,
        ].map { #"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m",\#($0)}"# }
        #expect(try told(events, wantsUsage: true) == expected + ["[DONE]"])
    }

    @Test("T151 T156 T172: calls alone: no content, id and name once, one after the other from 0")
    func callsAlone() throws {
        let events =
            [.begin(Beginning())] + call("a", "f", "{\"q\":", "1}") + call("b", "g") + [
                .end(Ending(.toolCall))
            ]
        #expect(
            try deltas(events) == [
                #"{"role":"assistant","content":null,"refusal":null}"#,
                #"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]}"#,
                #"{"tool_calls":[{"index":0,"function":{"arguments":"{\"q\":"}}]}"#,
                #"{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}"#,
                #"{"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":""}}]}"#,
                #"{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]}"#, "{}",
            ])
    }

    @Test("T152 T128: the usage has a chunk without choices, where it was asked for")
    func usageChunk() throws {
        let events: [Event] = [
            .begin(Beginning()), .usage(Usage(input: 4, output: 3, cached: 2, written: 1, reasoning: 1)),
            .end(Ending(.finished)),
        ]
        #expect(
            try told(events, wantsUsage: true).dropLast().last?.hasSuffix(
                #""choices":[],"usage":{"prompt_tokens":4,"completion_tokens":3,"total_tokens":7,"#
                    + #""prompt_tokens_details":{"cached_tokens":2,"cache_write_tokens":1},"#
                    + #""completion_tokens_details":{"reasoning_tokens":1}}}"#) == true)
        #expect(try told(events).allSatisfy { !$0.contains("usage") })
    }

    @Test("T153 T154: every event ends with a blank line, a keep-alive is a comment")
    func framing() throws {
        let request = try asked(messages: #"{"role":"user","content":"x"}"#)
        let text = OpenAITests.told(hello, to: request)
        #expect(text.hasSuffix("data: [DONE]\n\n") && !text.contains("event:") && !text.contains("data: \n"))
        var ping: [UInt8] = []
        OpenAI.client.writePing(to: &ping)
        #expect(ping.first == UInt8(ascii: ":"))
    }

    @Test("T156 T99 T186: a refusal is told in words where nothing else was said")
    func refusals() throws {
        let begin = Event.begin(Beginning())
        let role = #"{"role":"assistant","content":"","refusal":null}"#
        let end = Event.end(Ending(.filtered, explanation: "why"))
        #expect(try deltas([begin, end]) == [role, #"{"refusal":"why"}"#, "{}"])
        #expect(
            try deltas([begin, .end(Ending(.filtered))]) == [
                role, #"{"refusal":"The request was refused."}"#, "{}",
            ])
        let text: [Event] = [begin, .open(.text), .delta(.text("a")), .close, end]
        #expect(try deltas(text) == [role, #"{"content":"a"}"#, "{}"])
        let own: [Event] = [begin, .open(.refusal), .delta(.text("no")), .close, end]
        #expect(try deltas(own) == [role, #"{"refusal":"no"}"#, "{}"])
        #expect(
            try told([begin, end]).dropLast().last?.contains(#""finish_reason":"content_filter""#) == true)
    }

    @Test("T203: a function that stands for the caller's custom tool is unwrapped")
    func custom() throws {
        let tools = #""tools":[{"type":"custom","custom":{"name":"sh"}}]"#
        let expected = [
            #"{"role":"assistant","content":null,"refusal":null}"#,
            #"{"tool_calls":[{"index":0,"id":"a","type":"custom","custom":{"name":"sh","input":""}}]}"#,
            #"{"tool_calls":[{"index":0,"custom":{"input":"é\n"}}]}"#, "{}",
        ]
        let wrapped =
            [.begin(Beginning())] + call("a", "sh", #"{"input":"\u00"#, #"e9\"#, #"n"}"#) + [
                .end(Ending(.toolCall))
            ]
        #expect(try deltas(wrapped, tools) == expected)
        let itself =
            [.begin(Beginning())] + call("a", "sh", "é\n", isCustom: true) + [.end(Ending(.toolCall))]
        #expect(try deltas(itself, tools) == expected)
        let request = try asked(messages: #"{"role":"user","content":"x"}"#, tools)
        let whole = body(try Reply(folding: wrapped), to: request)
        #expect(
            whole.contains(#""tool_calls":[{"id":"a","type":"custom","custom":{"name":"sh","input":"é\n"}}]"#)
        )
    }

    @Test("callers of functions are answered in their words")
    func legacy() throws {
        let old = #""functions":[{"name":"f"}]"#
        let events = [.begin(Beginning())] + call("a", "f", "{}") + call("b", "f") + [.end(Ending(.toolCall))]
        #expect(
            try deltas(events, old) == [
                #"{"role":"assistant","content":null,"refusal":null}"#,
                #"{"function_call":{"name":"f","arguments":""}}"#, #"{"function_call":{"arguments":"{}"}}"#,
                "{}",
            ])
        #expect(try told(events, old).dropLast().last?.contains(#""finish_reason":"function_call""#) == true)
        let request = try asked(messages: #"{"role":"user","content":"x"}"#, old)
        #expect(
            body(try Reply(folding: events), to: request).contains(
                #""function_call":{"name":"f","arguments":"{}"}"#))
    }

    @Test("citations span the text that they belong to, in code points")
    func citations() throws {
        let citation = Event.delta(.citation(Citation(url: "u", title: "")))
        let events: [Event] = [
            .begin(Beginning()), .open(.text), .delta(.text("né🎉")), .close, .open(.text),
            .delta(.text("ab")),
            citation, .close, .end(Ending(.finished)),
        ]
        let note =
            #"[{"type":"url_citation","url_citation":{"start_index":3,"end_index":5,"title":"","url":"u"}}]"#
        #expect(try deltas(events)[3] == #"{"annotations":\#(note)}"#)
        let request = try asked(messages: #"{"role":"user","content":"x"}"#)
        #expect(
            body(try Reply(folding: events), to: request).contains(
                #""content":"né🎉ab","refusal":null,"annotations":\#(note)"#))
    }

    @Test func logprobs() throws {
        let events: [Event] = [
            .begin(Beginning()), .open(.text), .delta(.text("a")), .delta(.logprobs(#"{"token":"a"}"#)),
            .close,
            .end(Ending(.finished)),
        ]
        #expect(
            try told(events)[2].contains(
                #""delta":{},"logprobs":{"content":[{"token":"a"}],"refusal":null},"#))
        let request = try asked(messages: #"{"role":"user","content":"x"}"#)
        #expect(
            body(try Reply(folding: events), to: request).contains(
                #""logprobs":{"content":[{"token":"a"}],"refusal":null}"#))
    }

    @Test("thoughts that the caller does not want are not told")
    func hiddenThoughts() throws {
        let events: [Event] = [
            .begin(Beginning()), .open(.reasoning), .delta(.text("t")), .close, .end(Ending(.finished)),
        ]
        #expect(try deltas(events, #""reasoning":{"exclude":true}"#).count == 2)
    }
}
