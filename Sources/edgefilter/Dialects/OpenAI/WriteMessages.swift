// SPDX-License-Identifier: MIT

import Digest
import JSON
import Model

// Messages.
extension RequestWriter {
    mutating func writeMessages() throws(Failure) {
        let all = messages()
        writer.beginArray()
        for (index, message) in all.enumerated() {
            writer.beginObject()
            writer.member("role", message.role.rawValue)
            switch message.role {
            case .system, .developer: try write(content: message.parts, joinedBy: "\n\n")
            case .user: try write(content: message.parts, joinedBy: "\n")
            case .tool: try write(result: message.result)
            case .assistant: writeAssistant(message.parts, isLast: index == all.count - 1)
            }
            writer.endObject()
        }
        writer.endArray()
    }

    /// One string where there are only texts, else an array of parts.
    private mutating func write(content parts: [Part], joinedBy separator: String) throws(Failure) {
        writer.name("content")
        let isText = parts.allSatisfy { if case .text = $0 { true } else { inWords($0) != nil } }
        guard !isText || provider.has(.parts) else {
            let texts = parts.compactMap { if case .text(let text) = $0 { text } else { inWords($0) } }
            return writer.string(texts.joined(separator: separator))
        }
        writer.beginArray()
        for part in parts { try write(part) }
        writer.endArray()
    }

    /// Text first; what else a result bears follows in a message of the user's.
    private mutating func write(result: ToolResult?) throws(Failure) {
        guard let result else { return }
        writer.member("tool_call_id", callID(result.id))
        var texts: [String] = []
        var isAttached = false
        for part in result.parts {
            if case .text(let text) = part {
                texts.append(text)
            } else if let words = inWords(part) ?? unknown(part) {
                texts.append(words)
            } else {
                isAttached = true
            }
        }
        var text = texts.joined(separator: "\n")
        if text.isEmpty, isAttached { text = "[image attached below]" }
        text = result.marked(text)
        try write(content: [.text(text)], joinedBy: "\n")
    }

    /// A piece that nobody here understands, as it is.
    private func unknown(_ part: Part) -> String? {
        guard case .foreign(let foreign) = part else { return nil }
        return foreign.value.source
    }

    /// Calls' ids, as the provider takes them; the same one for the call and its result.
    func callID(_ id: String) -> String {
        guard provider.has(.nineIDs) else { return Wire.shortID(id) }
        return nineIDs[id] ?? id
    }
}

// The assistant's own messages.
extension RequestWriter {
    private mutating func writeAssistant(_ parts: [Part], isLast: Bool) {
        var text = parts.text()
        let calls = Turn(role: .assistant, parts: parts).calls
        let refusals = parts.compactMap { if case .refusal(let text) = $0 { text } else { nil } }.joined()
        let knowsRefusals = isOwn || provider.has(.developer)
        if !knowsRefusals { text += refusals }
        writeSpoken(text, isNull: !calls.isEmpty || knowsRefusals && !refusals.isEmpty)
        if knowsRefusals, !refusals.isEmpty { writer.member("refusal", refusals) }
        let signatures = writeThoughts(parts, hasCalls: !calls.isEmpty)
        if !calls.isEmpty {
            writer.name("tool_calls")
            writer.beginArray()
            for (index, call) in calls.enumerated() { write(call, signature: signatures[index]) }
            writer.endArray()
        }
        guard isLast, calls.isEmpty else { return }
        if provider.has(.prefixPrefill) { writer.member("prefix", true) }
        if provider.has(.partialPrefill) { writer.member("partial", true) }
    }

    private mutating func writeSpoken(_ text: String, isNull: Bool) {
        writer.name("content")
        if text.isEmpty, isNull, !provider.has(.contentEmptyString) {
            writer.null()
        } else if provider.has(.parts) {
            writer.beginArray()
            writer.textPart(text)
            writer.endArray()
        } else {
            writer.string(text)
        }
    }

    private mutating func write(_ call: ToolCall, signature: Value?) {
        let isCustom = call.isCustom && provider.has(.customTools)
        writer.beginObject()
        writer.member("id", callID(call.id))
        writer.member("type", isCustom ? "custom" : "function")
        writer.name(isCustom ? "custom" : "function")
        writer.beginObject()
        writer.member("name", outgoing.sentName(of: call.name))
        if isCustom {
            writer.member("input", call.arguments)
        } else {
            writer.member(
                "arguments", call.isCustom ? Arguments.wrapped(freeText: call.arguments) : call.filled)
        }
        writer.endObject()
        if let signature { writer.signature(signature) }
        writer.endObject()
    }
}

extension ToolCall {
    /// Its arguments; `{}` where there are none.
    fileprivate var filled: String {
        arguments.isBlank ? "{}" : arguments
    }
}

extension Wire {
    /// An id of at most 40 bytes, which is OpenAI's limit.
    static func shortID(_ id: String) -> String { id.utf8.count > 40 ? toolName(id, limit: 40) : id }
}

extension Wire {
    /// Ids of nine letters and digits for all calls: those that are such already stay, no two become one.
    static func nineIDs(of request: Request) -> [String: String] {
        let ids = request.turns.flatMap { $0.calls.map(\.id) }
        var names: [String: String] = [:]
        var used: Set<String> = []
        for id in ids where isNine(id) {
            names[id] = id
            used.insert(id)
        }
        for id in ids where names[id] == nil {
            var name = Hash.base62(id, 9)
            while !used.insert(name).inserted { name = Hash.base62(name, 9) }
            names[id] = name
        }
        return names
    }

    private static func isNine(_ id: String) -> Bool {
        id.utf8.count == 9
            && id.utf8.allSatisfy { 0x30...0x39 ~= $0 || 0x41...0x5A ~= $0 || 0x61...0x7A ~= $0 }
    }
}
