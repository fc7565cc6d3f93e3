// SPDX-License-Identifier: MIT

import JSON
import Model

/// What the maker of thoughts wants back of them.
struct Thoughts {
    private var keepsText = false
    private var keepsDetails = false
    private var text = ""
    private var details = ReasoningDetails()

    init() {}

    init(_ provider: Provider) {
        keepsText = provider.has(.reasoningHistory)
        keepsDetails = provider.has(.reasoningDetails)
    }

    /// The thoughts of a delta: of members that say the same, the first that says anything.
    func text(in found: DeltaMembers) -> String? {
        if let text = found.thoughts?.string, !text.isEmpty { return text }
        if let text = found.otherThoughts?.string, !text.isEmpty { return text }
        let entries = found.details ?? found.blocks
        guard let entries else { return nil }
        let text = entries.elements.map { ReasoningDetails.text(of: $0) }.joined()
        return text.isEmpty ? nil : text
    }

    mutating func take(details value: Value) {
        guard keepsDetails else { return }
        for entry in value.elements where entry.object != nil { details.take(entry) }
    }

    /// Whether something waits for an item of thoughts.
    var areUnsaid: Bool { !details.isEmpty }

    /// Whether they are kept until their item ends.
    var areKept: Bool { keepsText || keepsDetails }

    mutating func keep(_ text: String) {
        if keepsText { self.text += text }
    }

    /// What was kept, sealed; nil: nothing.
    mutating func seal(for upstream: String) -> String? {
        var writer = Writer()
        if !details.isEmpty {
            details.write(to: &writer)
        } else if !text.isEmpty {
            writer.string(text)
        } else {
            return nil
        }
        details = ReasoningDetails()
        text = ""
        return Seal.make(upstream: upstream, value: writer.bytes.span)
    }
}

extension AnswerReader {
    /// Words of a kind; those of another kind end before.
    mutating func say(_ kind: Item, _ text: String, to events: inout [Event]) {
        if composition.words != kind { endWords(to: &events) }
        if kind == .reasoning {
            if thoughts.areKept { composition.hold(text) }
            thoughts.keep(text)
        }
        composition.say(kind, text, to: &events)
        checkSize(to: &events)
    }

    mutating func beginThoughts(to events: inout [Event]) {
        endWords(to: &events)
        composition.begin(.reasoning, to: &events)
    }

    mutating func endWords(to events: inout [Event]) {
        if composition.words == .reasoning, let seal = thoughts.seal(for: provider.name) {
            composition.note(.seal(seal), to: &events)
        }
        composition.endWords(to: &events)
    }

    /// A signature that its maker wants back, in thoughts of its own.
    mutating func seal(_ signature: Value, to events: inout [Event]) {
        guard calls.keepsSignatures, signature.string?.isEmpty == false else { return }
        beginThoughts(to: &events)
        var writer = Writer()
        writer.beginObject()
        writer.member("thought_signature", signature)
        writer.endObject()
        composition.note(.seal(Seal.make(upstream: provider.name, value: writer.bytes.span)), to: &events)
        composition.endWords(to: &events)
    }
}
