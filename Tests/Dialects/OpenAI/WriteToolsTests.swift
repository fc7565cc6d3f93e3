// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import OpenAI

/// The tools of a request, and the choice among them.
@Suite struct WriteToolsTests {
    private func some(_ change: (inout Request) -> Void) -> Request {
        request(user, change: change)
    }

    private func tool(_ schema: String?, strict: Bool? = nil, description: String? = nil) -> Request {
        some {
            $0.tools = [
                Tool(
                    name: "f", description: description, kind: .function(schema: schema.map { json($0) }),
                    isStrict: strict)
            ]
        }
    }

    private func function(_ request: Request, _ provider: Provider = provider()) throws -> Value {
        try #require(try sent(request, provider).root["tools"]?.elements.first { _ in true }?["function"])
    }

    @Test(
        "T22 T26 T116: parameters are always an object with properties",
        arguments: [
            (nil, #"{"type":"object","properties":{}}"#), ("{}", #"{"type":"object","properties":{}}"#),
            (#"{"type":"object"}"#, #"{"type":"object","properties":{}}"#),
            (
                #"{"type":"object","additionalProperties":false}"#,
                #"{"type":"object","additionalProperties":false,"properties":{}}"#
            ),
            (#"{"type":"object","properties":{"a":{}}}"#, #"{"type":"object","properties":{"a":{}}}"#),
            (#"{"anyOf":[{"type":"object"}]}"#, #"{"anyOf":[{"type":"object"}]}"#),
            (
                #"{ "$schema":"s","type":"object", "properties":{"u":{"format":"uri","exclusiveMinimum":1.0}} }"#,
                #"{ "$schema":"s","type":"object", "properties":{"u":{"format":"uri","exclusiveMinimum":1.0}} }"#
            ),
        ] as [(String?, String)])
    func parameters(schema: String?, expected: String) throws {
        let told = try function(tool(schema))["parameters"]
        #expect(told.map { String(decoding: $0.verbatim, as: UTF8.self) } == expected)
    }

    @Test(
        "T26: what a schema has beside its types arrives as it came", arguments: ["openai", "vllm", "gemini"])
    func schemaExtras(preset: String) throws {
        let schema =
            #"{ "$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{"u":{"format":"uri"},"n":{"exclusiveMinimum":1.0,"x-own":[1e2]}} }"#
        let asked = try asked(
            messages: #"{"role":"user","content":"x"}"#,
            #""tools":[{"type":"function","function":{"name":"f","parameters":\#(schema)}}]"#)
        var foreign = asked
        foreign.dialect = "other"
        for request in [asked, foreign] {
            let told = try function(request, provider(preset))["parameters"]
            #expect(told.map { String(decoding: $0.verbatim, as: UTF8.self) } == schema)
        }
    }

    @Test("T22: an empty description is none")
    func descriptions() throws {
        #expect(try function(tool(nil, description: ""))["description"] == nil)
        #expect(try function(tool(nil))["description"] == nil)
        #expect(try function(tool(nil, description: "d"))["description"]?.string == "d")
    }

    @Test(
        "T25 T140: strict where it was asked for and the schema can be",
        arguments: [
            (
                #"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}"#,
                true
            ),
            (
                #"{"type":"object","properties":{"a":{"type":"string"}},"required":[],"additionalProperties":false}"#,
                false
            ),
            (#"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}"#, false),
            (
                #"{"type":"object","properties":{"a":{"type":"array","items":{"type":"object","properties":{}}}},"required":["a"],"additionalProperties":false}"#,
                false
            ),
        ])
    func strict(schema: String, canBe: Bool) throws {
        let asked = tool(schema, strict: true)
        #expect(try function(asked)["strict"]?.bool == (canBe ? true : nil))
        #expect(try sent(asked).outgoing.losses == (canBe ? [] : [.strictTools]))
        #expect(try function(asked, provider("deepseek"))["strict"] == nil)
        #expect(try function(tool(schema))["strict"] == nil)
        #expect(try function(tool(schema, strict: false))["strict"] == nil)
    }

    @Test("T24: long and odd names are renamed, everywhere, and told")
    func names() throws {
        let long = String(repeating: "n", count: 70)
        let names = [long + "1", long + "2", "a.b", "plain"]
        let asked = request(
            user,
            Turn(role: .assistant, parts: [.call(ToolCall(id: "a", name: names[1], arguments: "{}"))]),
            Turn(role: .user, parts: [.result(ToolResult(id: "a", parts: []))])
        ) {
            $0.tools = names.map { Tool(name: $0, kind: .function(schema: nil)) }
            $0.toolChoice = .named(names[0])
        }
        let (root, outgoing) = try sent(asked)
        let told = try #require(root["tools"]).elements.map { $0["function"]?["name"]?.string ?? "" }
        #expect(Set(told).count == 4 && told.allSatisfy { $0.utf8.count <= 64 } && told[3] == "plain")
        #expect(outgoing.names.count == 3 && told[..<3].map { outgoing.names[$0] } == names[..<3].map { $0 })
        #expect(root["tool_choice"]?["function"]?["name"]?.string == told[0])
        let message = root["messages"]?.elements.first { $0["tool_calls"] != nil }
        #expect(message?["tool_calls"]?.elements.first { _ in true }?["function"]?["name"]?.string == told[1])
    }

    @Test("T27 T28 T198: tools that a provider runs are dropped, and all that hangs on tools with them")
    func hosted() throws {
        let asked = some {
            $0.tools = [
                Tool(
                    name: "web_search", kind: .hosted(Foreign(dialect: "other", type: "w", value: json("{}")))
                )
            ]
            $0.toolChoice = .named("web_search")
            $0.allowsParallelCalls = false
        }
        let told = try text(asked)
        #expect(!told.contains("tool"))
        #expect(try !text(some { $0.toolChoice = .required }).contains("tool_choice"))
    }

    @Test("T199: deferred tools are sent when they were referred to")
    func deferred() throws {
        func names(_ change: (inout Request) -> Void) throws -> [String] {
            let asked = some {
                $0.tools = ["a", "b"].map {
                    Tool(name: $0, kind: .function(schema: nil), isDeferred: $0 == "b")
                }
                change(&$0)
            }
            return try sent(asked).root["tools"]?.elements.map { $0["function"]?["name"]?.string ?? "" } ?? []
        }
        #expect(try names { _ in } == ["a"])
        #expect(try names { $0.tools[1].isDeferred = false } == ["a", "b"])
        #expect(try names { $0.toolChoice = .named("b") } == ["a", "b"])
    }

    @Test(
        "T29 T119: every choice in the words that the provider knows",
        arguments: [
            (ToolChoice.automatic, #""auto""#, #""auto""#), (.none, #""none""#, #""none""#),
            (.required, #""required""#, #""auto""#),
            (.named("f"), #"{"type":"function","function":{"name":"f"}}"#, #""auto""#),
            (.among(["f"], isRequired: true), #""required""#, #""auto""#),
            (.among(["f"], isRequired: false), #""auto""#, #""auto""#),
        ])
    func choices(choice: ToolChoice, plain: String, glm: String) throws {
        let asked = some {
            $0.tools = ["f", "g"].map { Tool(name: $0, kind: .function(schema: nil)) }
            $0.toolChoice = choice
        }
        #expect(try member(asked, "tool_choice") == plain)
        #expect(try member(asked, "tool_choice", provider("glm")) == glm)
        let isSome = if case .among = choice { true } else { false }
        #expect(
            try sent(asked).root["tools"]?.elements.map { $0["function"]?["name"]?.string }
                == (isSome ? ["f"] : ["f", "g"]))
    }

    @Test("T120: one call at a time only where it was asked for and tools are there")
    func parallel() throws {
        #expect(try member(tool(nil), "parallel_tool_calls") == nil)
        var asked = tool(nil)
        asked.allowsParallelCalls = true
        #expect(try member(asked, "parallel_tool_calls") == nil)
        asked.allowsParallelCalls = false
        #expect(try member(asked, "parallel_tool_calls") == "false")
        #expect(try member(asked, "parallel_tool_calls", provider("ollama")) == nil)
    }

    @Test("T203: custom tools are themselves, or functions of one text")
    func custom() throws {
        let grammar = Tool.Grammar(syntax: "lark", definition: "start: x")
        let asked = request(
            user,
            Turn(
                role: .assistant,
                parts: [.call(ToolCall(id: "a", name: "sh", arguments: "ls \"é\"", isCustom: true))]),
            Turn(role: .user, parts: [.result(ToolResult(id: "a", parts: [], isCustom: true))])
        ) {
            $0.tools = [Tool(name: "sh", description: "runs", kind: .custom(grammar: grammar))]
            $0.toolChoice = .named("sh")
        }
        let (root, outgoing) = try sent(asked)
        let told = try function(asked)
        #expect(told["description"]?.string == "runs\n\nThe input obeys this lark grammar:\nstart: x")
        #expect(told["parameters"]?["required"]?.elements.map { $0.string } == ["input"])
        #expect(outgoing.losses == [.grammar])
        #expect(try text(asked).contains(#""arguments":"{\"input\":\"ls \\\"é\\\"\"}""#))
        #expect(root["tool_choice"]?["function"]?["name"]?.string == "sh")
        let own = try text(asked, provider("openai"))
        #expect(
            own.contains(
                #"{"type":"custom","custom":{"name":"sh","description":"runs","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"start: x"}}}}"#
            ))
        #expect(own.contains(#""type":"custom","custom":{"name":"sh","input":"ls \"é\""}"#))
        #expect(own.contains(#""tool_choice":{"type":"custom","custom":{"name":"sh"}}"#))
    }
}
