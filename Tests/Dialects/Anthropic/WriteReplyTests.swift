// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Anthropic

@Suite struct WriteReplyTests {
    var thinking: Request {
        var request = asking()
        request.thinking = Thinking()
        return request
    }

    var omitting: Request {
        var request = asking()
        request.thinking = Thinking(display: .omitted)
        return request
    }

    let thoughts: [Event] = [.open(.reasoning), .delta(.text("think"))]

    /// Translation, section 10.1: the same events, streamed.
    @Test("T40 T76: thoughts, text and two calls, as the golden stream has them")
    func writesTheGoldenStream() throws {
        let usage = Usage(input: 50, output: 20, cached: 30)
        let events = answer(
            [
                thoughts, said("Let me see."), call("call_a", "Read", #"{"p":1}"#),
                call("call_b", "Grep", #"{"q":"#, "2}"),
            ],
            usage: usage)
        let sent = try stream(events, for: thinking)
        let lines = sent.map { String(decoding: $0.data.verbatim, as: UTF8.self) }
        #expect(
            Array(lines[1...]) == [
                #"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"think"}}"#,
                #"{"type":"content_block_stop","index":0}"#,
                #"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}"#,
                #"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Let me see."}}"#,
                #"{"type":"content_block_stop","index":1}"#,
                #"{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"call_a","name":"Read","input":{}}}"#,
                #"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"p\":1}"}}"#,
                #"{"type":"content_block_stop","index":2}"#,
                #"{"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"call_b","name":"Grep","input":{}}}"#,
                #"{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"q\":"}}"#,
                #"{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"2}"}}"#,
                #"{"type":"content_block_stop","index":3}"#,
                #"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":20,"cache_creation_input_tokens":0,"cache_read_input_tokens":30,"output_tokens":20}}"#,
                #"{"type":"message_stop"}"#,
            ])
        let checked = try CheckedStream(sent)
        #expect(checked.inputs == [#"{"p":1}"#, #"{"q":2}"#])
        let twin = try CheckedStream(try stream(events))
        #expect(twin.kinds == ["text", "tool_use", "tool_use"])
        #expect(
            try whole(events, for: thinking)["content"]?.elements.map { $0["type"]?.string } == [
                "thinking", "text", "tool_use", "tool_use",
            ])
    }

    @Test("T93 T49: the stream begins with an estimate of its cost and ends with the real one")
    func tellsUsage() throws {
        let sent = try stream(answer([said("four")]))
        #expect((sent[0].data["message"]?["usage"]?["input_tokens"]?.int ?? 0) > 0)
        #expect(text(sent[0].data, "message", "usage", "output_tokens") == "0")
        let end = sent[sent.count - 2].data["usage"]
        #expect(end?["output_tokens"]?.int == 1 && (end?["input_tokens"]?.int ?? 0) > 0)
        let known = try stream([
            .begin(Beginning(usage: Usage(input: 9, cached: 4))), .end(Ending(.finished)),
        ])
        #expect(text(known[0].data, "message", "usage", "input_tokens") == "5")
        #expect(text(known[0].data, "message", "usage", "cache_read_input_tokens") == "4")
    }

    @Test(
        "T48: what the cache read is not in the input, which is never negative",
        arguments: [
            (Usage(input: 100, output: 1, cached: 80), 20, 80, 0),
            (Usage(input: 10, output: 1, cached: 80), 0, 80, 0),
            (Usage(input: 10, output: 5, cached: 2, written: 3, reasoning: 4), 5, 2, 3),
        ])
    func splitsUsage(usage: Usage, input: Int, cached: Int, written: Int) throws {
        let root = try whole(answer([said("x")], usage: usage))["usage"]
        #expect(root?["input_tokens"]?.int == input && root?["cache_read_input_tokens"]?.int == cached)
        #expect(
            root?["cache_creation_input_tokens"]?.int == written
                && root?["output_tokens"]?.int == usage.output)
        #expect(
            root?["output_tokens_details"]?["thinking_tokens"]?.int
                == (usage.reasoning > 0 ? usage.reasoning : nil))
    }

    @Test("T55 T210: a whole answer has all members, and the model that was asked for")
    func writesWhole() throws {
        let usage = Usage(input: 3, output: 2)
        var bytes: [UInt8] = []
        var writer = client.replyWriter(for: asking(), id: "7", created: 1)
        writer.write(try Reply(folding: answer([said("a"), said("b")], usage: usage)), to: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"id":"msg_7","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}],"stop_reason":"end_turn","stop_sequence":null,"stop_details":null,"usage":{"input_tokens":3,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":2}}"#
        )
        #expect(text(try whole(answer([])), "content") == "[]")
    }

    @Test("T42 T81: a call without arguments", arguments: [[], [" "], ["null"], ["{", "}"], [" ", "{}"]])
    func writesEmptyArguments(pieces: [String]) throws {
        let events = answer([
            [.open(.call(id: "a", name: "n", isCustom: false))] + pieces.map { .delta(.text($0)) }
        ])
        let checked = try CheckedStream(try stream(events))
        #expect(checked.calls == 1 && ["", "{}", " {}"].contains(checked.inputs[0]))
        let input = try whole(events)["content"]?.elements.first { _ in true }?["input"]
        #expect(input?.object.map { Array($0.members).isEmpty } == true)
    }

    @Test(
        "T43 T44 T205: arguments that are no object are wrapped, when nothing of them went out",
        arguments: [
            ["oops"], ["o", "ops"], ["[]"], [#""x""#], ["5"], ["\n", "x"],
        ])
    func wrapsArguments(pieces: [String]) throws {
        let events = answer([
            [.open(.call(id: "a", name: "n", isCustom: false))] + pieces.map { .delta(.text($0)) }
        ])
        let checked = try CheckedStream(try stream(events))
        let input = try value(checked.inputs[0])
        #expect(input["_raw_arguments"]?.string == pieces.joined() && checked.stop == "tool_use")
        let root = try whole(events)["content"]?.elements.first { _ in true }?["input"]
        #expect(root?["_raw_arguments"]?.string == pieces.joined())
        #expect(root.map(Arguments.text) == pieces.joined())
    }

    @Test(
        "T43 T205: arguments that turn out to be no object end the stream, their block open",
        arguments: [
            [#"{"a""#, "oops"], [#"{"#, "}", "}"], [#"{"a":1"#, "]"],
        ])
    func breaksOff(pieces: [String]) throws {
        var writer = client.replyWriter(for: asking(), id: "1", created: 1)
        var bytes: [UInt8] = []
        let item: [Event] =
            [.open(.call(id: "a", name: "n", isCustom: false))] + pieces.map { .delta(.text($0)) }
        for event in answer([item, said("x")]) { writer.write(event, to: &bytes) }
        #expect(writer.failure?.code == .brokenArguments)
        let sent = try parsed(bytes)
        #expect(sent.last?.type == "error" && !sent.contains { $0.type == "content_block_stop" })
        #expect(sent.last?.data["error"]?["type"]?.string == "api_error")
        _ = try CheckedStream(sent)
    }

    @Test("T170: a call cut by the limit is closed, and does not run")
    func closesCutCalls() throws {
        let item = call("a", "n", #"{"a":"#)
        let cut = try stream(answer([item], Ending(.length)))
        let checked = try CheckedStream(cut)
        #expect(checked.stop == "max_tokens" && checked.inputs == [#"{"a":"#])
        let root = try whole(answer([item], Ending(.length)))
        #expect(root["stop_reason"]?.string == "max_tokens")
        #expect(
            root["content"]?.elements.first { _ in true }?["input"]?["_raw_arguments"]?.string == #"{"a":"#)
        // Not closed where nothing says that a limit cut it.
        for ending in [Stop.toolCall, .finished] {
            let sent = try stream(answer([item], Ending(ending)))
            #expect(sent.last?.type == "error" && !sent.contains { $0.type == "content_block_stop" })
        }
        #expect(try stream(answer([item, said("x")], Ending(.length))).last?.type == "error")
    }

    @Test("T45: ids are of letters that Anthropic takes, and stay apart")
    func sanitisesIDs() throws {
        let events = answer([
            call("functions.Bash:0", "n", "{}"), call("functions.Bash:1", "n", "{}"), call("ok_1", "n", "{}"),
        ])
        let sent = try stream(events)
        _ = try CheckedStream(sent)
        let ids = sent.compactMap { $0.data["content_block"]?["id"]?.string }
        #expect(Set(ids).count == 3 && ids[2] == "ok_1")
        #expect(try whole(events)["content"]?.elements.compactMap { $0["id"]?.string } == ids)
    }

    @Test(
        "T46 T47: calls win over the reason, but for a limit and a refusal",
        arguments: [
            (Ending(.finished), true, "tool_use"), (Ending(.toolCall), true, "tool_use"),
            (Ending(.toolCall), false, "end_turn"), (Ending(.length), true, "max_tokens"),
            (Ending(.filtered), true, "refusal"), (Ending(.sequence), false, "end_turn"),
            (Ending(.sequence, sequence: "X"), false, "stop_sequence"),
            (Ending(.length), false, "max_tokens"),
        ])
    func namesTheReason(ending: Ending, hasCall: Bool, word: String) throws {
        let events = answer([hasCall ? call("a", "n", "{}") : said("x")], ending)
        #expect(try CheckedStream(try stream(events)).stop == word)
        let root = try whole(events)
        #expect(root["stop_reason"]?.string == word)
        #expect(root["stop_sequence"]?.string == (word == "stop_sequence" ? "X" : nil))
    }

    @Test("T209: a stop string at which we cut is told")
    func tellsTheSequence() throws {
        let sent = try stream(answer([said("x")], Ending(.sequence, sequence: "END")))
        #expect(
            text(sent[sent.count - 2].data, "delta")
                == #"{"stop_reason":"stop_sequence","stop_sequence":"END"}"#)
    }

    @Test("T79: thoughts after text are a block of their own")
    func alternates() throws {
        let checked = try CheckedStream(try stream(answer([thoughts, said("a"), thoughts]), for: thinking))
        #expect(checked.kinds == ["thinking", "text", "thinking"] && checked.thoughts == "thinkthink")
    }

    @Test("T77 T97: a block begins with its first word; white space is a word")
    func opensNothingEmpty() throws {
        let checked = try CheckedStream(
            try stream(answer([said(), said(" \n"), thoughts, [.open(.reasoning)]])))
        #expect(checked.kinds == ["text"] && checked.text == " \n")
    }
}
