// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Anthropic

/// Seals, refusals, and ends of all kinds.
extension WriteReplyTests {
    @Test("T84 T41: a seal goes out once, last; without one there is no signature")
    func writesSeals() throws {
        let sealed: [Event] = thoughts + [.delta(.seal("eflt1:abc"))]
        let shown = try CheckedStream(try stream(answer([sealed, thoughts]), for: thinking))
        #expect(shown.seals == ["eflt1:abc"] && shown.kinds == ["thinking", "thinking"])
        let root = try whole(answer([sealed, thoughts]), for: thinking)
        #expect(
            text(root, "content", "0") == #"{"type":"thinking","thinking":"think","signature":"eflt1:abc"}"#)
        #expect(text(root, "content", "1", "signature") == #""""#)
        // Omitted: nothing but what must come back.
        let omitted = try CheckedStream(try stream(answer([sealed, thoughts, said("x")]), for: omitting))
        #expect(
            omitted.seals == ["eflt1:abc"] && omitted.kinds == ["thinking", "text"]
                && omitted.thoughts.isEmpty)
        let brief = try whole(answer([sealed, thoughts]), for: omitting)
        #expect(text(brief, "content") == #"[{"type":"thinking","thinking":"","signature":"eflt1:abc"}]"#)
    }

    @Test("T213: redacted thoughts are a block of their own, if thoughts were asked for")
    func writesRedacted() throws {
        let item: [Event] = [.open(.redacted("eflt1:x"))]
        #expect(
            try CheckedStream(try stream(answer([item, said("a")]), for: thinking)).kinds == [
                "redacted_thinking", "text",
            ])
        #expect(try CheckedStream(try stream(answer([item, said("a")]))).kinds == ["text"])
        #expect(
            text(try whole(answer([item]), for: thinking), "content")
                == #"[{"type":"redacted_thinking","data":"eflt1:x"}]"#)
        #expect(text(try whole(answer([item])), "content") == "[]")
    }

    @Test("T99: a refusal is told as a text, and as the reason of the end")
    func writesRefusals() throws {
        let events = answer([[.open(.refusal), .delta(.text("I can")), .delta(.text("not."))]])
        let sent = try stream(events)
        let checked = try CheckedStream(sent)
        #expect(checked.text == "I cannot." && checked.stop == "refusal")
        #expect(
            text(sent[sent.count - 2].data, "delta", "stop_details")
                == #"{"type":"refusal","category":null,"explanation":"I cannot."}"#)
        let root = try whole(events)
        #expect(root["stop_details"]?["explanation"]?.string == "I cannot.")
        let filtered = try whole(answer([], Ending(.filtered, explanation: "policy")))
        #expect(filtered["stop_reason"]?.string == "refusal" && text(filtered, "content") == "[]")
        #expect(filtered["stop_details"]?["explanation"]?.string == "policy")
        #expect(text(try whole(answer([], Ending(.filtered))), "stop_details", "explanation") == "null")
    }

    @Test("T88: a failure ends the stream where it is: no block is closed")
    func tellsFailures() throws {
        let events: [Event] =
            [.begin(Beginning())] + said("par") + [.failure(Failure(.upstreamFault, "boom"))]
        let sent = try stream(events + [.close, .end(Ending(.finished))])
        #expect(sent.map(\.type) == ["message_start", "content_block_start", "content_block_delta", "error"])
        #expect(
            text(sent[3].data) == #"{"type":"error","error":{"type":"api_error","message":"boom"}}"#)
    }

    @Test("T94: nothing follows the end, and no [DONE]")
    func endsOnce() throws {
        let events = answer([said("x")])
        let sent = try stream(events + events)
        #expect(sent.count(where: { $0.type == "message_stop" }) == 1 && sent.last?.type == "message_stop")
    }

    @Test("T2: whoever only warms the cache gets nothing but its cost")
    func warms() throws {
        var request = asking()
        request.outputLimit = 0
        let events = answer([said("x"), call("a", "n", "{}")], usage: Usage(input: 5, output: 1))
        let checked = try CheckedStream(try stream(events, for: request))
        #expect(checked.kinds.isEmpty && checked.stop == "max_tokens")
        let root = try whole(events, for: request)
        #expect(text(root, "content") == "[]" && root["stop_reason"]?.string == "max_tokens")
    }

    @Test("T203: a free text becomes the one member of an object, wherever it is cut")
    func wrapsFreeTexts() throws {
        let item: [Event] = [.open(.call(id: "a", name: "n", isCustom: true))]
        let events = answer([item + ["a\"\\", "\né", "x"].map { .delta(.text($0)) }, item])
        let checked = try CheckedStream(try stream(events))
        #expect(try value(checked.inputs[0])["input"]?.string == "a\"\\\néx")
        #expect(try value(checked.inputs[1])["input"]?.string == "")
        let root = try whole(events)
        #expect(text(root, "content", "0", "input") == #"{"input":"a\"\\\néx"}"#)
    }

    /// Anthropic's own forms of a citation want more than a URL and a title.
    @Test("citations without their exact place, and probabilities, are left out")
    func dropsCitations() throws {
        let item: [Event] =
            said("x") + [.delta(.citation(Citation(url: "u", title: "t"))), .delta(.logprobs("1"))]
        #expect(try CheckedStream(try stream(answer([item]))).text == "x")
        #expect(text(try whole(answer([item])), "content", "0") == #"{"type":"text","text":"x"}"#)
    }

    @Test("T96: the work of an event does not grow with the stream")
    func isLinear() throws {
        var writer = client.replyWriter(for: asking(), id: "1", created: 1)
        var bytes: [UInt8] = []
        writer.write(.begin(Beginning()), to: &bytes)
        writer.write(.open(.call(id: "a", name: "n", isCustom: false)), to: &bytes)
        writer.write(.delta(.text(#"{"a":""#)), to: &bytes)
        let piece = String(repeating: "x", count: 100)
        var size = 0
        for _ in 0..<50_000 {
            bytes.removeAll(keepingCapacity: true)
            writer.write(.delta(.text(piece)), to: &bytes)
            size += bytes.count
        }
        #expect(size == 50_000 * bytes.count)
        bytes.removeAll(keepingCapacity: true)
        writer.write(.delta(.text(#""}"#)), to: &bytes)
        for event in [Event.close, .end(Ending(.toolCall))] { writer.write(event, to: &bytes) }
        #expect(writer.failure == nil && String(decoding: bytes, as: UTF8.self).contains("tool_use"))
    }

    /// Everything at once, with each prefix of it: none may break a rule but that of the end.
    @Test("T88: a stream cut at each event ends in one error")
    func survivesCuts() throws {
        let events = answer(
            [
                thoughts + [.delta(.seal("eflt1:s"))], [.open(.redacted("eflt1:r"))], said("a", "b"),
                call("x", "f", "{", "}"), call("y", "g"), call("z", "h", "no"),
                [.open(.refusal), .delta(.text("r"))],
            ], usage: Usage(input: 1, output: 2))
        for count in 1..<events.count {
            let cut = try stream(
                events.prefix(count) + [.failure(Failure(.brokenStream, "cut"))], for: thinking)
            #expect(try CheckedStream(cut).failure == "cut")
        }
        #expect(try CheckedStream(try stream(events, for: thinking)).failure == nil)
    }
}
