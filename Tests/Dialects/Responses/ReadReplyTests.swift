// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Responses

@Suite struct ReadReplyTests: Streaming {
    @Test func readsText() throws {
        let usage =
            #"{"input_tokens":9,"input_tokens_details":{"cached_tokens":4},"output_tokens":2,"output_tokens_details":{"reasoning_tokens":1}}"#
        let found = events([
            created, added(0, message), delta("output_text", 0, "a"), delta("output_text", 0, ""),
            delta("output_text", 0, "b"), done(0, message),
            #"{"type":"response.completed","response":{"status":"completed","usage":\#(usage)}}"#,
        ])
        #expect(
            found.events == [
                .begin(Beginning(id: "resp_1", model: "m")), .open(.text), .delta(.text("a")),
                .delta(.text("b")),
                .close, .usage(Usage(input: 9, output: 2, cached: 4, reasoning: 1)), .end(Ending(.finished)),
            ])
    }

    @Test("T143: arguments that come at the end alone are not lost") func lateArguments() throws {
        let end = #"{"type":"response.function_call_arguments.done","output_index":0,"arguments":"{}"}"#
        for data in [
            [added(0, call("c")), end, done(0, call("c"))], [added(0, call("c")), done(0, call("c", "{}"))],
            [added(0, call("c")), end], [done(0, call("c", "{}"))],
            [added(0, call("c")), delta("function_call_arguments", 0, "{}"), end, done(0, call("c", "{}"))],
            [added(0, call("c", "{}")), delta("function_call_arguments", 0, "{}"), done(0, call("c", "{}"))],
        ] {
            let reply = try reply([created] + data + [completed])
            #expect(reply.calls == [ToolCall(id: "c", name: "f", arguments: "{}")])
            #expect(reply.ending?.stop == .toolCall)
        }
        let nowhere =
            #"{"type":"response.completed","response":{"status":"completed","output":[\#(call("c", "{}"))]}}"#
        #expect(try reply([created, added(0, call("c")), nowhere]).calls.map(\.arguments) == ["{}"])
        let text = #"{"type":"response.output_text.done","output_index":0,"content_index":0,"text":"a"}"#
        #expect(try reply([created, added(0, message), text, completed]).text == "a")
    }

    /// A stream cannot wait for a summary that may never come: what came first goes on.
    @Test("T144: a summary and the thoughts themselves are not both told") func thoughtsOnce() throws {
        let item = #"{"type":"reasoning","id":"rs_1","summary":[]}"#
        let summary = delta("reasoning_summary_text", 0, "s", #","summary_index":0"#)
        let thought = delta("reasoning_text", 0, "t", #","content_index":0"#)
        for (data, expected) in [([summary, thought, summary], "ss"), ([thought, summary], "t")] {
            let reply = try reply([created, added(0, item)] + data + [done(0, item), completed])
            #expect(reply.items == [.reasoning(Reasoning(text: expected))])
        }
        let both =
            #"{"type":"reasoning","summary":[{"text":"s"},{"text":"u"}],"content":[{"type":"reasoning_text","text":"t"}]}"#
        let body = Array(#"{"status":"completed","output":[\#(both)]}"#.utf8)
        let whole = try Reply(folding: ResponsesTests.events(whole: body).events)
        #expect(whole.items == [.reasoning(Reasoning(text: "s\n\nu"))])
    }

    @Test("T172: calls that come at the same time go on one after the other") func interleaved() throws {
        let found = events([
            created, added(0, call("a")), added(1, call("b")), delta("function_call_arguments", 1, "{"),
            delta("function_call_arguments", 0, "{"), delta("function_call_arguments", 1, "}"),
            delta("function_call_arguments", 0, "}"), done(1, call("b", "{}")), done(0, call("a", "{}")),
            completed,
        ])
        #expect(fault(found.events) == nil)
        #expect(try Reply(folding: found.events).calls.map(\.arguments) == ["{}", "{}"])
        #expect(try Reply(folding: found.events).calls.map(\.id) == ["a", "b"])
    }

    @Test("T190: without numbers and without indices an id must do") func noIndices() throws {
        let reply = try reply([
            created,
            #"{"type":"response.output_item.added","item":{"type":"reasoning","id":"rs_1","summary":[]}}"#,
            #"{"type":"response.reasoning_text.delta","item_id":"rs_1","delta":"t"}"#,
            #"{"type":"response.output_item.done","item":{"type":"reasoning","id":"rs_1","summary":[]}}"#,
            #"{"type":"response.output_item.added","item":\#(message)}"#,
            #"{"type":"response.output_text.delta","item_id":"msg_1","delta":"a"}"#,
            #"{"type":"response.output_item.done","item":\#(message)}"#, completed,
        ])
        #expect(reply.items == [.reasoning(Reasoning(text: "t")), .text(Reply.Text(text: "a"))])
    }

    @Test("T191: gaps between indices, and items that never end, do not matter") func gaps() throws {
        let list = #"{"type":"mcp_list_tools","id":"x"}"#
        let reply = try reply([
            created, added(0, list), added(2, message), delta("output_text", 2, "a"), added(7, call("c")),
            delta("function_call_arguments", 7, "{}"),
            #"{"type":"response.completed","response":{"status":"completed","output":[\#(list),\#(message),\#(call("c", "{}"))]}}"#,
        ])
        #expect(reply.items.count == 2 && reply.text == "a" && reply.calls.map(\.arguments) == ["{}"])
    }

    @Test("T192: items come from where they are told, streamed or at the end") func lateItems() throws {
        #expect(try reply([created, done(0, call("c", "{}")), completed]).calls.count == 1)
        let text = #"{"type":"message","id":"msg_1","content":[{"type":"output_text","text":"a"}]}"#
        let all =
            #"{"type":"response.completed","response":{"status":"completed","output":[\#(text),\#(call("c", "{}"))]}}"#
        #expect(try reply([created, all]).items.count == 2)
        #expect(try reply([created, added(0, message), delta("output_text", 0, "a"), all]).items.count == 2)
        #expect(try reply([created, done(0, text), done(1, call("c", "{}")), all]).items.count == 2)
    }

    @Test("T194: text without its part, and without its item") func noParts() throws {
        #expect(try reply([created, delta("output_text", 0, "a"), completed]).text == "a")
        #expect(try reply([delta("output_text", 0, "a"), completed]).text == "a")
    }

    @Test("T195: what nobody knows is a loss, and what follows is intact") func unknown() throws {
        let item = #"{"type":"tool_search_call","arguments":{"a":1},"call_id":null}"#
        let found = events([
            created, #"{"type":"response.zap","output_index":0}"#, added(0, item), delta("zap", 0, "x"),
            done(0, item),
            added(1, message), delta("output_text", 1, "a"), completed,
        ])
        #expect(fault(found.events) == nil && found.losses == [.hostedCalls])
        #expect(try Reply(folding: found.events).text == "a")
    }

    @Test("T166: numbers in arguments keep every digit") func exactNumbers() throws {
        let words = #"{\"n\":9007199254740993,\"x\":1.10}"#
        let reply = try reply([created, done(0, call("c", words)), completed])
        #expect(reply.calls.map(\.arguments) == [#"{"n":9007199254740993,"x":1.10}"#])
    }

    @Test("T196: a call is a call, whatever its status") func unfinishedCalls() throws {
        let item = call("c", "{}", #","status":"in_progress","caller":{"type":"direct"}"#)
        #expect(try reply([created, added(0, item), done(0, item), completed]).calls.count == 1)
    }

    @Test("T202: a call in a namespace has the name of the request's tool") func namespaces() throws {
        var request = asked()
        var tool = Tool(name: "ns__f_2", kind: .function(schema: nil))
        tool.space = Tool.Space(space: "ns", name: "f")
        request.tools = [tool]
        let item = call("c", "{}", #","namespace":"ns""#)
        let found = ResponsesTests.events([created, done(0, item), completed], for: request)
        #expect(try Reply(folding: found.events).calls.map(\.name) == ["ns__f_2"])
    }

    @Test("T203: a call of free text is one") func customCalls() throws {
        let item = { (text: String) in
            #"{"type":"custom_tool_call","id":"ctc_1","call_id":"c","name":"sh","input":"\#(text)"}"#
        }
        for data in [
            [
                added(0, item("")), delta("custom_tool_call_input", 0, "l"),
                delta("custom_tool_call_input", 0, "s"),
            ],
            [added(0, item("")), done(0, item("ls"))],
        ] {
            let reply = try reply([created] + data + [completed])
            #expect(reply.calls == [ToolCall(id: "c", name: "sh", arguments: "ls", isCustom: true)])
        }
    }

    @Test("T69: calls without an id get one, calls without a name are none") func nameless() throws {
        let reply = try reply([
            created, done(0, #"{"type":"function_call","name":"f","arguments":"{}","call_id":""}"#),
            done(1, #"{"type":"function_call","name":"f","arguments":"{}"}"#),
            done(2, #"{"type":"function_call","arguments":"{}","call_id":"c"}"#),
            added(3, #"{"type":"function_call","call_id":"d","arguments":""}"#),
            delta("function_call_arguments", 3, "{}"), done(3, call("d", "{}")), completed,
        ])
        #expect(
            reply.calls.map(\.id) == ["call_0", "call_1", "d"]
                && reply.calls.map(\.arguments) == ["{}", "{}", "{}"])
    }

    @Test func sealsEncryptedThoughts() throws {
        let item = #"{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"}"#
        guard case .reasoning(let thoughts)? = try reply([created, done(0, item), completed]).items.first
        else {
            Issue.record("no thoughts")
            return
        }
        #expect(thoughts.isRedacted && Seal.open(thoughts.seal ?? "", upstream: "other") == nil)
        #expect(Seal.open(thoughts.seal ?? "", upstream: "up")?["encrypted_content"]?.string == "gAAA")
        #expect(
            try reply([created, done(0, item), completed], provider("no_encrypted_reasoning")).items.isEmpty)
        let ours = #"{"type":"reasoning","summary":[{"text":"t"}],"encrypted_content":"eflt1:x"}"#
        let kept = try reply([created, done(0, ours), completed]).items
        #expect(kept == [.reasoning(Reasoning(text: "t", seal: "eflt1:x"))])
    }
}
