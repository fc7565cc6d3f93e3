// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import OpenAI

/// Calls in pieces, as servers cut and count them.
@Suite struct ReadCallsTests {
    private func calls(_ pieces: [String], _ provider: Provider = provider()) throws -> [ToolCall] {
        try folded(events(pieces.map { callChunk($0) } + [chunk("", finish: "tool_calls")], provider)).calls
    }

    private let q1 = ToolCall(id: "a", name: "f", arguments: #"{"q":1}"#)

    @Test(
        "T63 T82: a whole call in one chunk, its arguments in a string or an object",
        arguments: [
            #"{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"q\":1}"}}"#,
            #"{"index":0,"id":"a","function":{"name":"f","arguments":{"q":1}}}"#,
            #"{"index":"0","id":"a","function":{"name":"f","arguments":"{\"q\":1}"}}"#,
            #"{"id":"a","function":{"name":"f","arguments":"{\"q\":1}"}}"#,
            #"{"index":1,"id":"a","function":{"name":"f","arguments":"{\"q\":1}"}}"#,
        ])
    func inOneChunk(piece: String) throws {
        #expect(try calls([piece]) == [q1])
    }

    @Test(
        "T66 T177: what goes on may repeat or leave out id, name and type",
        arguments: [
            #"{"index":0,"function":{"arguments":"1}"}}"#,
            #"{"index":0,"id":"","function":{"name":"","arguments":"1}"}}"#,
            #"{"index":0,"id":null,"function":{"name":null,"arguments":"1}"}}"#,
            #"{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"1}"}}"#,
            #"{"index":0,"id":"a","function":{"name":"other","arguments":"1}"}}"#,
            #"{"index":0,"id":"z","function":{"arguments":"1}"}}"#,
        ])
    func goesOn(piece: String) throws {
        let first = #"{"index":0,"id":"a","function":{"name":"f","arguments":"{\"q\":"}}"#
        #expect(try calls([first, piece]) == [q1])
    }

    @Test("T65 T172: interleaved calls come one after the other")
    func interleaved() throws {
        let all = events(
            [
                #"{"index":0,"id":"a","function":{"name":"f","arguments":""}},{"index":1,"id":"b","function":{"name":"g","arguments":""}}"#,
                #"{"index":1,"function":{"arguments":"{\"q\":"}}"#,
                #"{"index":0,"function":{"arguments":"{\"p\":1}"}},{"index":1,"function":{"arguments":"2}"}}"#,
            ].map { callChunk($0) } + [chunk("", finish: "stop")])
        #expect(
            all.dropFirst() == [
                .open(.call(id: "a", name: "f", isCustom: false)), .delta(.text(#"{"p":1}"#)), .close,
                .open(.call(id: "b", name: "g", isCustom: false)), .delta(.text(#"{"q":"#)),
                .delta(.text("2}")),
                .close, .end(Ending(.toolCall)),
            ])
    }

    @Test("T67: without an index, ids and names tell calls apart")
    func withoutIndex() throws {
        let g = ToolCall(id: "b", name: "g", arguments: "{}")
        #expect(
            try calls([
                #"{"id":"a","function":{"name":"f","arguments":"{\"q\":"}}"#,
                #"{"id":"a","function":{"arguments":"1"}}"#, #"{"function":{"arguments":"}"}}"#,
                #"{"id":"b","function":{"name":"g","arguments":"{}"}}"#,
            ]) == [q1, g])
        let named = try calls([
            #"{"function":{"name":"f","arguments":"{}"}}"#, #"{"function":{"name":"g","arguments":"{}"}}"#,
            #"{"function":{"name":"g","arguments":"{}"}}"#,
        ])
        #expect(named.map(\.name) == ["f", "g", "g"] && Set(named.map(\.id)).count == 3)
        #expect(named.allSatisfy { $0.id.hasPrefix("call_") })
    }

    @Test("T68: several calls of index 0 with ids of their own")
    func allZero() throws {
        let found = try calls([
            #"{"index":0,"id":"a","function":{"name":"f","arguments":"{\"q\":1}"}},{"index":0,"id":"b","function":{"name":"f","arguments":"{}"}}"#
        ])
        #expect(found == [q1, ToolCall(id: "b", name: "f", arguments: "{}")])
    }

    @Test("T69: id and name may come late; without a name there is no call")
    func late() throws {
        #expect(
            try calls([
                #"{"index":0,"function":{"arguments":"{\"q\":"}}"#, #"{"index":0,"function":{"name":"f"}}"#,
                #"{"index":0,"id":"a","function":{"arguments":"1}"}}"#,
            ]) == [q1])
        let nameless = events([
            callChunk(#"{"index":0,"id":"a","function":{"arguments":"{}"}}"#),
            chunk("", finish: "tool_calls"),
        ])
        #expect(nameless.count == 2 && nameless.last == .end(Ending(.finished)))
    }

    @Test("T177: calls without ids get some of their own, each another, in every answer others")
    func ids() throws {
        let piece = #"{"index":0,"id":"","function":{"name":"f","arguments":"{}"}}"#
        let second = #"{"index":1,"id":"","function":{"name":"f","arguments":"{}"}}"#
        let found = try calls([piece, second])
        #expect(found.count == 2 && found[0].id != found[1].id)
        let other = try folded(
            events([callChunk(piece, finish: "stop").replacing("c1", with: "c2")])
        ).calls
        #expect(other[0].id != found[0].id)
        let twins = try folded(
            whole(
                answer(
                    #""content":null,"tool_calls":[{"id":"x","function":{"name":"f","arguments":"{}"}},{"id":"x","function":{"name":"f","arguments":null}}]"#
                ))
        ).calls
        #expect(twins.map(\.id) == ["x", "x_2"] && twins.map(\.arguments) == ["{}", ""])
    }

    @Test("T64: text while a call is open waits for it, or ends it")
    func textBetween() throws {
        let all = events([
            callChunk(#"{"index":0,"id":"a","function":{"name":"f","arguments":"{\"q\":"}}"#),
            chunk(#""content":"meanwhile""#), callChunk(#"{"index":0,"function":{"arguments":"1}"}}"#),
            chunk(#""content":" and after""#), chunk("", finish: "tool_calls"),
        ])
        #expect(
            all.dropFirst() == [
                .open(.call(id: "a", name: "f", isCustom: false)), .delta(.text(#"{"q":"#)),
                .delta(.text("1}")), .close, .open(.text), .delta(.text("meanwhile")),
                .delta(.text(" and after")), .close, .end(Ending(.toolCall)),
            ])
        let done = events([
            callChunk(#"{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}"#),
            chunk(#""content":"next""#, finish: "tool_calls"),
        ])
        #expect(try folded(done).text == "next")
        #expect(done[3] == .close)
    }

    @Test("T75: no calls beside content are no calls", arguments: ["[]", "null"])
    func noCalls(calls: String) {
        let all = events([chunk(#""content":"a","tool_calls":\#(calls)"#, finish: "stop")])
        #expect(all.count == 5 && all.last == .end(Ending(.finished)))
    }

    @Test(
        "T81 T42: a call without arguments",
        arguments: [
            #"{"index":0,"id":"a","function":{"name":"f"}}"#,
            #"{"index":0,"id":"a","function":{"name":"f","arguments":""}}"#,
            #"{"index":0,"id":"a","function":{"name":"f","arguments":null}}"#,
        ])
    func withoutArguments(piece: String) throws {
        #expect(try calls([piece]) == [ToolCall(id: "a", name: "f", arguments: "")])
    }

    @Test("T83: arguments that repeat what came before, where the provider is known for it")
    func cumulative() throws {
        let pieces = [#"{\"q\":"#, #"{\"q\":1"#, #"{\"q\":1}"#].map {
            #"{"index":0,"id":"a","function":{"name":"f","arguments":"\#($0)"}}"#
        }
        #expect(try calls(pieces, provider("cumulative_arguments")) == [q1])
        #expect(try calls(pieces) != [q1])
    }

    @Test("T56: the old form of a call, streamed and whole")
    func legacy() throws {
        let streamed = try folded(
            events([
                chunk(#""function_call":{"name":"f","arguments":""}"#),
                chunk(#""function_call":{"arguments":"{\"q\":"}"#),
                chunk(#""function_call":{"arguments":"1}"}"#),
                chunk("", finish: "function_call"),
            ]))
        let once = try folded(
            whole(
                answer(
                    #""content":null,"function_call":{"name":"f","arguments":"{\"q\":1}"}"#,
                    finish: "function_call")))
        for reply in [streamed, once] {
            #expect(reply.calls.map(\.arguments) == [q1.arguments] && reply.calls[0].name == "f")
            #expect(reply.calls[0].id.hasPrefix("call_") && reply.ending == Ending(.toolCall))
        }
    }

    @Test("custom calls bear free text")
    func custom() throws {
        let found = try calls([
            #"{"index":0,"id":"a","type":"custom","custom":{"name":"sh","input":""}}"#,
            #"{"index":0,"custom":{"input":"ls"}}"#, #"{"index":0,"custom":{"input":" -l"}}"#,
        ])
        #expect(found == [ToolCall(id: "a", name: "sh", arguments: "ls -l", isCustom: true)])
    }

    @Test("T170: arguments cut by the limit stay as they are, and the call is closed")
    func cutByLimit() throws {
        let piece = #"{"index":0,"id":"a","function":{"name":"f","arguments":"{\"q\":"}}"#
        let reply = try folded(events([callChunk(piece), chunk("", finish: "length")]))
        #expect(reply.calls.map(\.arguments) == [#"{"q":"#] && reply.ending == Ending(.length))
    }

    @Test("T197: calls that a model wrapped in one are unwrapped, if it had no such tool")
    func wrapped() throws {
        let arguments =
            #"{\"tool_uses\":[{\"recipient_name\":\"functions.f\",\"parameters\":{\"q\":1}},{\"recipient_name\":\"g\",\"parameters\":{}}]}"#
        let data = [
            callChunk(#"{"index":0,"id":"a","function":{"name":"multi_tool_use.parallel","arguments":""}}"#),
            callChunk(#"{"index":0,"function":{"arguments":"\#(arguments)"}}"#),
            chunk("", finish: "tool_calls"),
        ]
        let tools = ["f", "g"].map { Tool(name: $0, kind: .function(schema: nil)) }
        let asking = request(user) { $0.tools = tools }
        let found = try folded(events(data, for: asking)).calls
        #expect(
            found == [
                ToolCall(id: "a_0", name: "f", arguments: #"{"q":1}"#),
                ToolCall(id: "a_1", name: "g", arguments: "{}"),
            ])
        #expect(try folded(events(data)).calls.map(\.name) == ["multi_tool_use.parallel"])
    }

    @Test func tooManyCalls() {
        let data = (0..<1_100).map { callChunk(#"{"index":\#($0),"id":"c\#($0)","function":{"name":"f"}}"#) }
        #expect(failure(events(data))?.code == .answerTooLarge)
    }

    @Test func whatWaitsHasALimit() throws {
        let open = callChunk(#"{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}"#)
        let text = chunk(#""content":"\#(String(repeating: "x", count: 1 << 20))""#)
        let all = events([open] + Array(repeating: text, count: 33))
        #expect(failure(all)?.code == .answerTooLarge && all.count == 4)
        #expect(failure(events(Array(repeating: text, count: 33))) == nil)
    }

    @Test func endlessTextIsHeldForNobody() throws {
        // A call whose arguments are no JSON object never ends by itself; what waits behind it comes at the
        // end.
        let reply = try folded(
            events([
                callChunk(#"{"index":0,"id":"a","function":{"name":"f","arguments":"oops"}}"#),
                chunk(#""content":"w""#), chunk("", finish: "stop"),
            ]))
        #expect(reply.calls.map(\.arguments) == ["oops"] && reply.text == "w")
    }
}
