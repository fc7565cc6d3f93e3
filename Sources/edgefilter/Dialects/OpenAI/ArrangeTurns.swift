// SPDX-License-Identifier: MIT

import JSON
import Model

/// A message as this wire has it: one role, and a result by itself.
struct Message {
    enum Role: String { case system, developer, user, assistant, tool }

    var role: Role
    /// Texts and media; of an assistant thoughts, refusals and calls too.
    var parts: [Part]
    /// What a message of the role `tool` answers.
    var result: ToolResult?

    /// Whether it is nothing but text.
    var isText: Bool { parts.allSatisfy { if case .text = $0 { true } else { false } } }
}

// The conversation, cut into messages.
extension RequestWriter {
    func messages() -> [Message] {
        var all: [Message] = []
        let lead = request.turns.prefix { $0.role == .system || $0.role == .developer }
        for turn in lead { addInstruction(turn, to: &all) }
        if let schema = schemaInWords { addInstruction(schema, to: &all) }
        for turn in request.turns.dropFirst(lead.count) { add(turn, to: &all) }
        keepUser(in: &all)
        return provider.has(.mergeRoles) ? merged(all) : all
    }

    /// Neighbours become one message, joined later.
    private func addInstruction(_ turn: Turn, to all: inout [Message]) {
        let texts = turn.parts.filter { $0.isSaying }
        guard !texts.isEmpty else { return }
        let role = instructionRole(turn)
        if let last = all.indices.last, all[last].role == role {
            all[last].parts += texts
        } else {
            all.append(Message(role: role, parts: texts))
        }
    }

    private func instructionRole(_ turn: Turn) -> Message.Role {
        turn.role == .developer && provider.has(.developer) ? .developer : .system
    }

    private func add(_ turn: Turn, to all: inout [Message]) {
        switch turn.role {
        case .system, .developer:
            let text = turn.parts.filter { $0.isSaying }.text(joinedBy: "\n\n")
            guard !text.isEmpty else { return }
            let role = provider.has(.systemAnywhere) ? instructionRole(turn) : .user
            all.append(Message(role: role, parts: [.text(text)]))
        case .user: addUser(turn, to: &all)
        case .assistant:
            if turn.saysAnything { all.append(Message(role: .assistant, parts: turn.parts)) }
        }
    }

    /// Results first, then what they bear beside text, then what the user says.
    private func addUser(_ turn: Turn, to all: inout [Message]) {
        var attached: [Part] = []
        var said: [Part] = []
        for part in turn.parts {
            if case .result(let result) = part {
                all.append(Message(role: .tool, parts: [], result: result))
                attached += media(of: result)
            } else if part.isSaying {
                said.append(part)
            }
        }
        if !attached.isEmpty { all.append(Message(role: .user, parts: attached)) }
        if !said.isEmpty { all.append(Message(role: .user, parts: said)) }
    }

    /// What a result bears beside text, behind a line that says whose it is; none toward a provider of texts
    /// only.
    private func media(of result: ToolResult) -> [Part] {
        guard !provider.has(.stringContent) else { return [] }
        let media = result.parts.filter(\.isMedia)
        return media.isEmpty ? [] : [.text("Attached to the result of the call \(result.id):")] + media
    }

    /// A conversation without any word of the user is refused, so an empty one stays.
    private func keepUser(in all: inout [Message]) {
        guard let last = request.turns.last, last.role == .user else { return }
        let isHeard = all.contains { $0.role == .user || $0.role == .tool }
        let isSilent = !last.parts.contains { $0.isSaying || $0.isResult }
        guard isSilent || !isHeard else { return }
        all.append(Message(role: .user, parts: [.text(last.text(joinedBy: "\n"))]))
    }

    /// Neighbours of one role are one message.
    private func merged(_ all: [Message]) -> [Message] {
        var result: [Message] = []
        var start = 0
        while start < all.count {
            var end = start + 1
            let role = all[start].role
            while end < all.count, role != .tool, all[end].role == role { end += 1 }
            result.append(joined(all[start..<end]))
            start = end
        }
        return result
    }

    private func joined(_ messages: ArraySlice<Message>) -> Message {
        var whole = messages[messages.startIndex]
        guard messages.count > 1 else { return whole }
        if messages.allSatisfy(\.isText) {
            let texts = messages.map { $0.parts.text(joinedBy: "\n") }
            whole.parts = [.text(texts.joined(separator: "\n\n"))]
        } else {
            whole.parts = messages.flatMap(\.parts)
        }
        return whole
    }

    /// The form of the answer, told to a provider that has no member for it.
    private var schemaInWords: Turn? {
        guard case .schema(let schema)? = request.format, provider.has(.schemaAsInstruction) else {
            return nil
        }
        var text = "Answer with a JSON object and nothing else."
        if let value = schema.schema {
            text =
                "Answer with a JSON object that obeys this JSON Schema, and nothing else:\n"
                + value.source
        }
        return Turn(role: .system, text: text)
    }
}

extension Part {
    /// Whether it is something to send: no blank text, nothing that another message bears.
    fileprivate var isSaying: Bool {
        switch self {
        case .text(let text): !text.isBlank
        case .image, .audio, .file: true
        case .foreign(let foreign): foreign.dialect == Names.dialect
        case .call, .result, .reasoning, .refusal: false
        }
    }

    fileprivate var isResult: Bool { if case .result = self { true } else { false } }

    fileprivate var isMedia: Bool {
        switch self {
        case .image, .audio: true
        case .file(let media): if case .text = media.source { false } else { true }
        default: false
        }
    }
}

extension Turn {
    /// Whether an assistant's turn has words or calls.
    fileprivate var saysAnything: Bool {
        parts.contains {
            switch $0 {
            case .text, .refusal, .call: true
            default: false
            }
        } && !(calls.isEmpty && parts.allSatisfy(\.isBlank))
    }
}

extension Part {
    /// Whether it is no word of an assistant.
    fileprivate var isBlank: Bool {
        switch self {
        case .text: !isSaying
        case .refusal(let text): text.isEmpty
        default: true
        }
    }
}
