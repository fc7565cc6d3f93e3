// SPDX-License-Identifier: MIT

import Model

/// A message as this wire has it: one role, and a result by itself.
struct Message {
    enum Role: String { case system, user, assistant, tool }

    var role: Role
    /// Texts and media; of an assistant calls too.
    var parts: [Part]
    /// What a message of the role `tool` answers.
    var result: ToolResult?
    /// Whether the assistant goes on with it.
    var isPartial = false
}

// The conversation, cut into messages.
extension RequestWriter {
    mutating func messages() -> [Message] {
        let instruction = instruction
        var all = turnsAsMessages()
        if traits.contains(.alternating) { all = merged(all) }
        finish(&all)
        if !instruction.isEmpty { all.insert(Message(role: .system, parts: [.text(instruction)]), at: 0) }
        return all
    }

    /// Wherever instructions stand, they are one message, the first.
    private var instruction: String {
        let turns = request.turns.filter(\.isInstruction)
        let texts = turns.map { $0.text(joinedBy: "\n") } + [formInWords].compactMap(\.self)
        return texts.filter { !$0.isBlank }.joined(separator: "\n\n")
    }

    private func turnsAsMessages() -> [Message] {
        var all: [Message] = []
        for turn in request.turns {
            switch turn.role {
            case .user: addUser(turn, to: &all)
            case .assistant: addAssistant(turn, to: &all)
            case .system, .developer: break
            }
        }
        return all
    }

    private func addAssistant(_ turn: Turn, to all: inout [Message]) {
        let parts = turn.parts.filter(\.isSpoken)
        guard !parts.isEmpty else { return }
        // To a model without tools its calls are told.
        guard traits.contains(.plain) else { return all.append(Message(role: .assistant, parts: parts)) }
        let texts = parts.map { part in
            if case .call(let call) = part { call.told } else { part.said }
        }
        all.append(Message(role: .assistant, parts: [.text(texts.joined(separator: "\n"))]))
    }

    /// Results first, then what they bear beside text, then what the user says.
    private func addUser(_ turn: Turn, to all: inout [Message]) {
        var attached: [Part] = []
        var said: [Part] = []
        for part in turn.parts {
            guard case .result(let result) = part else {
                if part.isSaying { said.append(part) }
                continue
            }
            let media = order.road == .multimodal ? result.parts.filter(\.isMedia) : []
            if !media.isEmpty {
                attached += [.text("Attached to the result of the call \(result.id):")] + media
            }
            if traits.contains(.plain) {
                all.append(Message(role: .user, parts: [.text(result.told(as: result.words))]))
            } else {
                all.append(Message(role: .tool, parts: [], result: result))
            }
        }
        if !attached.isEmpty { all.append(Message(role: .user, parts: attached)) }
        if !said.isEmpty { all.append(Message(role: .user, parts: said)) }
    }

    /// Neighbours of one role are one message.
    private func merged(_ all: [Message]) -> [Message] {
        all.reduce(into: []) { result, message in
            if let last = result.last, last.role == message.role {
                result[result.count - 1].parts += message.parts
            } else {
                result.append(message)
            }
        }
    }

    /// The last message is the user's or a tool's, and there is one of the user's.
    private mutating func finish(_ all: inout [Message]) {
        let isAsked = all.contains { $0.role == .user }
        if let last = all.indices.last, all[last].role == .assistant {
            let hasCalls = all[last].parts.contains { if case .call = $0 { true } else { false } }
            if traits.contains(.partial), !hasCalls, !order.isThinking, isAsked {
                all[last].isPartial = true
            } else {
                if request.mentions.contains(.prefill) { outgoing.lose(.prefill) }
                all.append(Message(role: .user, parts: [.text(Names.goOn)]))
            }
        } else if !isAsked {
            all.append(Message(role: .user, parts: [.text(" ")]))
        }
    }
}

extension Part {
    /// Whether it is something of the user's to send: no blank text.
    fileprivate var isSaying: Bool {
        switch self {
        case .text(let text): !text.isBlank
        case .image, .audio, .file: true
        case .call, .result, .reasoning, .refusal, .foreign: false
        }
    }

    /// Whether it is something of the assistant's to send.
    fileprivate var isSpoken: Bool {
        switch self {
        case .text(let text), .refusal(let text): !text.isBlank
        case .call: true
        case .image, .audio, .file, .result, .reasoning, .foreign: false
        }
    }

    fileprivate var isMedia: Bool {
        switch self {
        case .image, .audio: true
        default: false
        }
    }

    /// The words of a text or a refusal.
    var said: String {
        switch self {
        case .text(let text), .refusal(let text): text
        default: ""
        }
    }
}

extension ToolResult {
    /// Its words, as the model has them.
    var words: String {
        let texts = parts.compactMap { part in
            switch part {
            case .text(let text): text
            case .foreign(let foreign): foreign.value.source
            case .file(let media): if case .text(let text) = media.source { media.told(text) } else { nil }
            default: nil
            }
        }
        return texts.joined(separator: "\n")
    }
}
