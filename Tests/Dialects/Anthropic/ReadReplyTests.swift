// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Anthropic

@Suite struct ReadReplyTests {
    let start =
        #"{"type":"message_start","message":{"id":"msg_1","model":"c","content":[],"stop_reason":null,"usage":{"input_tokens":10,"cache_read_input_tokens":5,"output_tokens":1}}}"#
    let stop = #"{"type":"message_stop"}"#

    func open(_ index: Int, _ block: String) -> String {
        #"{"type":"content_block_start","index":\#(index),"content_block":\#(block)}"#
    }

    func delta(_ index: Int, _ delta: String) -> String {
        #"{"type":"content_block_delta","index":\#(index),"delta":\#(delta)}"#
    }

    func close(_ index: Int) -> String { #"{"type":"content_block_stop","index":\#(index)}"# }

    func end(_ reason: String, _ more: String = "", usage: String = #"{"output_tokens":7}"#) -> String {
        #"{"type":"message_delta","delta":{"stop_reason":"\#(reason)","stop_sequence":null\#(more)},"usage":\#(usage)}"#
    }

    func said(_ text: String, at index: Int = 0) -> [String] {
        [
            open(index, #"{"type":"text","text":""}"#),
            delta(index, #"{"type":"text_delta","text":"\#(text)"}"#), close(index),
        ]
    }

    let beginning = Event.begin(
        Beginning(id: "msg_1", model: "c", usage: Usage(input: 15, output: 1, cached: 5)))

    func seal(_ value: String) -> String {
        Seal.make(upstream: "up", value: Array("\"\(value)\"".utf8).span)
    }

    /// Translation, section 10.2.
    @Test func readsTheGoldenStream() {
        let lines =
            [
                start, open(0, #"{"type":"thinking","thinking":"","signature":""}"#),
                delta(0, #"{"type":"thinking_delta","thinking":"hm"}"#),
                delta(0, #"{"type":"signature_delta","signature":"S"}"#),
                close(0),
            ] + said("Hi", at: 1)
            + [
                open(2, #"{"type":"tool_use","id":"toolu_1","name":"now","input":{}}"#),
                delta(2, #"{"type":"input_json_delta","partial_json":""}"#), close(2), end("tool_use"), stop,
            ]
        #expect(
            events(of: lines).events == [
                beginning, .open(.reasoning), .delta(.text("hm")), .delta(.seal(seal("S"))), .close,
                .open(.text),
                .delta(.text("Hi")), .close, .open(.call(id: "toolu_1", name: "now", isCustom: false)),
                .delta(.text("{}")), .close, .usage(Usage(input: 15, output: 7, cached: 5)),
                .end(Ending(.toolCall)),
            ])
    }

    @Test("T139: of several message_delta the last counts; what it leaves out stays")
    func overwritesUsage() throws {
        let lines =
            [start] + said("x") + [
                end("max_tokens", usage: #"{"output_tokens":3}"#),
                end(
                    "end_turn",
                    usage:
                        #"{"output_tokens":9,"input_tokens":20,"output_tokens_details":{"thinking_tokens":2}}"#
                ),
                stop,
            ]
        let reply = try Reply(folding: events(of: lines).events)
        #expect(
            reply.usage == Usage(input: 25, output: 9, cached: 5, reasoning: 2)
                && reply.ending?.stop == .finished)
    }

    @Test(
        "T49: numbers of any spelling, within reason",
        arguments: [
            (#"{"input_tokens":1.0,"output_tokens":2e0}"#, Usage(input: 1, output: 2)),
            (#"{"input_tokens":-5,"output_tokens":1e30}"#, Usage(input: 0, output: 1 << 40)),
            (
                #"{"input_tokens":"3","output_tokens":4,"cache_read_input_tokens":null}"#,
                Usage(input: 0, output: 4)
            ),
        ])
    func readsNumbers(usage: String, expected: Usage) throws {
        let body = #"{"id":"m","content":[],"stop_reason":"end_turn","usage":\#(usage)}"#
        #expect(try Reply(folding: events(ofWhole: Array(body.utf8)).events).usage == expected)
    }

    @Test(
        "T141 T183: arguments that come with the block's start, in deltas, or both",
        arguments: [
            (#","input":{"a":1}"#, [], #"{"a":1}"#), (#","input":{"a":1}"#, [#"{\"a\":1}"#], #"{"a":1}"#),
            (#","input":{}"#, [#"{\"a\""#, ":1}"], #"{"a":1}"#), ("", [], ""), (#","input":{}"#, [], "{}"),
        ])
    func readsArguments(input: String, pieces: [String], expected: String) throws {
        let lines =
            [start, open(0, #"{"type":"tool_use","id":"a","name":"f"\#(input)}"#)]
            + pieces.map { delta(0, #"{"type":"input_json_delta","partial_json":"\#($0)"}"#) } + [
                close(0), end("tool_use"), stop,
            ]
        #expect(try Reply(folding: events(of: lines).events).calls.map(\.arguments) == [expected])
    }

    @Test(
        "T142 T184: blocks of the provider's own, and unknown ones, leave no trace but a loss",
        arguments: [
            (#"{"type":"server_tool_use","id":"s","name":"web_search","input":{}}"#, Feature.hostedCalls),
            (#"{"type":"web_search_tool_result","tool_use_id":"s","content":[]}"#, .hostedCalls),
            (#"{"type":"mcp_tool_use","id":"s","name":"x","input":{}}"#, .hostedCalls),
            (#"{"type":"fallback","from":{"model":"a"},"to":{"model":"b"}}"#, .hostedCalls),
            (#"{"type":"compaction","content":null}"#, .contextManagement),
            (#"{"type":"new"}"#, .unknownBlocks),
        ])
    func skips(block: String, loss: Feature) {
        let lines =
            [
                start, open(0, block), delta(0, #"{"type":"input_json_delta","partial_json":"{"}"#),
                delta(0, #"{"type":"compaction_delta","content":"c"}"#), close(0),
            ]
            + said("x", at: 1) + [
                open(7, #"{"type":"tool_use","id":"a","name":"f","input":{}}"#), close(7), end("tool_use"),
                stop,
            ]
        let found = events(of: lines)
        #expect(
            found.events.dropLast(2) == [
                beginning, .open(.text), .delta(.text("x")), .close,
                .open(.call(id: "a", name: "f", isCustom: false)),
                .delta(.text("{}")), .close,
            ])
        #expect(found.losses == [loss])
    }

    @Test(
        "T142 T46: the words of the end",
        arguments: [
            ("end_turn", Stop.finished), ("max_tokens", .length), ("model_context_window_exceeded", .length),
            ("pause_turn", .length), ("compaction", .length), ("refusal", .filtered),
            ("stop_sequence", .sequence),
            ("tool_use", .finished), ("new", .finished),
        ])
    func readsStops(word: String, stop: Stop) throws {
        #expect(
            try Reply(folding: events(of: [start] + said("x") + [end(word), self.stop]).events).ending?.stop
                == stop)
    }

    @Test func tellsTheSequence() throws {
        let delta =
            #"{"type":"message_delta","delta":{"stop_reason":"stop_sequence","stop_sequence":"END"},"usage":{}}"#
        let reply = try Reply(folding: events(of: [start] + said("x") + [delta, stop]).events)
        #expect(reply.ending == Ending(.sequence, sequence: "END"))
    }

    @Test("T181: the same beginning again is nothing; another one within an answer is a failure")
    func readsRestarts() throws {
        #expect(
            try Reply(folding: events(of: [start, start] + said("x") + [end("end_turn"), stop]).events).text
                == "x")
        let other = start.replacing("msg_1", with: "msg_2")
        let found = events(
            of: [start] + said("x").dropLast() + [other] + said("y") + [end("end_turn"), stop]
        ).events
        guard case .failure(let failure)? = found.last else {
            Issue.record("no failure")
            return
        }
        #expect(failure.code == .brokenStream && !found.contains(.delta(.text("y"))))
        #expect(events(of: [start] + said("x") + [other, stop]).events.last?.isFailure == true)
    }

    @Test("T182: an answer that stands in its beginning")
    func readsWholeBeginnings() throws {
        let whole =
            #"{"type":"message_start","message":{"id":"m","model":"c","content":[{"type":"tool_use","id":"a","name":"f","input":{"x":1},"caller":{"type":"code_execution_20250825","tool_id":"t"}}],"stop_reason":"tool_use","usage":{"input_tokens":3,"output_tokens":4}}}"#
        let found = events(of: [whole, stop])
        let reply = try Reply(folding: found.events)
        #expect(reply.calls == [ToolCall(id: "a", name: "f", arguments: #"{"x":1}"#)])
        #expect(reply.ending?.stop == .toolCall && reply.usage == Usage(input: 3, output: 4))
        #expect(found.losses == [.hostedCalls])
        #expect(events(of: [whole]).events == found.events)
    }

    @Test("T183: a container is a loss")
    func losesContainers() {
        let lines = [start] + said("x") + [end("end_turn", #","container":{"id":"c"}"#), stop]
        #expect(events(of: lines).losses == [.container])
    }

    @Test("T185: rounds are billed one by one; the caller sees the top")
    func billsRounds() throws {
        let usage =
            #"{"input_tokens":612,"output_tokens":2819,"iterations":[{"input_tokens":60385,"output_tokens":522,"cache_read_input_tokens":10},{"input_tokens":612,"output_tokens":2819}]}"#
        let reply = try Reply(
            folding: events(of: [start] + said("x") + [end("end_turn", usage: usage), stop]).events)
        #expect(
            reply.usage
                == Usage(
                    input: 617, output: 2819, cached: 5, billed: Usage.Billed(input: 61007, output: 3341)))
    }

    @Test("T186: text before a refusal stays; one without words ends alone")
    func readsRefusals() throws {
        let refused = end(
            "refusal", #","stop_details":{"type":"refusal","category":"cyber","explanation":"why"}"#)
        let reply = try Reply(folding: events(of: [start] + said("x") + [refused, stop]).events)
        #expect(reply.text == "x" && reply.ending == Ending(.filtered, explanation: "why"))
        let bare = events(of: [start, end("refusal", #","stop_details":null"#), stop]).events
        #expect(bare.count == 3 && bare.last == .end(Ending(.filtered)))
    }

    @Test("T187: pings anywhere, and padding")
    func ignoresPings() throws {
        let ping = #"{"type": "ping"}    "#
        let lines = ([start] + said("x") + [end("end_turn"), stop]).flatMap { [ping, $0 + "   ", ping] }
        let found = events(of: lines).events
        #expect(try Reply(folding: found).text == "x" && found.count == 6)
    }

    @Test("T188: thoughts read the same however they are announced")
    func readsThoughts() {
        let pieces = [
            delta(0, #"{"type":"thinking_delta","thinking":"t"}"#),
            delta(0, #"{"type":"thinking_delta","thinking":""}"#),
            delta(0, #"{"type":"signature_delta","signature":"S"}"#),
        ]
        let expected: [Event] = [.open(.reasoning), .delta(.text("t")), .delta(.seal(seal("S"))), .close]
        for block in [
            #"{"type":"thinking","thinking":"","signature":""}"#, #"{"type":"thinking","thinking":""}"#,
            #"{"type":"thinking"}"#,
        ] {
            let found = events(of: [start, open(0, block)] + pieces + [close(0), end("end_turn"), stop])
                .events
            #expect(Array(found[1..<5]) == expected)
        }
        let whole = events(of: [
            start, open(0, #"{"type":"thinking","thinking":"t","signature":"S"}"#), close(0), end("end_turn"),
            stop,
        ])
        #expect(Array(whole.events[1..<5]) == expected)
        let bare = events(of: [
            start, open(0, #"{"type":"thinking","thinking":"t"}"#), close(0), end("end_turn"), stop,
        ])
        #expect(Array(bare.events[1..<4]) == [.open(.reasoning), .delta(.text("t")), .close])
    }

    @Test("T213: sealed thoughts are sealed once more, for this provider alone; ours stay as they are")
    func readsRedacted() {
        let found = events(of: [
            start, open(0, #"{"type":"redacted_thinking","data":"D"}"#), close(0), end("end_turn"), stop,
        ])
        #expect(Array(found.events[1..<3]) == [.open(.redacted(seal("D"))), .close])
        let ours = seal("x")
        let kept = events(of: [
            start, open(0, #"{"type":"redacted_thinking","data":"\#(ours)"}"#), close(0), end("end_turn"),
            stop,
        ])
        #expect(kept.events[1] == .open(.redacted(ours)))
    }

    @Test("The greatest index of all, and a block without one after it, crash nothing") func hugeIndex() {
        let found = events(of: [
            start, open(.max, #"{"type":"text","text":"a"}"#),
            #"{"type":"content_block_start","content_block":{"type":"text","text":"b"}}"#, end("end_turn"),
            stop,
        ])
        #expect(found.events.contains(.delta(.text("a"))) && found.events.contains(.delta(.text("b"))))
    }
}
