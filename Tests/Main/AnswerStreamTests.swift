// SPDX-License-Identifier: MIT

import HTTP
import Model
import Testing
import Unix

@testable import edgefilter

@Suite struct AnswerStreamTests {
    private func passed(_ stream: String, _ name: String? = nil) -> [Passed] {
        Array(stream.utf8).splits.map { Passed($0, type: "text/event-stream; charset=utf-8", name: name) }
    }

    private let stream = """
        : ping

        data: {"model":"glm","choices":[{"delta":{"content":"model"},"finish_reason":null}],"usage":null}

        data: {"model":"glm","choices":[{"delta":{},"finish_reason":"tool_calls"}]}

        data: {"model":"glm","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3}}

        data: [DONE]


        """

    @Test func passesBytesOnUntouched() {
        for passed in passed(stream) {
            #expect(passed.content == stream && passed.code == nil)
            #expect(
                passed.usage == Usage(input: 9, output: 3) && passed.stop == .toolCall && passed.isComplete)
        }
    }

    @Test func renamesEveryEvent() {
        let expected = stream.replacing(#""model":"glm""#, with: #""model":"gpt-5""#)
        for passed in passed(stream, "gpt-5") {
            #expect(
                passed.content == expected && passed.isComplete && passed.usage == Usage(input: 9, output: 3))
        }
    }

    /// Data on one line keeps all bytes around the name.
    @Test(arguments: [
        "data:{\"model\":\"a\"}\n\n", "data: {\"model\":\"a\"}\r\n\r\n", "data: {\"model\":\"a\"}\r\r",
        "event: x\nid: 7\nretry: 3\ndata: {\"model\":\"a\"}\n: note\n\n", "data:  {\"model\" : \"a\" } \n\n",
        "event: data\n: data: {\"model\":\"a\"}\ndata: {\"model\":\"a\"}\n\n",
        "data: {\"model\":\"a\",\"response\":{\"x\":1}}\n\n: c\n\ndata: {\"response\":{\"model\":\"a\"}}\n\n",
        "data: {\"m\\u006fdel\":\"a\"}\n\n",
    ])
    func renamesInOneLine(event: String) {
        let expected = event.replacing("data: {\"model\":\"a\"}\ndata", with: "X").replacing(
            "\"a\"", with: "\"long\""
        )
        .replacing("X", with: "data: {\"model\":\"a\"}\ndata")
        for passed in passed(event, "long") { #expect(passed.content == expected) }
        for passed in passed(event) { #expect(passed.content == event) }
    }

    @Test func renamesInSeveralLines() {
        let event = "event: x\r\ndata: {\"a\":1,\r\ndata: \"model\":\r\ndata:\"a\"}\r\n\r\ndata: b\r\n\r\n"
        let expected = "event: x\r\ndata: {\"a\":1,\ndata: \"model\":\ndata: \"m\"}\n\r\ndata: b\r\n\r\n"
        for passed in passed(event, "m") { #expect(passed.content == expected) }
    }

    @Test(arguments: [
        "data: {\"model\":\"a\"\n\n", "data: {\"model\":7}\n\n", "data: model\n\n",
        "data: {\"x\":{\"model\":\"a\"}}\n\n",
        "data\n\n", "\n\n\n", ": {\"model\":\"a\"}\n\n", "event: {\"model\":\"a\"}\n\n",
        "data: {\"model\":\"a\"}\n",
    ])
    func leavesTheRest(stream: String) {
        for passed in passed(stream, "m") { #expect(passed.content == stream && !passed.isComplete) }
    }

    @Test(arguments: [
        ("data: [DONE]\n\n", true), ("data:[DONE]\r\n\r\n", true), ("data: [DONE]\n", false),
        ("data: DONE\n\n", false),
        ("data: {\"choices\":[{\"finish_reason\":\"stop\"}]}\n\n", true),
        ("data: {\"choices\":[{\"finish_reason\":null}]}\n\n", false),
        ("event: response.completed\ndata: {\"response\":{\"status\":\"completed\"}}\n\n", true),
        ("data: {\"response\":{\"status\":\"in_progress\"}}\n\n", false),
        ("data: {\"response\":{\"status\":\"queued\"}}\n\n", false), ("", false),
        ("data: {\"response\":{\"status\":\"incomplete\"}}\n\n", true),
    ])
    func seesTheEnd(stream: String, isComplete: Bool) {
        for passed in passed(stream) { #expect(passed.isComplete == isComplete) }
    }

    @Test func readsTheUsageOfResponses() {
        let event = """
            event: response.completed
            data: {"response":{"status":"completed","usage":{"input_tokens":5,"output_tokens":7,\
            "input_tokens_details":{"cached_tokens":2},"output_tokens_details":{"reasoning_tokens":6}}}}


            """
        for passed in passed(event) {
            #expect(
                passed.usage == Usage(input: 5, output: 7, cached: 2, reasoning: 6)
                    && passed.stop == .finished)
        }
    }

    private func answer() throws -> Answer {
        Answer(
            ResponseHead(200, ["Content-Type": "text/event-stream"]), framing: .untilClose,
            landmarks: try httpSide().landmarks, client: caller, name: nil, eventLimit: 8 << 20)
    }

    /// The caller never sees half an event before the error.
    @Test func aFailureDropsAPartialEvent() throws {
        let bytes = Array("data: a\n\ndata: b\n".utf8)
        for pieces in bytes.splits {
            var (answer, body, out) = (try answer(), Buffer(), Buffer())
            for piece in pieces {
                body.append(piece)
                try answer.take(&body, to: &out)
            }
            answer.fail(Failure(.silence, "nothing more"), to: &out)
            let error =
                #"{"error":{"message":"nothing more","type":"relay_error","param":null,"code":"timeout"}}"#
            #expect(text(out.takeAll()) == "data: a\n\ndata: \(error)\n\ndata: [DONE]\n\n")
        }
    }

    /// A ping put in wherever it is allowed harms no event.
    @Test func pingsAtBoundaries() throws {
        let bytes = Array(stream.utf8)
        let events = try dispatched(bytes)
        var pings = 0
        for cut in 0...bytes.count {
            var (answer, body, out) = (try answer(), Buffer(), Buffer())
            body.append(bytes[..<cut])
            try answer.take(&body, to: &out)
            let isAtBoundary = answer.isAtBoundary
            if isAtBoundary { answer.ping(to: &out) }
            pings += isAtBoundary ? 1 : 0
            body.append(bytes[cut...])
            try answer.take(&body, to: &out)
            let all = out.takeAll()
            #expect(try dispatched(all) == events && text(all).contains(": keep-alive\n\n") == isAtBoundary)
            #expect(answer.sent == bytes.count)
        }
        #expect(pings >= events.count)
    }

    private func dispatched(_ bytes: [UInt8]) throws -> [String] {
        var reader = EventReader()
        var index = 0
        var events: [String] = []
        while try reader.next(in: bytes.span, at: &index) {
            if reader.dispatches { events.append(text(reader.data)) }
        }
        return events
    }

    @Test func refusesAHugeEvent() {
        let huge = Array("data: ".utf8) + [UInt8](repeating: 0x61, count: 9 << 20)
        #expect(Passed([huge], type: "text/event-stream").code == .brokenAnswer)
    }
}
