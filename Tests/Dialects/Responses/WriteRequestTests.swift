// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Responses

@Suite struct WriteRequestTests {
    private func request(_ turns: [Turn] = [Turn(role: .user, text: "a")]) -> Request {
        Request(model: "m", turns: turns, isStreamed: true, wantsUsage: true)
    }

    @Test func writesTheLeast() throws {
        let body = try sent(request()).body
        #expect(
            text(body)
                == #"{"model":"m","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"a"}]}],"#
                + #""store":false,"stream":true}"#)
    }

    @Test func writesAConversation() throws {
        let body = try sent(
            request([
                Turn(role: .system, parts: [.text("a"), .text("b")]), Turn(role: .developer, text: "c"),
                Turn(role: .user, text: "d"),
                Turn(
                    role: .assistant,
                    parts: [.text("e"), .call(ToolCall(id: "c1", name: "f", arguments: " ")), .refusal("r")]),
                Turn(
                    role: .user,
                    parts: [
                        .result(ToolResult(id: "c1", parts: [.text("x"), .text("y")], isError: true)),
                        .text("g"),
                    ]),
            ])
        ).body
        #expect(body["instructions"]?.string == "a\n\nb")
        let items = try #require(body["input"])
        #expect(
            items.elements.map { $0["role"]?.string ?? $0["type"]?.string } == [
                "developer", "user", "assistant", "function_call", "assistant", "function_call_output",
                "user",
            ])
        #expect(items[2]?["content"]?[0]?["type"]?.string == "output_text")
        #expect(items[3]?["arguments"]?.string == "{}" && items[4]?["content"]?[0]?["refusal"]?.string == "r")
        #expect(items[5]?["output"]?.string == "[tool error] x\ny")
        let asItem = try sent(request([Turn(role: .system, text: "s")]), provider("no_instructions")).body
        #expect(asItem["instructions"] == nil && asItem["input"]?[0]?["role"]?.string == "system")
    }

    @Test("T140: strict is always said") func strictness() throws {
        var request = request()
        request.tools = [
            Tool(name: "f", description: "d", kind: .function(schema: try value(#"{"type":"object"}"#))),
            Tool(name: "g", kind: .function(schema: nil), isStrict: true),
        ]
        #expect(
            text(try sent(request).body["tools"])
                == #"[{"type":"function","name":"f","description":"d","parameters":{"type":"object","properties":{}},"strict":false},"#
                + #"{"type":"function","name":"g","parameters":{"type":"object","properties":{}},"strict":true}]"#
        )
    }

    @Test("T24: long names of tools are shortened, and known again") func longNames() throws {
        var request = request()
        let long = String(repeating: "x", count: 70)
        request.tools = [
            Tool(name: long, kind: .function(schema: nil)), Tool(name: "a.b", kind: .custom(grammar: nil)),
        ]
        request.toolChoice = .named(long)
        let sent = try sent(request)
        let names = sent.body["tools"]?.elements.compactMap { $0["name"]?.string } ?? []
        #expect(names.allSatisfy { $0.utf8.count <= 64 && !$0.contains(".") })
        #expect(names.compactMap { sent.outgoing.names[$0] } == [long, "a.b"])
        #expect(sent.body["tool_choice"]?["name"]?.string == names.first)
    }

    @Test("T28: a choice of a tool that does not go out is none") func choices() throws {
        var request = request()
        request.toolChoice = .required
        #expect(try sent(request).body["tool_choice"] == nil)
        let foreign = Foreign(dialect: "anthropic", type: "web_search_20250305", value: try value("{}"))
        request.tools = [
            Tool(name: "w", kind: .hosted(foreign)), Tool(name: "f", kind: .function(schema: nil)),
        ]
        request.toolChoice = .named("w")
        let sent = try sent(request)
        #expect(sent.body["tool_choice"]?.string == "auto" && sent.outgoing.losses == [.hostedTools])
        #expect(sent.body["tools"]?.count == 1)
        request.toolChoice = .among(["f", "w"], isRequired: true)
        let choice = try bodySent(request)["tool_choice"]
        #expect(choice?["mode"]?.string == "required" && choice?["tools"]?.count == 1)
    }

    private func bodySent(_ request: Request) throws -> Value { try sent(request).body }

    @Test func writesNumbersAsTheyCame() throws {
        var request = request()
        request.sampling.temperature = "0.10"
        request.sampling.topP = "1e-1"
        request.outputLimit = 5
        request.stops = ["END"]
        request.format = .schema(Format.Schema(schema: try value(#"{"type":"object"}"#), isStrict: true))
        request.user = String(repeating: "u", count: 70)
        request.tier = .standard
        let sent = try sent(request)
        #expect(text(sent.body["temperature"]) == "0.10" && text(sent.body["top_p"]) == "1e-1")
        #expect(sent.body["max_output_tokens"]?.int == 16 && sent.outgoing.cuts == ["END"])
        #expect(sent.body["text"]?["format"]?["name"]?.string == "output")
        #expect(sent.body["text"]?["format"]?["strict"]?.bool == false)
        #expect(sent.body["user"]?.string?.count == 64 && sent.body["service_tier"]?.string == "default")
        request.outputLimit = 99
        let body = try bodySent(request, provider("max_output=50", "no_sampling", "no_stream", "no_store"))
        #expect(body["max_output_tokens"]?.int == 50 && body["temperature"] == nil)
        #expect(body["stream"]?.bool == false && body["store"] == nil)
    }

    private func bodySent(_ request: Request, _ provider: Provider) throws -> Value {
        try sent(request, provider).body
    }

    @Test("T123: more than one answer is refused") func counts() {
        var request = request()
        request.sampling.count = 2
        #expect(throws: Failure.self) { try sent(request) }
        request.sampling.count = 1
        #expect(throws: Never.self) { try sent(request) }
        #expect(Responder().coverage(of: .count, provider()) == .refused)
    }

    @Test func asksForThoughts() throws {
        let cases: [(Thinking?, String?, [String])] = [
            (nil, nil, []), (Thinking(isOn: false), nil, []),
            (Thinking(isOn: true), #"{"summary":"auto"}"#, ["reasoning.encrypted_content"]),
            (Thinking(isOn: false, effort: Thinking.Effort.none), #"{"effort":"none"}"#, []),
            (Thinking(effort: .max), #"{"effort":"max","summary":"auto"}"#, ["reasoning.encrypted_content"]),
            (
                Thinking(budget: 5000, display: .omitted), #"{"effort":"medium"}"#,
                ["reasoning.encrypted_content"]
            ),
        ]
        for (thinking, expected, include) in cases {
            var request = request()
            request.thinking = thinking
            let body = try sent(request).body
            #expect(body["reasoning"].map(text) == expected)
            #expect(body["include"]?.elements.compactMap(\.string) ?? [] == include)
        }
        var request = request()
        request.thinking = Thinking(effort: .low)
        let plain = try bodySent(request, provider("no_encrypted_reasoning", "no_reasoning_summary"))
        #expect(text(plain["reasoning"]) == #"{"effort":"low"}"# && plain["include"] == nil)
        #expect(try bodySent(request, provider("no_reasoning"))["reasoning"] == nil)
    }

    @Test("T207: what this upstream sealed comes back to it, and to no other") func seals() throws {
        let json = Array(#"{"id":"rs_1","encrypted_content":"gAAA"}"#.utf8)
        let seal = Seal.make(upstream: "up", value: json.span)
        let thoughts = Part.reasoning(Reasoning(text: "t", seal: seal))
        let turns = [
            Turn(role: .assistant, parts: [thoughts, .text("a"), thoughts]), Turn(role: .user, text: "b"),
        ]
        let sent = try sent(request(turns))
        // The last thoughts lead to nothing, so they stay behind.
        #expect(
            text(sent.body["input"]?[0])
                == #"{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"t"}],"encrypted_content":"gAAA"}"#
        )
        #expect(sent.body["input"]?.count == 3 && sent.outgoing.losses.isEmpty)
        #expect(sent.body["include"]?[0]?.string == "reasoning.encrypted_content")
        for provider in [provider(name: "other"), provider("no_encrypted_reasoning")] {
            let other = try self.sentTo(request(turns), provider)
            #expect(other.body["input"]?.count == 2 && other.outgoing.losses == [.thoughts])
        }
        let foreign = [
            Turn(
                role: .assistant, parts: [.reasoning(Reasoning(seal: "gAAA", isRedacted: true)), .text("a")])
        ]
        #expect(try sentTo(request(foreign), provider()).outgoing.losses == [.redactedThoughts])
    }

    private func sentTo(_ request: Request, _ provider: Provider) throws -> (body: Value, outgoing: Outgoing)
    {
        try sent(request, provider)
    }

    @Test("T14: results bear images as parts") func resultImages() throws {
        let image = Part.image(Media(.data(type: "image/png", base64: "aGk=")))
        let turns = [
            Turn(role: .assistant, parts: [.call(ToolCall(id: "c", name: "f", arguments: "{}"))]),
            Turn(
                role: .user,
                parts: [.result(ToolResult(id: "c", parts: [.text("t"), image]))]),
        ]
        #expect(
            text(try sent(request(turns)).body["input"]?[1]?["output"])
                == #"[{"type":"input_text","text":"t"},{"type":"input_image","detail":"auto","image_url":"data:image/png;base64,aGk="}]"#
        )
    }

    @Test func writesMedia() throws {
        let parts: [Part] = [
            .image(Media(.url("https://x"), detail: "low")), .image(Media(.id("file-1"))),
            .file(Media(.data(type: "application/pdf", base64: "aGk="))), .file(Media(.url("https://y"))),
            .file(Media(.text("t"), title: "n")), .audio(Media(.data(type: "audio/wav", base64: "aGk="))),
        ]
        let content = try #require(
            try sent(request([Turn(role: .user, parts: parts)])).body["input"]?[0]?["content"])
        #expect(
            content.elements.map { $0["type"]?.string } == [
                "input_image", "input_image", "input_file", "input_file", "input_text", "input_audio",
            ])
        #expect(content[2]?["filename"]?.string == "document.pdf" && content[4]?["text"]?.string == "n\nt")
        #expect(content[5]?["input_audio"]?["format"]?.string == "wav")
    }

    @Test("T203: tools of free text are native, or functions for who does not know them") func customTools()
        throws
    {
        var request = request([
            Turn(
                role: .assistant,
                parts: [.call(ToolCall(id: "c", name: "sh", arguments: "ls", isCustom: true))]),
            Turn(role: .user, parts: [.result(ToolResult(id: "c", parts: [.text("o")]))]),
        ])
        request.tools = [
            Tool(
                name: "sh", description: "d",
                kind: .custom(grammar: Tool.Grammar(syntax: "lark", definition: "g")))
        ]
        let native = try sent(request)
        #expect(native.body["tools"]?[0]?["format"]?["syntax"]?.string == "lark")
        #expect(native.body["input"]?[0]?["input"]?.string == "ls")
        #expect(native.body["input"]?[1]?["type"]?.string == "custom_tool_call_output")
        let wrapped = try sentTo(request, provider("no_custom_tools"))
        #expect(wrapped.body["tools"]?[0]?["type"]?.string == "function")
        #expect(wrapped.body["tools"]?[0]?["description"]?.string == "d\n\ng")
        #expect(wrapped.body["input"]?[0]?["arguments"]?.string == #"{"input":"ls"}"#)
        #expect(wrapped.body["input"]?[1]?["type"]?.string == "function_call_output")
        #expect(wrapped.outgoing.losses == [.grammar])
    }

    @Test("T199: a deferred tool goes out where it was spoken of") func deferred() throws {
        var request = request()
        request.tools = [
            Tool(name: "f", kind: .function(schema: nil), isDeferred: true),
            Tool(name: "g", kind: .function(schema: nil)),
        ]
        #expect(try sent(request).body["tools"]?.count == 1)
        #expect(try sent(request).outgoing.losses == [.deferredTools])
        request.toolChoice = .named("f")
        #expect(try sent(request).body["tools"]?.count == 2)
        let search = Foreign(
            dialect: "responses", type: "tool_search", value: try value(#"{"type":"tool_search"}"#))
        request.tools.append(Tool(name: "tool_search", kind: .hosted(search)))
        #expect(try sent(request).body["tools"]?[0]?["defer_loading"]?.bool == true)
    }

    @Test("T107: ids of calls are made to fit, alike in call and result") func callIDs() throws {
        let id = "functions.f:0" + String(repeating: "x", count: 70)
        let items = try #require(
            try sent(
                request([
                    Turn(role: .assistant, parts: [.call(ToolCall(id: id, name: "f", arguments: "{}"))]),
                    Turn(role: .user, parts: [.result(ToolResult(id: id, parts: []))]),
                ])
            ).body["input"])
        #expect(items[0]?["call_id"]?.string == items[1]?["call_id"]?.string)
        #expect(items[0]?["call_id"]?.string.map { $0.utf8.count <= 64 } == true)
        #expect(items[1]?["output"]?.string == "")
    }

    @Test func leavesOutWhatIsOthers() throws {
        var request = request()
        request.dialect = "openai"
        let one = try value("1")
        request.extras = ["metadata", "zap", "max_tool_calls"].map { Extra(name: $0, value: one) }
        request.mentions.noteExtra("zap")
        let sent = try sent(request)
        #expect(sent.body["metadata"] != nil && sent.body["zap"] == nil && sent.body["max_tool_calls"] == nil)
        #expect(Set(sent.outgoing.losses) == [.toolBudget, .extras])
    }

    // Each tool once looked through all calls, each call through all tools.
    @Test("T199: thousands of deferred tools beside thousands of calls") func manyDeferred() throws {
        var request = request()
        request.tools = (0..<10_000).map {
            Tool(name: "f\($0)", kind: .function(schema: nil), isDeferred: $0 > 0)
        }
        for index in 0..<10_000 {
            let call = ToolCall(id: "c\(index)", name: "g", arguments: "{}")
            request.turns.append(Turn(role: .assistant, parts: [.call(call)]))
            request.turns.append(Turn(role: .user, parts: [.result(ToolResult(id: call.id, parts: []))]))
        }
        request.toolChoice = .named("f9")
        #expect(try sent(request).body["tools"]?.count == 2)
    }
}
