// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Responses

@Suite struct ReadToolsTests {
    private func tools(_ tools: String, _ members: String = "") throws(Failure) -> Request {
        try asked(#"{"role":"user","content":"a"}"#, #""tools":[\#(tools)]\#(members)"#)
    }

    @Test("T140: strict is what its absence means, where the schema allows it") func strictness() throws {
        let closed =
            #"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}"#
        let open = #"{"type":"object","properties":{"a":{"type":"string"}}}"#
        let nested =
            #"{"type":"object","properties":{"a":\#(open)},"required":["a"],"additionalProperties":false}"#
        let cases: [(String, Bool?)] = [
            (#","parameters":\#(closed)"#, true), (#","parameters":\#(open)"#, nil),
            (#","parameters":\#(nested)"#, nil), ("", nil), (#","parameters":\#(open),"strict":true"#, true),
            (#","parameters":\#(closed),"strict":false"#, false),
            (#","parameters":\#(closed),"strict":null"#, true),
        ]
        for (members, isStrict) in cases {
            let tool = try tools(#"{"type":"function","name":"f"\#(members)}"#).tools.first
            #expect(tool?.isStrict == isStrict, "\(members)")
        }
        #expect(try tools(#"{"type":"function","name":"f","strict":true}"#).mentions.contains(.strictTools))
        #expect(try !tools(#"{"type":"function","name":"f"}"#).mentions.contains(.strictTools))
    }

    @Test("T198: no tools are none") func empty() throws {
        let request = try tools("", #","tool_choice":"auto","parallel_tool_calls":true"#)
        #expect(request.tools.isEmpty)
        let body = try sent(request).body
        #expect(body["tools"] == nil && body["tool_choice"] == nil && body["parallel_tool_calls"] == nil)
    }

    @Test("T202: tools of a namespace are told apart from plain ones, and fit into 64 characters")
    func namespaces() throws {
        let long = String(repeating: "x", count: 60)
        let request = try tools(
            """
            {"type":"namespace","name":"ns","description":"d","tools":[{"type":"function","name":"f"},
            {"type":"custom","name":"\(long)"}]},{"type":"function","name":"ns__f"},{"type":"function","name":"f"}
            """, #","tool_choice":{"type":"function","name":"f","namespace":"ns"}"#)
        let names = request.tools.map(\.name)
        #expect(names.first == "ns__f_2" && names.suffix(2) == ["ns__f", "f"])
        #expect(names[1].utf8.count == 64 && names[1].hasPrefix("ns__xxx"))
        #expect(request.tools[0].space == Tool.Space(space: "ns", name: "f", description: "d"))
        #expect(request.toolChoice == .named("ns__f_2"))
        #expect(Set(names).count == names.count)
    }

    @Test("T202: a history in a namespace is flattened in the same way") func history() throws {
        let items = #"""
            {"type":"function_call","call_id":"c","namespace":"ns","name":"f","arguments":"{}"},
            {"type":"function_call_output","call_id":"c","output":"o"},
            {"type":"function_call","call_id":"d","namespace":"other","name":"f","arguments":"{}"},
            {"type":"function_call_output","call_id":"d","output":"o"}
            """#
        let tools =
            #""tools":[{"type":"function","name":"ns__f"},{"type":"namespace","name":"ns","tools":[{"type":"function","name":"f"}]}]"#
        let request = try asked(items, tools)
        #expect(request.turns.flatMap(\.calls).map(\.name) == ["ns__f_2", "other__f"])
        let body = try sent(request).body
        #expect(body["input"]?[0]?["namespace"]?.string == "ns" && body["input"]?[0]?["name"]?.string == "f")
        let flat = try sent(request, provider("no_namespaces")).body
        #expect(flat["input"]?[0]?["namespace"] == nil && flat["input"]?[0]?["name"]?.string == "ns__f_2")
        #expect(flat["tools"]?.elements.map { $0["name"]?.string } == ["ns__f", "ns__f_2"])
    }

    @Test func readsEveryKind() throws {
        let request = try tools(
            """
            {"type":"custom","name":"g","description":"d","format":{"type":"grammar","syntax":"lark","definition":"x"}},
            {"type":"custom","name":"h","format":{"type":"text"}},{"type":"web_search","external_web_access":false},
            {"type":"function","name":"web_search","parameters":null,"defer_loading":true}
            """)
        #expect(request.tools[0].kind == .custom(grammar: Tool.Grammar(syntax: "lark", definition: "x")))
        #expect(request.tools[1].kind == .custom(grammar: nil) && request.tools[2].isHosted)
        #expect(request.tools[3].isDeferred && request.tool(named: "web_search") == request.tools[3])
        #expect(request.mentions.contains(.hostedTools) && request.mentions.contains(.grammar))
    }

    @Test("T118: two tools of one name are refused") func twins() {
        let body =
            #"{"model":"m","input":"a","tools":[{"type":"function","name":"f"},{"type":"custom","name":"f"}]}"#
        #expect(refusal(body)?.param == "tools.1.name")
    }

    @Test func readsEveryChoice() throws {
        let choices: [(String, ToolChoice)] = [
            (#""auto""#, .automatic), (#""none""#, ToolChoice.none), (#""required""#, .required),
            (#"{"type":"function","name":"f"}"#, .named("f")),
            (#"{"type":"custom","name":"g"}"#, .named("g")),
            (#"{"type":"web_search_preview"}"#, .automatic),
            (#"{"type":"mcp","server_label":"x"}"#, .automatic),
            (
                #"{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"},{"type":"mcp"}]}"#,
                .among(["f"], isRequired: true)
            ),
        ]
        for (json, choice) in choices {
            let request = try tools(#"{"type":"function","name":"f"}"#, #","tool_choice":\#(json)"#)
            #expect(request.toolChoice == choice, "\(json)")
        }
    }

    // Each once tried all the numbers before its own: hours for a megabyte.
    @Test("Thousands of tools of one name") func manyTwins() throws {
        let inner = [String](repeating: #"{"type":"function","name":"f"}"#, count: 20_000)
        let spaced = try tools(
            #"{"type":"function","name":"s__f_2"},{"type":"namespace","name":"s","tools":[\#(inner.joined(separator: ","))]}"#
        )
        #expect(Set(spaced.tools.map(\.name)).count == 20_001)
        #expect(spaced.tools.prefix(3).map(\.name) == ["s__f_2", "s__f", "s__f_3"])
        let hosted = [String](repeating: #"{"type":"x"}"#, count: 20_000).joined(separator: ",")
        #expect(Set(try tools(hosted).tools.map(\.name)).count == 20_000)
    }
}
