// SPDX-License-Identifier: MIT

import JSON
import Model

/// `tools` and `tool_choice`, after the conversation was read: it says which tools the model sees.
extension RequestReader {
    mutating func readTools(_ root: Value) throws(Failure) {
        guard let tools = try root.optionalArray("tools") else { return }
        if root["tool_choice"]?["type"]?.string == "tool", let name = root["tool_choice"]?["name"]?.string {
            visibility[name] = true
        }
        var names: Set<String> = []
        for value in tools {
            try value.checkObject()
            var tool = try readTool(value)
            if let isVisible = visibility[tool.name], !tool.isHosted { tool.isDeferred = !isVisible }
            if tool.isDeferred {
                request.mentions.note(.deferredTools, as: "tools[].defer_loading", at: value.path)
            }
            guard names.insert(tool.name).inserted || tool.isHosted else {
                throw Failure.invalid(value["name"] ?? value, "names of tools must be unique")
            }
            request.tools.append(tool)
        }
    }

    private mutating func readTool(_ value: Value) throws(Failure) -> Tool {
        if let type = try value.optionalString("type"), type != "custom" {
            request.mentions.note(.hostedTools, as: "tools[].type", at: value.path + ".type")
            let name = value["name"]?.string ?? value["mcp_server_name"]?.string ?? type
            return Tool(
                name: name, kind: .hosted(Foreign(dialect: Names.dialect, type: type, value: value)))
        }
        noteMembers(ofTool: value)
        return Tool(
            name: try value.requiredWord("name"),
            description: try value.optionalString("description"),
            kind: .function(schema: try value.optionalObject("input_schema")),
            isStrict: try value.optionalBool("strict"),
            isDeferred: try value.optionalBool("defer_loading") ?? false)
    }

    private mutating func noteMembers(ofTool tool: Value) {
        guard let object = tool.object else { return }
        for member in object.members where !member.value.isNull {
            let name = member.name
            guard Members.toolNames.contains(name) else {
                noteStrange("tools[].", name)
                continue
            }
            guard let feature = Names.toolFeatures[name], member.value.bool != false else { continue }
            request.mentions.note(feature, as: "tools[].\(name)", at: member.value.path)
        }
    }

    mutating func readToolChoice(_ root: Value) throws(Failure) {
        guard let choice = try root.optionalObject("tool_choice") else { return }
        let type = try choice.requiredString("type")
        let isSerial = try choice.optionalBool("disable_parallel_tool_use") ?? false
        let chosen: ToolChoice
        switch type {
        case "auto": chosen = .automatic
        case "any": chosen = .required
        case "none": chosen = .none
        case "tool": chosen = .named(try choice.requiredWord("name"))
        default:
            throw Failure.invalid(
                choice["type"] ?? choice, "expected 'auto', 'any', 'tool' or 'none'")
        }
        guard !request.tools.isEmpty else { return }
        request.toolChoice = chosen
        if isSerial, chosen != .none {
            request.allowsParallelCalls = false
            let path = "tool_choice.disable_parallel_tool_use"
            request.mentions.note(.parallelCalls, as: path, at: path)
        }
    }
}

extension Names {
    /// The features of a custom tool's members.
    static let toolFeatures: [String: Feature] = [
        "strict": .strictTools, "cache_control": .cacheControl,
        "input_examples": .toolHints, "allowed_callers": .toolHints, "eager_input_streaming": .toolHints,
    ]
}
