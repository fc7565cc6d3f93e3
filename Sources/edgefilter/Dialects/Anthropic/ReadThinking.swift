// SPDX-License-Identifier: MIT

import JSON
import Model

/// How much the model thinks, and the form of its answer.
extension RequestReader {
    mutating func readThinking(_ root: Value) throws(Failure) {
        let common = try readEffort(root)
        let effort = turnEffort ?? common
        guard let thinking = try root.optionalObject("thinking") else {
            // Effort alone is no wish to see thoughts.
            request.thinking = effort.map { Thinking(effort: $0, display: .omitted) }
            return
        }
        let type = try thinking.requiredString("type")
        request.mentions.note(.effort, as: "thinking.type", at: "thinking.type")
        request.thinking = Thinking(
            isOn: type != "disabled", effort: effort,
            budget: type == "enabled" ? try readBudget(thinking) : nil,
            display: try thinking.optionalString("display").flatMap(Thinking.Display.init(rawValue:)))
        if request.thinking?.display != nil {
            request.mentions.note(.thinkingDisplay, as: "thinking.display", at: "thinking.display")
        }
    }

    private mutating func readBudget(_ thinking: Value) throws(Failure) -> Int {
        let budget = try thinking.required("budget_tokens", \.int, "an integer")
        request.mentions.note(.thinkingBudget, as: "thinking.budget_tokens", at: "thinking.budget_tokens")
        guard budget > 0 else {
            throw Failure.invalid(thinking["budget_tokens"] ?? thinking, "it must be positive")
        }
        return budget
    }

    /// The effort in the `output_config` of the request or of a message; words that are none are noted.
    mutating func readEffort(_ owner: Value) throws(Failure) -> Thinking.Effort? {
        guard let config = try owner.optionalObject("output_config"),
            let word = try config.optionalString("effort")
        else { return nil }
        request.mentions.note(.effort, as: "output_config.effort", at: config.path + ".effort")
        let effort = Thinking.Effort(rawValue: word)
        if effort == nil { noteStrange("output_config.", "effort") }
        return effort
    }

    mutating func readFormat(_ root: Value) throws(Failure) {
        let config = try root.optionalObject("output_config")
        if config?.given("task_budget") != nil {
            let path = "output_config.task_budget"
            request.mentions.note(.tokenOptions, as: path, at: path)
        }
        for (owner, name) in [(config, "format"), (root, "output_format")] {
            guard let format = try owner?.optionalObject(name) else { continue }
            let path = format.path
            guard try format.requiredString("type") == "json_schema" else {
                noteStrange("", path)
                continue
            }
            let schema = try format.requiredObject("schema")
            request.mentions.note(.schemaFormat, as: path, at: path)
            request.format = .schema(Format.Schema(schema: schema, isStrict: true))
            return
        }
    }
}
