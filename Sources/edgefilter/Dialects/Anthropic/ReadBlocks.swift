// SPDX-License-Identifier: MIT

import JSON
import Model

/// The blocks of a message.
extension RequestReader {
    mutating func readBlock(_ block: Value, of role: Turn.Role, into parts: inout [Part]) throws(Failure) {
        try block.checkObject()
        let type = try block.requiredString("type")
        guard let kind = Names.block(type) else {
            throw Failure.invalid(block["type"] ?? block, "'\(type)' is no type of a block")
        }
        guard isAllowed(kind, in: role) else {
            throw Failure.invalid(
                block["type"] ?? block, "a '\(type)' block may not stand in a message of role '\(role)'")
        }
        if kind != .foreign { noteMembers(of: block) }
        switch kind {
        case .text: try readText(block, into: &parts)
        case .image, .document: parts += try readMedia(block, kind)
        case .searchResult: parts.append(.text(try readSearchResult(block)))
        case .toolUse: parts.append(.call(try readToolUse(block)))
        case .toolResult: parts.append(.result(try readToolResult(block)))
        case .thinking, .redactedThinking:
            if role == .assistant { parts.append(.reasoning(try readThoughts(block, kind))) }
        case .toolAddition, .toolRemoval: try readToolChange(block, isAddition: kind == .toolAddition)
        case .foreign: parts.append(readForeign(block, type))
        }
    }

    private func isAllowed(_ kind: Names.Block, in role: Turn.Role) -> Bool {
        switch kind {
        case .text: true
        case .image, .document, .searchResult, .toolResult: role == .user
        case .toolUse: role == .assistant
        case .thinking, .redactedThinking, .foreign: role != .system
        case .toolAddition, .toolRemoval: role == .system
        }
    }

    private mutating func noteMembers(of block: Value) {
        guard let object = block.object else { return }
        for member in object.members where !member.value.isNull {
            if member.isNamed("cache_control") {
                request.mentions.note(
                    .cacheControl, as: "messages[].content[].cache_control", at: member.value.path)
            } else if !Members.blockNames.contains(member.name) {
                noteStrange("messages[].content[].", member.name)
            }
        }
    }

    private mutating func readText(_ block: Value, into parts: inout [Part]) throws(Failure) {
        let text = try block.requiredString("text")
        if let citations = block.given("citations"), !citations.elements.isEmpty {
            request.mentions.note(
                .citations, as: "messages[].content[].citations", at: citations.path)
        }
        if !text.isBlank { parts.append(.text(text)) }
    }

    private mutating func readToolUse(_ block: Value) throws(Failure) -> ToolCall {
        let id = try block.requiredWord("id")
        let name = try block.requiredWord("name")
        let input = try block.optionalObject("input")
        if let caller = block.given("caller"), caller["type"]?.string != "direct" {
            request.mentions.note(.hostedCalls, as: "messages[].content[].caller", at: caller.path)
        }
        visibility[name] = true
        return ToolCall(
            id: pairing.call(id, at: block["id"] ?? block), name: name,
            arguments: input.map(Arguments.text) ?? "{}")
    }

    private mutating func readToolResult(_ block: Value) throws(Failure) -> ToolResult {
        let id = try block.requiredWord("tool_use_id")
        let isError = try block.optionalBool("is_error") ?? false
        if isError {
            request.mentions.note(
                .resultErrors, as: "messages[].content[].is_error", at: block.path + ".is_error")
        }
        return ToolResult(
            id: pairing.result(id, at: block["tool_use_id"] ?? block),
            parts: try readResultContent(block), isError: isError)
    }

    private mutating func readThoughts(_ block: Value, _ kind: Names.Block) throws(Failure) -> Reasoning {
        if kind == .redactedThinking {
            request.mentions.note(
                .redactedThoughts, as: "messages[].content[].data", at: block.path + ".data")
            return Reasoning(seal: try block.requiredString("data"), isRedacted: true)
        }
        request.mentions.note(
            .thoughts, as: "messages[].content[].thinking", at: block.path + ".thinking")
        let seal = try block.optionalString("signature")
        return Reasoning(
            text: try block.optionalString("thinking") ?? "", seal: seal?.isEmpty == true ? nil : seal)
    }

    private mutating func readForeign(_ block: Value, _ type: String) -> Part {
        let isFile = block.given("file_id") != nil
        request.mentions.note(
            isFile ? .fileIDs : .hostedCalls,
            as: "messages[].content[]\(isFile ? ".file_id" : "")", at: block.path)
        return .foreign(Foreign(dialect: Names.dialect, type: type, value: block))
    }

    /// `tool_addition` and `tool_removal` change what the model sees, and say nothing themselves.
    private mutating func readToolChange(_ block: Value, isAddition: Bool) throws(Failure) {
        let tool = try block.requiredObject("tool")
        request.mentions.note(.toolReferences, as: "messages[].content[].tool", at: tool.path)
        visibility[try tool.requiredWord("name")] = isAddition
    }
}
