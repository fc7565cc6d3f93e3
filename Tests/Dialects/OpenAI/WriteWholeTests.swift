// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import OpenAI

/// Whole answers, and what is read and written again.
@Suite struct WriteWholeTests {
    private func call(_ id: String, _ name: String, _ pieces: String..., isCustom: Bool = false) -> [Event] {
        [.open(.call(id: id, name: name, isCustom: isCustom))] + pieces.map { .delta(.text($0)) } + [.close]
    }

    @Test("T156: what a whole answer has for content")
    func wholeContent() throws {
        let request = try asked(messages: #"{"role":"user","content":"x"}"#)
        func told(_ events: [Event]) throws -> String { body(try Reply(folding: events), to: request) }
        let calls = [.begin(Beginning())] + call("a", "f") + [.end(Ending(.toolCall))]
        #expect(
            try told(calls).contains(
                #""content":null,"refusal":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]"#
            ))
        #expect(try told([.end(Ending(.finished))]).contains(#""content":"","refusal":null}"#))
        #expect(
            try told([.end(Ending(.filtered))]).contains(
                #""content":null,"refusal":"The request was refused."}"#))
        let thoughts: [Event] = [
            .open(.reasoning), .delta(.text("t")), .close, .open(.redacted("x")), .close, .open(.text),
            .delta(.text("a")), .close, .open(.text), .delta(.text("b")), .close, .end(Ending(.sequence)),
        ]
        #expect(
            try told(thoughts).contains(
                #""content":"ab","refusal":null,"reasoning_content":"t"},"logprobs":null,"finish_reason":"stop""#
            ))
    }

    @Test("T74 T137: what is read and written again is the same reply")
    func roundTrip() throws {
        let told =
            [
                #"{"role":"assistant","content":"","reasoning_content":"t"}"#, #"{"content":"Hi"}"#,
                #"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}"#,
            ].map { OpenAITests.chunk(String($0.dropFirst().dropLast())) }
            + [OpenAITests.chunk("", finish: "tool_calls")]
        let reply = try folded(events(told))
        let request = try asked(messages: #"{"role":"user","content":"x"}"#)
        let streamed = OpenAITests.told(events(told), to: request).split(separator: "\n\n").map {
            String($0.dropFirst(6))
        }
        var again = try folded(events(streamed, isDone: false))
        again.beginning = reply.beginning
        #expect(again == reply)
        var once = try folded(OpenAITests.whole(body(reply, to: request)))
        once.beginning = reply.beginning
        #expect(once == reply)
    }
}
