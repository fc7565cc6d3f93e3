// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import DashScope

@Suite struct ReadCallsTests {
    private func call(_ index: Int?, _ id: String?, _ name: String?, _ arguments: String) -> String {
        let members = [
            index.map { #""index":\#($0)"# }, id.map { #""id":"\#($0)""# }, #""type":"function""#,
            #""function":{\#(name.map { #""name":"\#($0)","# } ?? "")"arguments":\#(arguments)}"#,
        ]
        return "{\(members.compactMap(\.self).joined(separator: ","))}"
    }

    private func reply(_ stream: String, isCumulative: Bool = false) throws -> Reply {
        try Reply(folding: try events(stream, isCumulative: isCumulative))
    }

    @Test("D10: pieces of a call, the id in the first alone") func incremental() throws {
        let stream =
            called(call(0, "call_a", "weather", #""""#)) + called(call(0, "", nil, #""{\"city\":""#))
            + called(call(0, "", "", "null")) + called(call(0, "", nil, #""\"Rome\"}""#))
            + called(call(0, "", nil, #""""#), finish: "tool_calls")
        let all = try events(stream)
        #expect(deltas(all) == [#"{"city":"#, #""Rome"}"#])
        #expect(all.contains(.open(.call(id: "call_a", name: "weather", isCustom: false))))
        #expect(all.last == .end(Ending(.toolCall)))
    }

    @Test("D11: a call that repeats itself is told once, whole") func cumulative() throws {
        let stream =
            called(call(0, "call_a", "wea", #""""#)) + called(call(0, "call_a", "weather", #""{\"city\":""#))
            + called(call(0, "call_a", "weather", #""{\"city\":\"Rome\"}""#))
            + called(call(0, "call_a", "weather", #""{\"city\":\"Rome\"}""#), finish: "tool_calls")
        let reply = try reply(stream, isCumulative: true)
        #expect(reply.calls == [ToolCall(id: "call_a", name: "weather", arguments: #"{"city":"Rome"}"#)])
        #expect(try Document(Array(reply.calls[0].arguments.utf8)).root["city"]?.string == "Rome")
    }

    @Test("D11: words before calls that repeat themselves") func cumulativeWords() throws {
        let first = frame(#""content":"Let me""#) + frame(#""content":"Let me see""#)
        let calls = call(0, "a", "f", #""{}""#) + "," + call(1, "b", "g", #""{}""#)
        let last = frame(#""content":"Let me see","tool_calls":[\#(calls)]"#, finish: "tool_calls")
        let reply = try reply(first + last, isCumulative: true)
        #expect(reply.text == "Let me see" && reply.calls.map(\.name) == ["f", "g"])
    }

    @Test("D12: two calls at once, by index and without one", arguments: [true, false])
    func two(isIndexed: Bool) throws {
        func pair(_ first: (String?, String?, String), _ second: (String?, String?, String)) -> String {
            called(
                call(isIndexed ? 0 : nil, first.0, first.1, first.2) + ","
                    + call(isIndexed ? 1 : nil, second.0, second.1, second.2))
        }
        let stream =
            pair(("a", "f", #""{\"x\":""#), ("b", "g", #""{\"y\":""#))
            + pair(("", nil, #""1}""#), ("", nil, #""2}""#)) + called("", finish: "tool_calls")
        let calls = try reply(stream).calls
        #expect(
            calls == [
                ToolCall(id: "a", name: "f", arguments: #"{"x":1}"#),
                ToolCall(id: "b", name: "g", arguments: #"{"y":2}"#),
            ])
    }

    @Test("D12: calls one after the other at one place") func samePlace() throws {
        let stream =
            called(call(nil, "a", "f", #""{}""#))
            + called(call(nil, "b", "g", #""{}""#), finish: "tool_calls")
        #expect(try reply(stream).calls.map(\.id) == ["a", "b"])
    }

    @Test("an id that never comes is made, one that comes twice told apart") func ids() throws {
        let stream =
            called(call(0, nil, "f", #""{}""#)) + called(call(0, "", "f", #""""#), finish: "tool_calls")
        let id = try #require(try reply(stream).calls.first?.id)
        #expect(id.hasPrefix("call_") && id.utf8.count == 29)
        #expect(try reply(stream).calls.first?.id == id)
        let twice = called(
            call(0, "a", "f", #""{}""#) + "," + call(1, "a", "g", #""{}""#), finish: "tool_calls")
        #expect(try reply(twice).calls.map(\.id) == ["a", "a_2"])
    }

    @Test("a whole answer with calls") func wholeCalls() throws {
        let calls = call(nil, "a", "f", #"{"x":1}"#)
        let body =
            #"{"output":{"choices":[{"message":{"role":"assistant","content":"","tool_calls":[\#(calls)]},"#
            + #""finish_reason":"tool_calls"}]},\#(usage)}"#
        let reply = try Reply(folding: whole(body))
        #expect(reply.calls == [ToolCall(id: "a", name: "f", arguments: #"{"x":1}"#)])
        #expect(reply.ending?.stop == .toolCall && reply.text.isEmpty)
    }

    @Test("more calls than can be right") func tooMany() throws {
        let calls = (0...Composition.callLimit).map { call($0, "c\($0)", "f", #""{}""#) }.joined(
            separator: ",")
        var reader = AnswerReader(isCumulative: false)
        var events: [Event] = []
        reader.read(
            whole: Array(#"{"output":{"choices":[{"message":{"tool_calls":[\#(calls)]}}]}}"#.utf8),
            to: &events)
        #expect(failure(events)?.code == .answerTooLarge)
    }
}
