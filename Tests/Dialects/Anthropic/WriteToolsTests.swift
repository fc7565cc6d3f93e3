// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Anthropic

@Suite struct WriteToolsTests {
    private func request(
        _ tools: [Tool] = [], _ choice: ToolChoice? = nil, _ model: String = "claude-sonnet-4-5"
    ) -> Request {
        var request = asking([Turn(role: .user, text: "hi")], model)
        request.tools = tools
        request.toolChoice = choice
        return request
    }

    private func function(_ name: String, _ schema: String? = nil) throws -> Tool {
        Tool(name: name, kind: .function(schema: try schema.map { try value($0) }))
    }

    @Test(
        "T116 T117: the schema of an input is an object, without a choice at its root",
        arguments: [
            (nil, #"{"type":"object","properties":{}}"#),
            (#"{"type": "object"}"#, #"{"type": "object"}"#),
            (#"{"properties":{"a":{}}}"#, #"{"type":"object","properties":{"a":{}}}"#),
            (#"{"type":["object","null"],"$defs":{}}"#, #"{"type":"object","$defs":{},"properties":{}}"#),
            (
                #"{"type":"object","description":"d","oneOf":[{"properties":{"a":{"type":"string"}},"required":["a"]},{"properties":{"b":{},"a":{}}}]}"#,
                #"{"type":"object","description":"d","properties":{"a":{"type":"string"},"b":{}}}"#
            ),
            (
                #"{"allOf":[{"properties":{"a":{}},"required":["a"]},{"properties":{"b":{}},"required":["b","a"]}],"required":["c"]}"#,
                #"{"type":"object","properties":{"a":{},"b":{}},"required":["c","a","b"]}"#
            ),
        ] as [(String?, String)])
    func writesSchemas(schema: String?, expected: String) throws {
        let root = try written(request([try function("f", schema)])).root
        #expect(text(root, "tools", "0", "input_schema") == expected)
    }

    @Test("T118 T24: names that Anthropic does not take are changed everywhere, and turned back by the reply")
    func renames() throws {
        let long = String(repeating: "n", count: 80)
        var asked = request([try function("a.b"), try function("a:b"), try function(long)], .named("a.b"))
        asked.turns += [
            Turn(role: .assistant, parts: [.call(ToolCall(id: "i", name: "a.b", arguments: "{}"))]),
            Turn(role: .user, parts: [.result(ToolResult(id: "i", parts: []))]),
        ]
        let (root, outgoing) = try written(asked)
        let names = (0..<3).compactMap { root["tools"].map { Array($0.elements) }?[$0]["name"]?.string }
        #expect(Set(names).count == 3 && names.allSatisfy { $0.utf8.count <= 64 })
        #expect(names.map { outgoing.names[$0] } == ["a.b", "a:b", long])
        #expect(root["tool_choice"]?["name"]?.string == names[0])
        #expect(text(root, "messages", "1", "content", "0", "name") == "\"\(names[0])\"")
    }

    @Test(
        "T119 T120 T28: choice and parallel calls",
        arguments: [
            (nil, nil, ""), (nil, true, ""),
            (nil, false, #"{"type":"auto","disable_parallel_tool_use":true}"#),
            (ToolChoice.required, false, #"{"type":"any","disable_parallel_tool_use":true}"#),
            (ToolChoice.none, false, #"{"type":"none"}"#), (.automatic, true, #"{"type":"auto"}"#),
            (.named("f"), nil, #"{"type":"tool","name":"f"}"#), (.named("gone"), nil, ""),
        ] as [(ToolChoice?, Bool?, String)])
    func writesChoices(choice: ToolChoice?, parallel: Bool?, expected: String) throws {
        var asked = request([try function("f")], choice)
        asked.allowsParallelCalls = parallel
        let root = try written(asked).root
        #expect(text(root, "tool_choice") == expected && text(root, "tools") != "")
        asked.tools = []
        let none = try written(asked).root
        #expect(text(none, "tool_choice") == "" && text(none, "tools") == "")
    }

    @Test func narrowsTools() throws {
        let tools = [try function("f"), try function("g")]
        let root = try written(request(tools, .among(["g"], isRequired: true))).root
        #expect(root["tools"]?.elements.map { $0["name"]?.string } == ["g"])
        #expect(text(root, "tool_choice") == #"{"type":"any"}"#)
        #expect(
            text(try written(request(tools, .among(["g"], isRequired: false))).root, "tool_choice")
                == #"{"type":"auto"}"#)
    }

    @Test("T203: a custom tool is one whose input is a text; its grammar is told in words")
    func writesCustomTools() throws {
        let tool = Tool(
            name: "patch", description: "d",
            kind: .custom(grammar: Tool.Grammar(syntax: "lark", definition: "start: x")))
        var asked = request([tool])
        asked.turns += [
            Turn(
                role: .assistant,
                parts: [.call(ToolCall(id: "i", name: "patch", arguments: "a\nb", isCustom: true))]),
            Turn(role: .user, parts: [.result(ToolResult(id: "i", parts: [.text("ok")], isCustom: true))]),
        ]
        let (root, outgoing) = try written(asked)
        #expect(text(root, "tools", "0", "input_schema") == Arguments.freeTextSchema)
        #expect(text(root, "tools", "0", "description").contains("start: x") && outgoing.losses == [.grammar])
        #expect(text(root, "messages", "1", "content", "0", "input") == #"{"input":"a\nb"}"#)
    }

    @Test func tellsStrictness() throws {
        var tool = try function("f")
        tool.isStrict = true
        #expect(text(try written(request([tool])).root, "tools", "0", "strict") == "true")
        let (root, outgoing) = try written(request([tool], nil, "m"))
        #expect(text(root, "tools", "0", "strict") == "" && outgoing.losses == [.strictTools])
    }

    @Test("T27: tools that others run are left out, its own go as they came")
    func sortsHostedTools() throws {
        let own = #"{"type":"web_search_20250305","name":"web_search"}"#
        let tools = [
            Tool(
                name: "web_search",
                kind: .hosted(
                    Foreign(dialect: "anthropic", type: "web_search_20250305", value: try value(own)))),
            Tool(
                name: "x",
                kind: .hosted(Foreign(dialect: "responses", type: "web_search", value: try value("{}")))),
        ]
        let (root, outgoing) = try written(request(tools, .named("x")))
        #expect(text(root, "tools") == "[\(own)]" && text(root, "tool_choice") == "")
        #expect(outgoing.losses == [.hostedTools])
    }

    @Test("T199: a tool that is not to be seen yet is left out, unless the model can search")
    func defersTools() throws {
        var tool = try function("f")
        tool.isDeferred = true
        let (root, outgoing) = try written(request([tool, try function("g")]))
        #expect(
            root["tools"]?.elements.map { $0["name"]?.string } == ["g"] && outgoing.losses == [.deferredTools]
        )
        let search = #"{"type":"tool_search_tool_bm25_20251119","name":"tool_search"}"#
        let finder = Tool(
            name: "tool_search",
            kind: .hosted(
                Foreign(
                    dialect: "anthropic", type: "tool_search_tool_bm25_20251119", value: try value(search))))
        let found = try written(request([tool, finder])).root
        #expect(text(found, "tools", "0", "defer_loading") == "true")
    }

    // Each tool once looked through all the others: seconds for a megabyte.
    @Test("Thousands of tools that wait or are chosen from") func manyTools() throws {
        var tools = try (0..<20_000).map { try function("f\($0)") }
        let all = tools.map(\.name)
        let chosen = try written(request(tools, .among(all, isRequired: true)))
        #expect(chosen.root["tools"]?.elements.count(where: { _ in true }) == all.count)
        for index in tools.indices { tools[index].isDeferred = true }
        #expect(try written(request(tools)).1.losses == [.deferredTools])
    }
}
