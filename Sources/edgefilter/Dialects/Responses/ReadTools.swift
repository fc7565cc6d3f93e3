// SPDX-License-Identifier: MIT

import JSON
import Model

/// What the model may call, and whether it must.
extension RequestReader {
    mutating func readTools() throws(Failure) {
        guard let tools = try root.optionalArray("tools") else { return }
        // Plain tools keep their names; what else wants one of them gives way.
        var used = Distinct(Set(tools.compactMap { RequestReader.isPlain($0) ? $0["name"]?.string : nil }))
        var seen: Set<String> = []
        for tool in tools { try read(tool, &used, &seen) }
    }

    private static func isPlain(_ tool: Value) -> Bool {
        let type = tool["type"]?.string
        return type == Names.Tool.function || type == Names.Tool.custom
    }

    private mutating func read(
        _ value: Value, _ used: inout Distinct, _ seen: inout Set<String>
    ) throws(Failure) {
        try value.checkObject()
        let type = try value.requiredString("type")
        switch type {
        case Names.Tool.function, Names.Tool.custom:
            let tool = try plain(value, type)
            guard seen.insert(tool.name).inserted else {
                throw Failure.invalid(value["name"] ?? value, "another tool has this name")
            }
            request.tools.append(tool)
        case Names.Tool.space: try readSpace(value, &used)
        default:
            request.mentions.note(.hostedTools, as: "tools[]", at: value.path)
            let foreign = Foreign(dialect: Names.dialect, type: type, value: value)
            request.tools.append(Tool(name: used.name(type) { Wire.toolName($0) }, kind: .hosted(foreign)))
        }
    }

    private mutating func readSpace(_ value: Value, _ used: inout Distinct) throws(Failure) {
        let space = try value.requiredString("name")
        let about = try value.optionalString("description")
        request.mentions.note(.namespaces, as: "tools[].tools", at: value.path)
        for inner in try value.requiredArray("tools") {
            try inner.checkObject()
            let type = try inner.requiredString("type")
            guard RequestReader.isPlain(inner) else {
                request.mentions.note(.hostedTools, as: "tools[].tools[]", at: inner.path)
                continue
            }
            var tool = try plain(inner, type)
            tool.space = Tool.Space(space: space, name: tool.name, description: about)
            tool.name = used.name(Names.flat(space, tool.name)) { Wire.toolName($0) }
            flatNames[Names.flatKey(space, tool.space?.name ?? "")] = tool.name
            request.tools.append(tool)
        }
    }

    private mutating func plain(_ value: Value, _ type: String) throws(Failure) -> Tool {
        let name = try value.requiredWord("name")
        let isDeferred = try value.optionalBool("defer_loading") ?? false
        if isDeferred {
            request.mentions.note(.deferredTools, as: "tools[].defer_loading", at: value.path)
        }
        let isCustom = type == Names.Tool.custom
        var tool = Tool(
            name: name, description: try value.optionalString("description"),
            kind: isCustom ? .custom(grammar: try grammar(value)) : .function(schema: try schema(value)),
            isDeferred: isDeferred)
        if isCustom {
            request.mentions.note(.customTools, as: "tools[]", at: value.path)
        } else {
            tool.isStrict = try strictness(value, tool)
        }
        return tool
    }

    private func schema(_ value: Value) throws(Failure) -> Value? { try value.optionalObject("parameters") }

    /// Here strict is what an absent member means, as far as the schema allows it (T140).
    private mutating func strictness(_ value: Value, _ tool: Tool) throws(Failure) -> Bool? {
        if let isStrict = try value.optionalBool("strict") {
            if isStrict { request.mentions.note(.strictTools, as: "tools[].strict", at: value.path) }
            return isStrict
        }
        guard case .function(let schema?) = tool.kind, Strictness.allows(schema) else { return nil }
        return true
    }

    private mutating func grammar(_ value: Value) throws(Failure) -> Tool.Grammar? {
        guard let format = try value.optionalObject("format"), format["type"]?.string == "grammar" else {
            return nil
        }
        request.mentions.note(.grammar, as: "tools[].format", at: format.path)
        return Tool.Grammar(
            syntax: try format.requiredString("syntax"), definition: try format.requiredString("definition"))
    }
}

extension Names {
    /// A namespace and a name in it, as one key.
    static func flatKey(_ space: String, _ name: String) -> String { "\(space)\u{0}\(name)" }
}

/// The choice among them.
extension RequestReader {
    mutating func readToolChoice() throws(Failure) {
        request.allowsParallelCalls = try root.optionalBool("parallel_tool_calls")
        note(.parallelCalls, if: request.allowsParallelCalls == false, "parallel_tool_calls")
        guard let choice = root.given("tool_choice") else { return }
        if let word = choice.string {
            guard let known = RequestReader.choices[word] else {
                throw Failure.invalid(choice, "expected none, auto, required or an object")
            }
            request.toolChoice = known
            return
        }
        guard choice.object != nil else { throw Failure.wrong(choice, expected: "a string or an object") }
        request.toolChoice = try toolChoice(choice)
    }

    private static let choices: [String: ToolChoice] = [
        "none": ToolChoice.none, "auto": .automatic, "required": .required,
    ]

    private mutating func toolChoice(_ choice: Value) throws(Failure) -> ToolChoice {
        let type = try choice.requiredString("type")
        switch type {
        case Names.Tool.function, Names.Tool.custom: return .named(try chosen(choice))
        case Names.Tool.allowed:
            note(.allowedTools, if: true, "tool_choice.tools")
            let mode = try choice.optionalString("mode")
            var names: [String] = []
            if let tools = try choice.optionalArray("tools") {
                for tool in tools where RequestReader.isPlain(tool) { names.append(try chosen(tool)) }
            }
            return names.isEmpty ? .automatic : .among(names, isRequired: mode == "required")
        default:
            note(.hostedTools, if: true, "tool_choice")
            return .automatic
        }
    }

    private func chosen(_ tool: Value) throws(Failure) -> String {
        flatName(try tool.requiredString("name"), in: try tool.optionalString("namespace"))
    }

    /// The name under which a tool goes on.
    func flatName(_ name: String, in space: String?) -> String {
        guard let space, !space.isEmpty else { return name }
        return flatNames[Names.flatKey(space, name)] ?? Names.flat(space, name)
    }
}
