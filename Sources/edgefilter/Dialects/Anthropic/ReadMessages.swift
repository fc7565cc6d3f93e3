// SPDX-License-Identifier: MIT

import JSON
import Model

/// `system` and `messages`.
extension RequestReader {
    mutating func readSystem(_ root: Value) throws(Failure) {
        guard let system = root.given("system") else { return }
        var parts: [Part] = []
        if let text = system.string {
            if !text.isBlank { parts = [.text(text)] }
        } else {
            guard system.kind == .array else {
                throw Failure.wrong(system, expected: "a string or an array of blocks")
            }
            for block in system.elements { try readBlock(block, of: .system, into: &parts) }
        }
        // The attribution of Claude Code is for Anthropic, and there it is relayed.
        parts.removeAll { if case .text(let text) = $0 { text.hasPrefix(Names.billing) } else { false } }
        if !parts.isEmpty { request.turns.append(Turn(role: .system, parts: parts)) }
    }

    mutating func readMessages(_ root: Value) throws(Failure) {
        var turns: [Turn] = []
        var last: Value?
        for message in try root.requiredArray("messages") {
            turns.append(try readMessage(message))
            last = message
        }
        guard let last else {
            throw Failure.invalid(root["messages"] ?? root, "at least one message is needed")
        }
        if turns.last?.role == .assistant {
            request.mentions.note(.prefill, as: "messages[]", at: last.path)
        }
        keep(turns)
    }

    /// Adds the turns that say something; the last of the user stays, even if it does not.
    private mutating func keep(_ turns: [Turn]) {
        let lastOfUser = turns.lastIndex { $0.role == .user }
        for (index, turn) in turns.enumerated() {
            if !turn.parts.isEmpty {
                request.turns.append(turn)
            } else if index == lastOfUser {
                request.turns.append(Turn(role: .user, text: ""))
            }
        }
        if request.turns.isEmpty, let last = turns.last {
            request.turns.append(Turn(role: last.role, text: ""))
        }
    }

    private mutating func readMessage(_ message: Value) throws(Failure) -> Turn {
        guard let object = message.object else { throw Failure.wrong(message, expected: "an object") }
        let word = try message.requiredString("role")
        guard let role = Names.roles[word] else {
            throw Failure.invalid(message["role"] ?? message, "expected 'user', 'assistant' or 'system'")
        }
        for member in object.members where !Members.messageNames.contains(member.name) {
            noteStrange("messages[].", member.name)
        }
        if let effort = try readEffort(message) { turnEffort = effort }
        guard let content = message.given("content") else { throw Failure.missing("content", in: message) }
        if let text = content.string {
            return Turn(role: role, parts: text.isBlank ? [] : [.text(text)])
        }
        guard content.kind == .array else {
            throw Failure.wrong(content, expected: "a string or an array of blocks")
        }
        var parts: [Part] = []
        for block in content.elements { try readBlock(block, of: role, into: &parts) }
        return Turn(role: role, parts: parts)
    }
}
