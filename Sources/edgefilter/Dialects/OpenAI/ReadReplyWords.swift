// SPDX-License-Identifier: MIT

import JSON
import Model

/// The item of words that is open, and what its maker wants back of thoughts.
struct Words {
    /// Its kind; nil: none is open.
    var kind: Item?
    var key: Int?
    /// Whether any words came.
    var hasSpoken = false

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
    func thoughts(in found: DeltaMembers) -> String? {
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

    /// Whether something waits for an item of thoughts that is not open.
    var hasUnsaid: Bool { !details.isEmpty && kind != .reasoning }

    /// Whether text of that kind is kept until its item ends.
    func keeps(_ kind: Item) -> Bool { kind == .reasoning && (keepsText || keepsDetails) }

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
        if words.kind != kind { open(kind, to: &events) }
        guard let key = words.key else { return }
        words.hasSpoken = true
        if openItems > 1 || words.keeps(kind) { hold(text, to: &events) }
        guard !isOver else { return }
        if kind == .reasoning { words.keep(text) }
        lineup.add(.text(text), to: key, &events)
    }

    mutating func openThoughts(to events: inout [Event]) { open(.reasoning, to: &events) }

    private mutating func open(_ kind: Item, to events: inout [Event]) {
        closeWords(to: &events)
        closeFinishedCalls(to: &events)
        let key = nextKey()
        lineup.open(key, kind, to: &events)
        openItems += 1
        (words.kind, words.key) = (kind, key)
    }

    mutating func closeWords(to events: inout [Event]) {
        guard let key = words.key else { return }
        if words.kind == .reasoning, let seal = words.seal(for: provider.name) {
            lineup.add(.seal(seal), to: key, &events)
        }
        lineup.close(key, to: &events)
        openItems -= 1
        (words.kind, words.key) = (nil, nil)
    }

    /// A signature that its maker wants back, in thoughts of its own.
    mutating func seal(_ signature: Value, to events: inout [Event]) {
        guard calls.keepsSignatures, signature.string?.isEmpty == false else { return }
        closeWords(to: &events)
        open(.reasoning, to: &events)
        guard let key = words.key else { return }
        var writer = Writer()
        writer.beginObject()
        writer.member("thought_signature", signature)
        writer.endObject()
        lineup.add(.seal(Seal.make(upstream: provider.name, value: writer.bytes.span)), to: key, &events)
        closeWords(to: &events)
    }
}
