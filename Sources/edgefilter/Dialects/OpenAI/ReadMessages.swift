// SPDX-License-Identifier: MIT

import JSON
import Model

/// The messages of a request, read one after the other.
struct ConversationReader {
    var turns: [Turn] = []
    var pairing = Pairing()
    var mentions = Mentions()
    /// Ids of calls of custom tools, as the caller wrote them.
    private var customCalls: Set<String> = []

    mutating func read(_ message: Value) throws(Failure) {
        try message.checkObject()
        let word = try message.requiredString("role")
        guard let role = Names.roles[word] else {
            let known = Names.roles.keys.sorted().joined(separator: ", ")
            throw Failure.invalid(message["role"] ?? message, "'\(word)' is none of \(known)")
        }
        note(.names, "name", of: message)
        note(.cacheControl, "cache_control", of: message)
        let parts =
            switch word {
            case "tool": [try result(message)]
            case "function": [try legacyResult(message)]
            case "assistant": try assistant(message)
            case "user": try content(message, .user)
            default: try content(message, .instruction)
            }
        turns.append(Turn(role: role, parts: parts))
    }

    /// Notes a member of a message, if it is there.
    private mutating func note(_ feature: Feature, _ name: String, of message: Value) {
        guard let value = message.given(name) else { return }
        mentions.note(feature, as: "messages[].\(name)", at: value.path)
    }

    /// Thoughts, words, calls: in this order they were made.
    private mutating func assistant(_ message: Value) throws(Failure) -> [Part] {
        var parts: [Part] = []
        if let thoughts = try thoughts(message) { parts.append(.reasoning(thoughts)) }
        parts += try content(message, .assistant)
        if let refusal = try message.optionalString("refusal"), !refusal.isEmpty {
            parts.append(.refusal(refusal))
        }
        note(.replayedAudio, "audio", of: message)
        for call in try message.list("tool_calls") {
            parts.append(.call(try self.call(call)))
        }
        if let call = try message.optionalObject("function_call") {
            parts.append(.call(try legacyCall(call)))
        }
        return parts
    }

    /// Both names stand for the same text where both are given.
    private mutating func thoughts(_ message: Value) throws(Failure) -> Reasoning? {
        note(.redactedThoughts, "reasoning_details", of: message)
        for name in Names.thoughts {
            guard let text = message.given(name)?.string, !text.isEmpty else { continue }
            note(.thoughts, name, of: message)
            return Reasoning(text: text)
        }
        return nil
    }
}

// Calls and their results.
extension ConversationReader {
    private mutating func call(_ value: Value) throws(Failure) -> ToolCall {
        try value.checkObject()
        let id = try value.requiredWord("id")
        let type = try value.optionalString("type") ?? "function"
        switch type {
        case "function":
            let function = try value.requiredObject("function")
            return ToolCall(
                id: pairing.call(id, at: value), name: try function.requiredWord("name"),
                arguments: try arguments(function))
        case "custom":
            let custom = try value.requiredObject("custom")
            mentions.note(.customTools, as: "messages[].tool_calls[].custom", at: custom.path)
            customCalls.insert(id)
            return ToolCall(
                id: pairing.call(id, at: value), name: try custom.requiredWord("name"),
                arguments: try custom.optionalString("input") ?? "", isCustom: true)
        default:
            throw Failure.invalid(value["type"] ?? value, "'\(type)' is none of custom, function")
        }
    }

    /// What the model wrote, be it JSON or not; some servers make an object of it.
    private func arguments(_ function: Value) throws(Failure) -> String {
        guard let arguments = function.given("arguments") else { return "" }
        if arguments.kind == .object { return arguments.source }
        return try function.requiredString("arguments")
    }

    /// A call of the time when there was one at most, and it had no id.
    private mutating func legacyCall(_ value: Value) throws(Failure) -> ToolCall {
        let name = try value.requiredWord("name")
        return ToolCall(
            id: pairing.call(Names.legacyID(name), at: value), name: name, arguments: try arguments(value))
    }

    private mutating func result(_ message: Value) throws(Failure) -> Part {
        let id = try message.requiredWord("tool_call_id")
        return .result(
            ToolResult(
                id: pairing.result(id, at: message), parts: try content(message, .result),
                isCustom: customCalls.contains(id)))
    }

    private mutating func legacyResult(_ message: Value) throws(Failure) -> Part {
        let id = Names.legacyID(try message.requiredWord("name"))
        return .result(
            ToolResult(id: pairing.result(id, at: message), parts: try content(message, .result)))
    }
}
