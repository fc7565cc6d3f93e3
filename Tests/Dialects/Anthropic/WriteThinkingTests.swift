// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Anthropic

@Suite struct WriteThinkingTests {
    private func sent(
        _ thinking: Thinking?, _ model: String, limit: Int? = nil, _ words: [String] = [],
        change: (inout Request) -> Void = { _ in }
    ) throws -> (root: Value, Outgoing) {
        var request = asking([Turn(role: .user, text: "hi")], model)
        request.thinking = thinking
        request.outputLimit = limit
        change(&request)
        return try written(request, words)
    }

    @Test("Budgets that nobody can pay crash nothing") func hugeBudgets() throws {
        for model in ["claude-3-7-sonnet", "m"] {
            let (root, _) = try sent(Thinking(budget: .max), model)
            #expect((root["max_tokens"]?.int ?? 0) > (root["thinking"]?["budget_tokens"]?.int ?? 0))
        }
    }

    @Test(
        "T125: what a model is asked for, by its name and its flags",
        arguments: [
            (
                "claude-opus-4-6", Thinking(effort: .high), [],
                #"{"type":"adaptive","display":"summarized"}"#, #"{"effort":"high"}"#
            ),
            (
                "claude-opus-4-6", Thinking(effort: .xhigh), [],
                #"{"type":"adaptive","display":"summarized"}"#, #"{"effort":"high"}"#
            ),
            (
                "claude-opus-4-6", Thinking(effort: .max), [], #"{"type":"adaptive","display":"summarized"}"#,
                #"{"effort":"max"}"#
            ),
            (
                "claude-opus-4-8", Thinking(effort: .xhigh), [],
                #"{"type":"adaptive","display":"summarized"}"#, #"{"effort":"xhigh"}"#
            ),
            (
                "claude-sonnet-5", Thinking(effort: .minimal, display: .omitted), [],
                #"{"type":"adaptive","display":"omitted"}"#, #"{"effort":"low"}"#
            ),
            (
                "claude-opus-5-5", Thinking(budget: 5000), [], #"{"type":"adaptive","display":"summarized"}"#,
                #"{"effort":"medium"}"#
            ),
            ("claude-opus-5", Thinking(), [], #"{"type":"adaptive","display":"summarized"}"#, ""),
            (
                "claude-opus-5", Thinking(effort: .low), ["no_effort"],
                #"{"type":"adaptive","display":"summarized"}"#, ""
            ),
            ("claude-opus-5", Thinking(isOn: false), [], #"{"type":"disabled"}"#, ""),
            ("claude-opus-5", Thinking(effort: Thinking.Effort.none), [], #"{"type":"disabled"}"#, ""),
            ("claude-fable-5", Thinking(isOn: false), [], "", ""),
            (
                "claude-sonnet-4-5-20250929", Thinking(effort: .high), [],
                #"{"type":"enabled","budget_tokens":4096}"#, ""
            ),
            (
                "claude-sonnet-4@20250514", Thinking(effort: .low), [],
                #"{"type":"enabled","budget_tokens":1024}"#, ""
            ),
            (
                "claude-opus-5", Thinking(effort: .medium), ["budget_thinking"],
                #"{"type":"enabled","budget_tokens":2048}"#, ""
            ),
            ("kimi-k2", Thinking(budget: 2000), ["kimi"], #"{"type":"enabled","budget_tokens":2000}"#, ""),
            (
                "deepseek-v4", Thinking(effort: .max), ["deepseek"],
                #"{"type":"enabled","budget_tokens":16384}"#, #"{"effort":"high"}"#
            ),
            (
                "glm-5", Thinking(effort: .xhigh), ["adaptive_thinking"],
                #"{"type":"adaptive","display":"summarized"}"#, #"{"effort":"high"}"#
            ),
        ])
    func asks(model: String, thinking: Thinking, words: [String], expected: String, config: String) throws {
        let root = try sent(thinking, model, words).root
        #expect(text(root, "thinking") == expected && text(root, "output_config") == config)
    }

    @Test func leavesOpenWhatIsOpen() throws {
        let root = try sent(nil, "claude-opus-5").root
        #expect(text(root, "thinking") == "" && text(root, "output_config") == "")
    }

    @Test(
        "T125: a budget is below the limit; too small a limit means no thinking",
        arguments: [
            (Thinking.Effort.high, nil, 4096, 12288), (.high, 2000, 1500, 2000), (.high, 1100, 1024, 1100),
            (.max, 100_000, 16384, 100_000),
        ] as [(Thinking.Effort, Int?, Int, Int)])
    func fitsBudgets(effort: Thinking.Effort, limit: Int?, budget: Int, sentLimit: Int) throws {
        let root = try sent(Thinking(effort: effort), "claude-sonnet-4-5", limit: limit).root
        #expect(root["thinking"]?["budget_tokens"]?.int == budget && root["max_tokens"]?.int == sentLimit)
    }

    @Test("T125: no room, no thinking")
    func dropsThinking() throws {
        let (root, outgoing) = try sent(Thinking(effort: .high), "claude-sonnet-4-5", limit: 1024)
        #expect(text(root, "thinking") == "" && outgoing.losses == [.effort])
    }

    @Test(
        "T126: a call that must be made comes without thinking",
        arguments: ["claude-sonnet-4-5", "claude-opus-5"])
    func callsWithoutThinking(model: String) throws {
        for choice in [ToolChoice.required, .named("f")] {
            let (root, outgoing) = try sent(Thinking(effort: .high), model) {
                $0.tools = [Tool(name: "f", kind: .function(schema: nil))]
                $0.toolChoice = choice
            }
            #expect(text(root, "thinking") == "" && text(root, "tool_choice") != "")
            let isAdaptive = model.hasSuffix("5") && !model.contains("4")
            #expect(text(root, "output_config") == (isAdaptive ? #"{"effort":"high"}"# : ""))
            #expect(outgoing.losses == (isAdaptive ? [] : [.effort]))
        }
    }

    @Test("T122: a model that thinks chooses its words by itself")
    func dropsSampling() throws {
        let (root, outgoing) = try sent(Thinking(effort: .high), "claude-sonnet-4-5") {
            $0.sampling.temperature = "0.5"
            $0.sampling.topK = 3
        }
        #expect(text(root, "temperature") == "" && outgoing.losses == [.temperature, .topK])
    }

    /// Anthropic: "Expected `thinking` or `redacted_thinking`, but found `tool_use`".
    @Test("T105: a tool loop begun without thoughts goes on without, where the model insists")
    func goesOnWithoutThoughts() throws {
        let loop = { (request: inout Request) in
            request.turns += [
                Turn(role: .assistant, parts: [.call(ToolCall(id: "a", name: "f", arguments: "{}"))]),
                Turn(role: .user, parts: [.result(ToolResult(id: "a", parts: []))]),
            ]
        }
        #expect(text(try sent(Thinking(), "claude-sonnet-4-5", change: loop).root, "thinking") == "")
        #expect(text(try sent(Thinking(), "claude-opus-5", change: loop).root, "thinking") != "")
        let sealed = { (request: inout Request) in
            loop(&request)
            let seal = Seal.make(upstream: "up", value: Array("\"S\"".utf8).span)
            request.turns[1].parts.insert(.reasoning(Reasoning(text: "t", seal: seal)), at: 0)
        }
        #expect(text(try sent(Thinking(), "claude-sonnet-4-5", change: sealed).root, "thinking") != "")
    }

    private func schema(_ text: String) throws -> Format { .schema(Format.Schema(schema: try value(text))) }

    @Test("T124: a schema in the model's own way, its objects closed")
    func writesFormats() throws {
        let format = try schema(
            #"{"type":"object","properties":{"a":{"type":"object","additionalProperties":true},"b":{"type":"array","items":{"type":"object"}}},"required":["a"],"enum":[{"type":"object"}]}"#
        )
        let (root, outgoing) = try sent(nil, "claude-sonnet-4-5") { $0.format = format }
        #expect(
            text(root, "output_config", "format")
                == #"{"type":"json_schema","schema":{"type":"object","properties":{"a":{"type":"object","additionalProperties":true},"b":{"type":"array","items":{"type":"object","additionalProperties":false}}},"required":["a"],"enum":[{"type":"object"}],"additionalProperties":false}}"#
        )
        #expect(outgoing.answerTool == nil && outgoing.losses.isEmpty)
    }

    @Test("T124: else by a tool whose input is the answer")
    func writesAnswerTools() throws {
        let format = try schema(#"{"type":"object","properties":{"a":{}}}"#)
        for words in [["no_output_format"], []] {
            let model = words.isEmpty ? "claude-sonnet-4" : "claude-opus-5"
            let (root, outgoing) = try sent(nil, model, words) { $0.format = format }
            #expect(outgoing.answerTool == "answer" && outgoing.losses.isEmpty)
            #expect(text(root, "tools", "0", "input_schema") == #"{"type":"object","properties":{"a":{}}}"#)
            #expect(
                text(root, "tool_choice")
                    == #"{"type":"tool","name":"answer","disable_parallel_tool_use":true}"#)
        }
    }

    @Test("T124: with tools or thinking, or a root that is no object, in words")
    func writesFormatsInWords() throws {
        let object = try schema(#"{"type":"object"}"#)
        let list = try schema(#"{"type":"array"}"#)
        let changes: [(inout Request) -> Void] = [
            {
                $0.format = object
                $0.tools = [Tool(name: "f", kind: .function(schema: nil))]
            },
            {
                $0.format = object
                $0.thinking = Thinking()
            },
            { $0.format = list },
        ]
        for change in changes {
            let (root, outgoing) = try sent(nil, "m", change: change)
            #expect(outgoing.losses == [.schemaFormat] && outgoing.answerTool == nil)
            #expect(text(root, "system", "0", "text").contains("JSON Schema"))
        }
        let (root, outgoing) = try sent(nil, "claude-opus-5") { $0.format = .object }
        #expect(text(root, "system").contains("JSON object") && outgoing.losses.isEmpty)
    }
}
