// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import OpenAI

/// The members of a request beside its messages.
@Suite struct WriteMembersTests {
    private func some(_ change: (inout Request) -> Void) -> Request {
        request(Turn(role: .user, text: "x"), change: change)
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
            Turn(role: .user, text: "x"),
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
            Turn(role: .user, text: "x"),
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

    @Test("T30 T209: four stop strings are sent, the rest is cut by us")
    func stops() throws {
        let asked = some { $0.stops = ["a", "b", "c", "d", "e", "f"] }
        let (root, outgoing) = try sent(asked)
        #expect(
            root["stop"]?.elements.map { $0.string } == ["a", "b", "c", "d"] && outgoing.cuts == ["e", "f"])
        #expect(try sent(asked, provider("glm")).outgoing.cuts == ["b", "c", "d", "e", "f"])
        #expect(try member(asked, "stop", provider("stops=0")) == nil)
        #expect(try member(some { _ in }, "stop") == nil)
    }

    @Test("T31 T32: sampling as the caller spelt it, where the provider takes it")
    func sampling() throws {
        let asked = some {
            $0.sampling.temperature = "0.10"
            $0.sampling.topP = "1"
            $0.sampling.topK = 40
            $0.sampling.seed = 7
            $0.sampling.presencePenalty = "-0.5"
            $0.sampling.logprobs = true
            $0.sampling.topLogprobs = 3
            $0.sampling.count = 2
        }
        let told = try text(asked)
        #expect(
            told.contains(
                #""temperature":0.10,"top_p":1,"presence_penalty":-0.5,"seed":7,"logprobs":true,"top_logprobs":3"#
            ))
        #expect(!told.contains("top_k") && !told.contains(#""n""#))
        #expect(try member(asked, "top_k", provider("vllm")) == "40")
        let reasoning = try text(asked, provider("no_sampling"))
        #expect(
            !reasoning.contains("temperature") && !reasoning.contains("top_p")
                && !reasoning.contains("penalty"))
        #expect(try !text(asked, provider("groq")).contains("logprobs"))
    }

    @Test("T33: stream_options with a stream, where the provider takes it")
    func stream() throws {
        let asked = some { $0.isStreamed = true }
        #expect(try text(asked).contains(#""stream":true,"stream_options":{"include_usage":true}"#))
        #expect(try member(asked, "stream_options", provider("no_stream_options")) == nil)
        #expect(try member(asked, "stream", provider("no_stream_options")) == "true")
        #expect(try !text(asked, provider("no_stream")).contains("stream"))
        #expect(try !text(some { _ in }).contains("stream"))
    }

    @Test("T34 T124: the form of the answer")
    func format() throws {
        let closed =
            #"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}"#
        func told(_ schema: Format.Schema, _ provider: Provider = provider()) throws -> String? {
            try member(some { $0.format = .schema(schema) }, "response_format", provider)
        }
        #expect(
            try told(.init(schema: json(closed)))
                == #"{"type":"json_schema","json_schema":{"name":"output","schema":\#(closed),"strict":true}}"#
        )
        #expect(try told(.init(schema: json(#"{"type":"object"}"#)))?.contains(#""strict":false"#) == true)
        #expect(
            try told(.init(name: "a b", schema: nil, isStrict: false))?.contains(#""name":"a_b_"#) == true)
        #expect(try member(some { $0.format = .object }, "response_format") == #"{"type":"json_object"}"#)
        let words = some { $0.format = .schema(.init(schema: json(closed))) }
        let (root, outgoing) = try sent(words, provider("deepseek"))
        #expect(
            outgoing.losses == [.schemaFormat] && root["response_format"]?["type"]?.string == "json_object")
        let first = root["messages"]?.elements.first { _ in true }
        #expect(first?["role"]?.string == "system" && first?["content"]?.string?.contains(closed) == true)
    }

    @Test("T35: who the user is, in 64 letters")
    func user() throws {
        let long = #"{"device_id":"\#(String(repeating: "x", count: 80))"}"#
        let told = try #require(try sent(some { $0.user = long }).root["user"]?.string)
        #expect(told.utf8.count == 64 && told == Digest.hex(long, 64))
        #expect(try member(some { $0.user = "u" }, "user") == #""u""#)
        #expect(try member(some { $0.user = "u" }, "user", provider("mistral")) == nil)
        #expect(try member(some { $0.tier = .standard }, "service_tier", provider("openai")) == #""default""#)
        #expect(try member(some { $0.tier = .standard }, "service_tier") == nil)
    }

    @Test("T36 T129: what another dialect left over stays away")
    func extras() throws {
        let asked = some {
            $0.dialect = "other"
            $0.extras = [
                Extra(name: "odd", value: json("1")), Extra(name: "store", value: json("true")),
                Extra(name: "min_p", value: json("0.1")),
            ]
        }
        #expect(try !text(asked).contains("odd") && !text(asked).contains("store"))
        #expect(try member(asked, "store", provider("openai")) == "true")
        #expect(try member(asked, "min_p", provider("vllm")) == "0.1")
        var own = asked
        own.dialect = "openai"
        #expect(try text(own).hasSuffix(#""odd":1,"store":true,"min_p":0.1}"#))
    }
}
