// SPDX-License-Identifier: MIT

import JSON
import Model

// How much the model thinks, in the words of the vendor.
extension RequestWriter {
    mutating func writeThinking() {
        guard let thinking = request.thinking else { return }
        if provider.has(.enableThinking) {
            writer.member("enable_thinking", thinking.isOn)
            if thinking.isOn, let budget = thinking.budget { writer.member("thinking_budget", budget) }
        } else if provider.has(.thinkingType) {
            writeType(thinking)
        } else if provider.has(.reasoningObject) {
            writeObject(thinking)
        } else if provider.has(.templateArguments) {
            writeTemplateArguments(thinking)
        } else if !provider.has(.noEffort) {
            writeEffort(thinking)
        }
    }

    private mutating func writeType(_ thinking: Thinking) {
        writer.name("thinking")
        writer.beginObject()
        writer.member("type", thinking.isOn ? "enabled" : "disabled")
        writer.endObject()
    }

    private mutating func writeObject(_ thinking: Thinking) {
        writer.name("reasoning")
        writer.beginObject()
        if !thinking.isOn {
            writer.member("enabled", false)
        } else if let effort = thinking.effort {
            writer.member("effort", effort.rawValue)
        } else if let budget = thinking.budget {
            writer.member("max_tokens", budget)
        } else {
            writer.member("enabled", true)
        }
        writer.endObject()
    }

    /// The caller's own arguments stand in `extras`, and win.
    private mutating func writeTemplateArguments(_ thinking: Thinking) {
        guard !isOwn || !request.extras.contains(where: { $0.name == "chat_template_kwargs" }) else { return }
        writer.name("chat_template_kwargs")
        writer.beginObject()
        writer.member("enable_thinking", thinking.isOn)
        writer.endObject()
    }

    private mutating func writeEffort(_ thinking: Thinking) {
        guard let word = effort(thinking) else { return }
        writer.member("reasoning_effort", word)
    }

    /// nil: the provider's own choice is nearest.
    private func effort(_ thinking: Thinking) -> String? {
        let knowsAll = provider.has(.effort)
        if isOwn, let effort = thinking.effort { return effort.rawValue }
        guard thinking.isOn, thinking.effort != Thinking.Effort.none else { return knowsAll ? "none" : nil }
        switch thinking.effort {
        case .low?, .medium?, .high?: return thinking.effort?.rawValue
        case .minimal?: return knowsAll ? "minimal" : "low"
        case .xhigh?, .max?: return knowsAll ? "xhigh" : "high"
        case .some(.none), nil: return thinking.budget.map { Thinking.Effort(budget: $0).rawValue }
        }
    }
}
