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
}
