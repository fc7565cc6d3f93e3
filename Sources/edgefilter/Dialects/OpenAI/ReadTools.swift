// SPDX-License-Identifier: MIT

import JSON
import Model

extension Request {
    mutating func readTools(_ root: Value) throws(Failure) {
        var places: [String: Int] = [:]
        for value in try root.list("tools") { try add(try tool(value), at: value, &places) }
        for value in try root.list("functions") {
            try value.checkObject()
            try add(try function(value, in: value), at: value, &places)
        }
        if let choice = root.given("tool_choice") { toolChoice = try readChoice(choice) }
        if let choice = root.given("function_call"), toolChoice == nil {
            toolChoice = try readLegacyChoice(choice)
        }
        allowsParallelCalls = try root.optionalBool("parallel_tool_calls")
        if allowsParallelCalls == false { note(.parallelCalls, "parallel_tool_calls") }
        // Their callers know of one call only.
        if root.given("functions") != nil { allowsParallelCalls = false }
    }

    /// The same tool twice is one; two tools of one name could not be told apart.
    ///
    /// `places`: of the first tool of each name.
    private mutating func add(
        _ tool: Tool, at value: Value, _ places: inout [String: Int]
    ) throws(Failure) {
        let twin = places[tool.name]
        if let twin, !tool.isHosted {
            if tools[twin] == tool { return }
            throw Failure.invalid(value, "two tools have the name '\(tool.name)'")
        }
        if twin == nil { places[tool.name] = tools.count }
        tools.append(tool)
    }

    private mutating func tool(_ value: Value) throws(Failure) -> Tool {
        try value.checkObject()
        if let cache = value.given("cache_control") {
            mentions.note(.cacheControl, as: "tools[].cache_control", at: cache.path)
        }
        let type = try value.requiredString("type")
        switch type {
        case "function":
            return try function(
                try value.requiredObject("function"), in: value)
        case "custom":
            return try custom(try value.requiredObject("custom"))
        default:
            mentions.note(.hostedTools, as: "tools[].type", at: value["type"]?.path ?? value.path)
            return Tool(
                name: type, kind: .hosted(Foreign(dialect: Names.dialect, type: type, value: value)))
        }
    }

    private mutating func function(_ function: Value, in tool: Value) throws(Failure) -> Tool {
        let strict = try function.optionalBool("strict") ?? tool.given("strict")?.bool
        if strict == true {
            mentions.note(.strictTools, as: "tools[].function.strict", at: function.path + ".strict")
        }
        return Tool(
            name: try function.requiredWord("name"), description: try function.optionalString("description"),
            kind: .function(schema: try function.optionalObject("parameters")), isStrict: strict)
    }

    private mutating func custom(_ custom: Value) throws(Failure) -> Tool {
        mentions.note(.customTools, as: "tools[].custom", at: custom.path)
        var grammar: Tool.Grammar?
        if let format = try custom.optionalObject("format"), format["type"]?.string == "grammar" {
            let rules = try format.requiredObject("grammar")
            grammar = Tool.Grammar(
                syntax: try rules.requiredString("syntax"), definition: try rules.requiredString("definition")
            )
            mentions.note(.grammar, as: "tools[].custom.format", at: format.path)
        }
        return Tool(
            name: try custom.requiredWord("name"), description: try custom.optionalString("description"),
            kind: .custom(grammar: grammar))
    }
}

// Whether and what is called.
extension Request {
    private mutating func readChoice(_ value: Value) throws(Failure) -> ToolChoice {
        if let word = value.string {
            guard let choice = Names.choices[word] else {
                throw Failure.invalid(value, "'\(word)' is none of auto, none, required")
            }
            return choice
        }
        guard value.object != nil else { throw Failure.wrong(value, expected: "a string or an object") }
        let type = try value.requiredString("type")
        switch type {
        case "function", "custom":
            let named = try value.requiredObject(type)
            return .named(try named.requiredWord("name"))
        case "allowed_tools": return try readAllowed(value)
        case "auto", "none", "required": return Names.choices[type] ?? .automatic
        default:
            // A tool that the provider runs.
            mentions.note(.hostedTools, as: "tools[].type", at: value.path)
            return .automatic
        }
    }

    private mutating func readAllowed(_ value: Value) throws(Failure) -> ToolChoice {
        let allowed = try value.requiredObject("allowed_tools")
        mentions.note(.allowedTools, as: "tool_choice.allowed_tools", at: allowed.path)
        let mode = try allowed.optionalString("mode") ?? "auto"
        guard mode == "auto" || mode == "required" else {
            throw Failure.invalid(allowed["mode"] ?? allowed, "'\(mode)' is none of auto, required")
        }
        var names: [String] = []
        for tool in try allowed.requiredArray("tools") {
            let type = try tool.requiredString("type")
            names.append(try (tool.given(type) ?? tool).requiredWord("name"))
        }
        return .among(names, isRequired: mode == "required")
    }

    private func readLegacyChoice(_ value: Value) throws(Failure) -> ToolChoice {
        if let word = value.string {
            guard let choice = Names.choices[word] else {
                throw Failure.invalid(value, "'\(word)' is none of auto, none")
            }
            return choice
        }
        guard value.object != nil else { throw Failure.wrong(value, expected: "a string or an object") }
        return .named(try value.requiredWord("name"))
    }
}
