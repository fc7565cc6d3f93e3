// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Anthropic

/// Answers in the place of others, and what is wrong with a reply.
extension ReadReplyTests {
    @Test("T124: the answer that came as a tool's input is a text", arguments: [true, false])
    func readsAnswerTools(isStreamed: Bool) throws {
        let input = isStreamed ? "{}" : #"{"a": 1}"#
        let pieces =
            isStreamed
            ? [#"{\"a\""#, #": 1}"#].map { delta(0, #"{"type":"input_json_delta","partial_json":"\#($0)"}"#) }
            : []
        let lines =
            [start, open(0, #"{"type":"tool_use","id":"t","name":"answer","input":\#(input)}"#)] + pieces + [
                close(0), end("tool_use"), stop,
            ]
        let reply = try Reply(folding: events(of: lines, answerTool: "answer").events)
        #expect(reply.text == #"{"a": 1}"# && reply.calls.isEmpty && reply.ending?.stop == .finished)
    }

    @Test("calls without an id get one, twins are told apart, calls without a name are dropped")
    func namesCalls() throws {
        let blocks = [#""id":"""#, #""name2":"""#, #""id":"a""#, #""id":"a""#]
        let lines =
            [start]
            + blocks.enumerated().flatMap { index, id in
                [open(index, #"{"type":"tool_use",\#(id),"name":"f","input":{}}"#), close(index)]
            } + [open(9, #"{"type":"tool_use","id":"z","input":{}}"#), close(9), end("tool_use"), stop]
        let ids = try Reply(folding: events(of: lines).events).calls.map(\.id)
        #expect(ids.count == 4 && Set(ids).count == 4 && !ids.contains("z") && ids[2] == "a")
    }

    @Test func readsCitations() throws {
        let cite =
            #"{"type":"citations_delta","citation":{"type":"web_search_result_location","url":"https://u","title":"t","cited_text":"c","encrypted_index":"e"}}"#
        let place =
            #"{"type":"citations_delta","citation":{"type":"char_location","cited_text":"c","document_index":0}}"#
        let text = said("x")
        let lines = [
            start, text[0], delta(0, cite), text[1], delta(0, cite), delta(0, place), text[2],
            end("end_turn"), stop,
        ]
        let found = events(of: lines)
        #expect(
            Array(found.events[2..<5]) == [
                .delta(.text("x")), .delta(.citation(Citation(url: "https://u", title: "t"))), .close,
            ])
        #expect(found.losses == [.citations])
    }

    @Test("T137 T88: an error in the middle is the end, and its type is kept")
    func readsErrors() {
        let error = #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#
        let found = events(of: [start] + said("x").dropLast() + [error, close(0), stop]).events
        guard case .failure(let failure)? = found.last else {
            Issue.record("no failure")
            return
        }
        #expect(
            failure.code == .upstreamOverloaded && failure.message == "Overloaded"
                && failure.word == "overloaded_error")
        #expect(events(of: [error]).events == [.failure(failure)])
        #expect(events(of: [#"{"error":{"message":"m"}}"#]).events.count == 1)
    }

    @Test("T88: a stream that ends too early is a failure; after its reason it is whole")
    func readsEnds() throws {
        let lines = [start] + said("x") + [end("end_turn"), stop]
        for count in 0..<(lines.count - 2) {
            #expect(events(of: Array(lines.prefix(count))).events.last?.isFailure == true)
        }
        #expect(events(of: lines.dropLast()).events == events(of: lines).events)
        #expect(try Reply(folding: events(of: [start] + said("x") + [stop]).events).ending?.stop == .finished)
        #expect(try Reply(folding: events(of: lines + ["[DONE]"] + lines).events).text == "x")
        #expect(events(of: [start, "no JSON"]).events.last?.isFailure == true)
    }

    @Test(
        "a whole answer that is none",
        arguments: [
            ("", Failure.Code.brokenAnswer), ("[]", .brokenAnswer), (#"{"id":"m"}"#, .brokenAnswer),
            (#"{"type":"error","error":{"type":"rate_limit_error","message":"m"}}"#, .upstreamRateLimit),
            (#"{"error":"m"}"#, .upstreamFault),
        ])
    func refusesWhole(body: String, code: Failure.Code) {
        guard case .failure(let failure)? = events(ofWhole: Array(body.utf8)).events.last else {
            Issue.record("no failure")
            return
        }
        #expect(failure.code == code)
    }

    /// Look-alikes that leave out an event, or mix blocks up.
    @Test("blocks come one after the other, whatever the wire does")
    func survives() throws {
        let text = said("x")
        #expect(try Reply(folding: events(of: [text[1], stop]).events).text == "x")
        #expect(
            try Reply(folding: events(of: [start, text[0], text[1], end("end_turn"), stop]).events).text
                == "x")
        let calls = [
            start, open(0, #"{"type":"tool_use","id":"a","name":"f","input":{}}"#),
            open(1, #"{"type":"tool_use","id":"b","name":"g","input":{}}"#),
            delta(1, #"{"type":"input_json_delta","partial_json":"{\"q\":"}"#),
            delta(0, #"{"type":"input_json_delta","partial_json":"{}"}"#),
            delta(1, #"{"type":"input_json_delta","partial_json":"2}"}"#), end("tool_use"), stop,
        ]
        #expect(try Reply(folding: events(of: calls).events).calls.map(\.arguments) == ["{}", #"{"q":2}"#])
        _ = events(of: [
            start, delta(3, "5"), delta(0, #"{"type":"text_delta","text":5}"#),
            #"{"type":"content_block_start"}"#, close(8), stop,
        ])
    }

    @Test func boundsWhatIsOpen() {
        let many =
            [start] + (0..<200).map { open($0, #"{"type":"text","text":"x"}"#) } + [end("end_turn"), stop]
        guard case .failure(let failure)? = events(of: many).events.last else {
            Issue.record("no failure")
            return
        }
        #expect(failure.code == .answerTooLarge)
    }

    @Test("T96: fifty thousand pieces of one argument cost fifty thousand pieces")
    func isLinear() {
        var reader = AnswerReader(upstream: "up", answerTool: nil)
        var events: [Event] = []
        reader.read(event: [], data: Array(start.utf8), to: &events)
        reader.read(
            event: [], data: Array(open(0, #"{"type":"tool_use","id":"a","name":"f","input":{}}"#).utf8),
            to: &events)
        let piece = Array(
            delta(0, #"{"type":"input_json_delta","partial_json":"xxxxxxxxxxxxxxxxxxxx"}"#).utf8)
        for _ in 0..<50_000 {
            events.removeAll(keepingCapacity: true)
            reader.read(event: [], data: piece, to: &events)
        }
        #expect(events == [.delta(.text("xxxxxxxxxxxxxxxxxxxx"))])
    }
}
