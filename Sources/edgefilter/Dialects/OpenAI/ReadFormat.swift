// SPDX-License-Identifier: MIT

import JSON
import Model

extension Request {
    mutating func readFormat(_ root: Value) throws(Failure) {
        guard let value = try root.optionalObject("response_format") else { return }
        let type = try value.requiredString("type")
        switch type {
        case "text": return
        case "json_object":
            // llama.cpp puts a schema beside it.
            if let schema = try value.optionalObject("schema") {
                format = .schema(Format.Schema(schema: schema))
                note(.schemaFormat, "response_format.json_schema")
            } else {
                format = .object
                note(.objectFormat, "response_format.type")
            }
        case "json_schema":
            let given = try value.requiredObject("json_schema")
            format = .schema(
                Format.Schema(
                    name: try given.requiredString("name"),
                    description: try given.optionalString("description"),
                    schema: try given.optionalObject("schema"), isStrict: try given.optionalBool("strict")))
            note(.schemaFormat, "response_format.json_schema")
        default:
            throw Failure.invalid(
                value["type"] ?? value, "'\(type)' is none of json_object, json_schema, text")
        }
    }

    /// OpenAI's own member first; the others are of look-alikes.
    mutating func readThinking(_ root: Value) throws(Failure) {
        if let word = try root.optionalString("reasoning_effort"), word != "default" {
            thinking = try effort(word, at: root["reasoning_effort"] ?? root)
            note(.effort, "reasoning_effort")
        } else if let isOn = root.given("enable_thinking")?.bool {
            thinking = Thinking(isOn: isOn)
            note(.effort, "enable_thinking")
        } else if let type = root.given("thinking")?["type"]?.string {
            thinking = Thinking(isOn: type != "disabled", budget: root["thinking"]?["budget_tokens"]?.int)
            note(.effort, "thinking")
        } else if let reasoning = root.given("reasoning"), reasoning.object != nil {
            try readReasoning(reasoning)
            note(.effort, "reasoning")
        }
        if let budget = try root.optionalInt("thinking_budget") {
            thinking = thinking ?? Thinking()
            thinking?.budget = budget
            note(.thinkingBudget, "thinking_budget")
        }
        if root.given("include_reasoning")?.bool == false {
            thinking = thinking ?? Thinking()
            thinking?.display = .omitted
            note(.thinkingDisplay, "include_reasoning")
        }
    }

    /// OpenRouter's form.
    private mutating func readReasoning(_ value: Value) throws(Failure) {
        var asked = Thinking(isOn: value["enabled"]?.bool ?? true, budget: value["max_tokens"]?.int)
        if let word = try value.optionalString("effort") {
            asked = try effort(word, at: value["effort"] ?? value)
        }
        if value["exclude"]?.bool == true { asked.display = .omitted }
        thinking = asked
    }

    private func effort(_ word: String, at value: Value) throws(Failure) -> Thinking {
        guard let effort = Thinking.Effort(rawValue: word) else {
            let known = Thinking.Effort.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure.invalid(value, "'\(word)' is none of \(known)")
        }
        return Thinking(isOn: effort != .none, effort: effort)
    }
}
