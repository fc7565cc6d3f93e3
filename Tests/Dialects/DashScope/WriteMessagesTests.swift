// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import DashScope

@Suite struct WriteMessagesTests {
    private let user = Turn(role: .user, text: "Hi")

    private func told(_ turns: [Turn]) throws -> String { try told("qwen-plus", turns) }

    private func told(
        _ model: String, _ turns: [Turn], change: (inout Request) -> Void = { _ in }
    ) throws -> String {
        var asking = Request(model: model, turns: turns, isStreamed: false, wantsUsage: false)
        change(&asking)
        return try messages(asking)
    }

    @Test("D20 D56: an answer that has begun goes on, or is asked to") func lastAssistant() throws {
        let begun = Turn(role: .assistant, text: "Well,")
        #expect(
            try told([user, begun])
                == #"[{"role":"user","content":"Hi"},{"role":"assistant","content":"Well,","partial":true}]"#)
        #expect(
            try told("farui-plus", [user, begun])
                == #"[{"role":"user","content":"Hi"},{"role":"assistant","content":"Well,"},"#
                + #"{"role":"user","content":"Continue."}]"#)
        let asking = request("farui-plus", user, begun) {
            $0.mentions.note(.prefill, as: "messages[-1]", at: "messages.1")
        }
        #expect(try sent(asking).outgoing.losses == [.prefill])
    }

    @Test("D20 D21 D56: instructions are one message, the first, wherever they stand") func instructions()
        throws
    {
        let turns = [
            Turn(role: .system, text: "A"), Turn(role: .developer, text: "B"), user,
            Turn(role: .system, text: "C"),
        ]
        #expect(
            try told(turns) == #"[{"role":"system","content":"A\n\nB\n\nC"},{"role":"user","content":"Hi"}]"#)
        #expect(
            try told([Turn(role: .system, text: "A")])
                == #"[{"role":"system","content":"A"},{"role":"user","content":" "}]"#)
    }

    @Test("D22: turns alternate for a model that wants them to") func alternation() throws {
        let turns = [
            user, Turn(role: .user, text: "there"), Turn(role: .assistant, text: "a"),
            Turn(role: .assistant, text: "b"), user,
        ]
        #expect(
            try told("farui-plus", turns)
                == #"[{"role":"user","content":"Hi\n\nthere"},{"role":"assistant","content":"ab"},"#
                + #"{"role":"user","content":"Hi"}]"#)
        #expect(
            try told(turns).contains(#"{"role":"user","content":"Hi"},{"role":"user","content":"there"}"#))
    }

    @Test("D47 D56: what is empty is left out, unless it is all") func empty() throws {
        let nothing = Turn(role: .user, text: "")
        #expect(try told([nothing]) == #"[{"role":"user","content":" "}]"#)
        #expect(try told([nothing, user]) == #"[{"role":"user","content":"Hi"}]"#)
        #expect(
            try told([user, Turn(role: .assistant, text: " "), user])
                == #"[{"role":"user","content":"Hi"},{"role":"user","content":"Hi"}]"#)
    }

    @Test("D47: parts are one string on the path of texts, and parts on the other") func parts() throws {
        let parts = Turn(role: .user, parts: [.text("a"), .text("b")])
        #expect(try told([parts]) == #"[{"role":"user","content":"a\nb"}]"#)
        #expect(
            try told("qwen-vl-plus", [parts]) == #"[{"role":"user","content":[{"text":"a"},{"text":"b"}]}]"#)
        #expect(
            try told(
                "qwen3.8-max",
                [Turn(role: .system, text: "S"), user, Turn(role: .assistant, text: "x"), user])
                == #"[{"role":"system","content":[{"text":"S"}]},{"role":"user","content":[{"text":"Hi"}]},"#
                + #"{"role":"assistant","content":[{"text":"x"}]},{"role":"user","content":[{"text":"Hi"}]}]"#
        )
    }

    @Test("images go to models that see, and are refused for others") func images() throws {
        let turn = Turn(
            role: .user,
            parts: [
                .text("What?"), .image(Media(.data(type: "image/png", base64: "aGk="))),
                .image(Media(.url("https://x/y.png"))),
                .audio(Media(.data(type: "audio/wav", base64: "aGk="))),
            ])
        #expect(
            try told("qwen-vl-max", [turn])
                == #"[{"role":"user","content":[{"text":"What?"},{"image":"data:image/png;base64,aGk="},"#
                + #"{"image":"https://x/y.png"},{"audio":"data:audio/wav;base64,aGk="}]}]"#)
        let failure = #expect(throws: Failure.self) { try told("qwen-plus", [turn]) }
        #expect(failure?.code == .unsupported && failure?.message.contains("images") == true)
        let id = Turn(role: .user, parts: [.image(Media(.id("file-1")))])
        #expect(throws: Failure.self) { try told("qwen-vl-max", [id]) }
    }

    @Test("documents become words") func documents() throws {
        let turn = Turn(
            role: .user,
            parts: [
                .file(Media(.text("words"), title: "T")), .file(Media(.url("https://x/d.pdf"))),
                .file(Media(.data(type: "application/pdf", base64: "aGk="), title: "P")),
            ])
        #expect(
            try told([turn])
                == #"[{"role":"user","content":"T\nwords\nDocument: https://x/d.pdf\nP\n[document]"}]"#)
        #expect(try sent(request("qwen-plus", turn)).outgoing.losses == [.documents])
    }

    private let calling = [
        Turn(role: .user, text: "Hi"),
        Turn(
            role: .assistant,
            parts: [
                .reasoning(Reasoning(text: "hm")), .call(ToolCall(id: "a", name: "search", arguments: "")),
                .call(ToolCall(id: "b", name: "weather", arguments: #"{"x":1}"#)),
            ]),
        Turn(
            role: .user,
            parts: [
                .result(ToolResult(id: "a", parts: [.text("found")])),
                .result(ToolResult(id: "b", parts: [.text("cold")], isError: true)), .text("And?"),
            ]),
    ]

    @Test("D48: calls and results, with the tools again") func calls() throws {
        let turns = calling
        #expect(
            try told("qwen-plus", turns) {
                $0.tools = [weather, Tool(name: "search", kind: .function(schema: nil))]
            }
                == #"[{"role":"user","content":"Hi"},{"role":"assistant","content":"","tool_calls":["#
                + #"{"index":0,"id":"a","type":"function","function":{"name":"search_tool","arguments":"{}"}},"#
                + #"{"index":1,"id":"b","type":"function","function":{"name":"weather","arguments":"{\"x\":1}"}}]},"#
                + #"{"role":"tool","tool_call_id":"a","name":"search_tool","content":"found"},"#
                + #"{"role":"tool","tool_call_id":"b","name":"weather","content":"[tool error] cold"},"#
                + #"{"role":"user","content":"And?"}]"#)
    }

    @Test("calls are told to a model without tools") func toldCalls() throws {
        #expect(
            try told("farui-plus", calling)
                == #"[{"role":"user","content":"Hi"},{"role":"assistant","content":"[search ]\n[weather {\"x\":1}]"},"#
                + #"{"role":"user","content":"[tool result] found\n\n[tool result] [tool error] cold\n\nAnd?"}]"#
        )
    }

    @Test("pictures of a result follow it, where they are seen") func resultImages() throws {
        let picture = Part.image(Media(.url("https://x/y.png")))
        let turns = [
            Turn(role: .user, text: "Hi"),
            Turn(role: .assistant, parts: [.call(ToolCall(id: "a", name: "f", arguments: "{}"))]),
            Turn(role: .user, parts: [.result(ToolResult(id: "a", parts: [picture]))]),
        ]
        #expect(try told("qwen-vl-max", turns).hasSuffix(#"{"image":"https://x/y.png"}]}]"#))
        #expect(try told("qwen-plus", turns).contains(#""content":"[image]""#))
    }
}
