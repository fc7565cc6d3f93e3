// SPDX-License-Identifier: MIT

import JSON
import Model

/// The conversation as Anthropic wants it: system turns at the top, roles in turns, the user first and last.
extension RequestWriter {
    /// What the user says where something must be said.
    private static let filler = "."
    private static let goOn = "Continue."

    mutating func planMessages() {
        for turn in request.turns {
            switch turn.role {
            case .system, .developer: hoist(turn)
            case .user, .assistant: append(turn)
            }
        }
        if messages.first?.role != .user {
            messages.insert(Turn(role: .user, text: RequestWriter.filler), at: 0)
        }
        // The last words of the user count, even if there are none.
        if let last = request.turns.last(where: { $0.role == .user || $0.role == .assistant }),
            last.role == .user, messages.last?.role != .user
        {
            messages.append(Turn(role: .user, text: RequestWriter.filler))
        }
    }

    private mutating func hoist(_ turn: Turn) {
        for part in turn.parts {
            switch part {
            case .text(let text): if !text.isBlank { system.append(text) }
            default: lose(loss(of: part))
            }
        }
    }

    private mutating func append(_ turn: Turn) {
        let parts = turn.parts.compactMap { kept($0, of: turn.role) }
        guard !parts.isEmpty else { return }
        if let last = messages.indices.last, messages[last].role == turn.role {
            messages[last].parts += parts
        } else {
            messages.append(Turn(role: turn.role, parts: parts))
        }
    }

    /// A part as it is written; nil: it is not.
    private mutating func kept(_ part: Part, of role: Turn.Role) -> Part? {
        switch (part, role) {
        case (.text(let text), _), (.refusal(let text), .assistant): return text.isBlank ? nil : .text(text)
        case (.call, .assistant), (.result, .user): return part
        case (.image, .user), (.file, .user): return part
        case (.reasoning(let reasoning), .assistant): return opened(reasoning)
        case (.foreign(let foreign), _) where foreign.dialect == Names.dialect: return part
        default:
            lose(loss(of: part))
            return nil
        }
    }

    /// Thoughts with the signature that this provider gave them; others are refused.
    private mutating func opened(_ reasoning: Reasoning) -> Part? {
        guard let seal = reasoning.seal.flatMap(signature), !seal.isEmpty else {
            lose(reasoning.isRedacted ? .redactedThoughts : .thoughts)
            return nil
        }
        return .reasoning(Reasoning(text: reasoning.text, seal: seal, isRedacted: reasoning.isRedacted))
    }

    /// What the provider signed thoughts with.
    private func signature(_ seal: String) -> String? {
        if Seal.isOurs(seal) { return Seal.open(seal, upstream: provider.name)?.string }
        // A caller of the same dialect may have it from the provider itself.
        return request.dialect == Names.dialect ? seal : nil
    }

    private func loss(of part: Part) -> Feature {
        switch part {
        case .image: .images
        case .audio: .audioInput
        case .file: .documents
        case .reasoning(let reasoning): reasoning.isRedacted ? .redactedThoughts : .thoughts
        case .text, .call, .result, .refusal, .foreign: .hostedCalls
        }
    }

    /// An answer that the caller began is continued, where that is possible.
    mutating func planPrefill() {
        guard let last = messages.indices.last, messages[last].role == .assistant else { return }
        guard family.takesPrefill, !thinking.isOn, case .text(let text)? = messages[last].parts.last else {
            lose(.prefill)
            messages.append(Turn(role: .user, text: RequestWriter.goOn))
            return
        }
        messages[last].parts.removeLast()
        messages[last].parts.append(.text(text.withoutTrailingBlanks))
    }

    /// Whether the calls whose results are the last words follow no thoughts of this provider's.
    ///
    /// While they think, models with budgets refuse that.
    var hasBareCalls: Bool {
        guard let turn = messages.last(where: { $0.role == .assistant }), !turn.calls.isEmpty,
            messages.last?.role == .user
        else { return false }
        if case .reasoning? = turn.parts.first { return false }
        return true
    }
}

extension String {
    fileprivate var withoutTrailingBlanks: String {
        var kept = self[...]
        while let last = kept.last, last.isWhitespace { kept.removeLast() }
        return String(kept)
    }
}
