// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import DashScope

@Suite struct WriteToolsTests {
    private func asking(_ change: (inout Request) -> Void = { _ in }) -> Request {
        request {
            $0.tools = [weather]
            change(&$0)
        }
    }

    @Test("D13 D48: tools stand among the parameters, with the form of messages") func place() throws {
        let root = try sent(asking()).root
        #expect(root["tools"] == nil && root["parameters"]?["result_format"]?.string == "message")
        #expect(
            root["parameters"]?["tools"]?.source
                == #"[{"type":"function","function":{"name":"weather","parameters":"#
                + #"{"type":"object","properties":{"city":{"type":"string"}}}}}]"#)
    }

    @Test(
        "D14: to call something cannot be demanded",
        arguments: [
            (.required, #""auto""#), (.automatic, #""auto""#), (.none, #""none""#),
            (.named("weather"), #"{"type":"function","function":{"name":"weather"}}"#),
            (.named("x"), #""auto""#),
            (.among(["weather"], isRequired: true), #""auto""#),
        ] as [(ToolChoice, String)])
    func choice(choice: ToolChoice, told: String) throws {
        #expect(try parameter("tool_choice", asking { $0.toolChoice = choice }) == told)
    }

    @Test("D14: a model that thinks is not told which tool to call") func thinkingChoice() throws {
        let asking = asking {
            $0.toolChoice = .named("weather")
            $0.thinking = Thinking(isOn: true)
        }
        #expect(try parameter("tool_choice", asking) == #""auto""#)
    }

    @Test("D15 D55: several calls at once, unless they are forbidden", arguments: [nil, true, false])
    func parallel(isAllowed: Bool?) throws {
        let told = try parameter("parallel_tool_calls", asking { $0.allowsParallelCalls = isAllowed })
        #expect(told == (isAllowed == false ? "false" : "true"))
        #expect(try parameter("parallel_tool_calls", request { $0.allowsParallelCalls = isAllowed }) == nil)
    }

    @Test("D46: a tool of the forbidden name has another, which is turned back") func forbidden() throws {
        let search = Tool(name: "search", kind: .function(schema: nil))
        let (root, outgoing) = try sent(asking { $0.tools = [search, weather] })
        let names = root["parameters"]?["tools"]?.elements.map { $0["function"]?["name"]?.string }
        #expect(names == ["search_tool", "weather"] && outgoing.names == ["search_tool": "search"])
        let taken = Tool(name: "search_tool", kind: .function(schema: nil))
        let (second, both) = try sent(asking { $0.tools = [taken, search] })
        let others = second["parameters"]?["tools"]?.elements.map { $0["function"]?["name"]?.string }
        #expect(others == ["search_tool", "search_tool_2"] && both.names == ["search_tool_2": "search"])
        #expect(
            try parameter(
                "tool_choice",
                asking {
                    $0.tools = [search]; $0.toolChoice = .named("search")
                })
                == #"{"type":"function","function":{"name":"search_tool"}}"#)
    }

    @Test("tools of all kinds") func kinds() throws {
        let tools = [
            Tool(name: "f", description: "d", kind: .function(schema: nil), isStrict: true),
            Tool(
                name: "c", kind: .custom(grammar: Tool.Grammar(syntax: "lark", definition: "start: x"))),
            Tool(name: "later", kind: .function(schema: nil), isDeferred: true),
            Tool(name: "h", kind: .hosted(Foreign(dialect: "x", type: "t", value: json("{}")))),
        ]
        let (root, outgoing) = try sent(asking { $0.tools = tools })
        let told = root["parameters"]?["tools"]?.elements.compactMap { $0["function"] } ?? []
        #expect(told.map { $0["name"]?.string } == ["f", "c"])
        #expect(told.first?["parameters"]?.source == #"{"type":"object","properties":{}}"#)
        #expect(told.last?["description"]?.string?.contains("start: x") == true)
        #expect(outgoing.losses == [.strictTools, .grammar])
        #expect(try parameter("tools", asking(), provider("no_tools")) == nil)
    }
}
