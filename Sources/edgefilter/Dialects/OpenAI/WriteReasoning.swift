// SPDX-License-Identifier: MIT

import JSON
import Model

// Reasoning that the provider wants back: what it sealed itself, and nobody else's.
extension RequestWriter {
    /// Writes what belongs to the message; the value has the signatures of its calls, by their index.
    mutating func writeThoughts(_ parts: [Part], hasCalls: Bool) -> [Int: Value] {
        if provider.has(.reasoningHistory), hasCalls {
            writer.member("reasoning_content", thoughts(parts))
        } else if isOwn, !provider.has(.reasoningDetails), !provider.has(.closed) {
            let text = parts.reduce(into: "") { if case .reasoning(let own) = $1 { $0 += own.text } }
            if !text.isEmpty { writer.member("reasoning_content", text) }
        }
        if provider.has(.reasoningDetails) { writeDetails(parts) }
        return provider.has(.thoughtSignatures) ? writeSignatures(parts, hasCalls: hasCalls) : [:]
    }

    /// The sealed text, which may be hidden from the caller, else the one that it saw.
    private func thoughts(_ parts: [Part]) -> String {
        var text = ""
        for case .reasoning(let reasoning) in parts {
            text +=
                reasoning.seal.flatMap { Seal.open($0, upstream: provider.name)?.string } ?? reasoning.text
        }
        return text
    }

    private mutating func writeDetails(_ parts: [Part]) {
        let seals = parts.compactMap { opened($0) }.filter { $0.kind == .array }
        guard !seals.isEmpty else {
            if parts.contains(where: \.isReasoning) { outgoing.lose(.thoughts) }
            return
        }
        writer.name("reasoning_details")
        writer.beginArray()
        for entry in seals.flatMap({ Array($0.elements) }) { writer.verbatim(entry) }
        writer.endArray()
    }

    /// A signature belongs to the call that follows it, else to the message.
    private mutating func writeSignatures(_ parts: [Part], hasCalls: Bool) -> [Int: Value] {
        var signatures: [Int: Value] = [:]
        var pending: Value?
        var calls = 0
        for part in parts {
            if let value = opened(part), let signature = value["thought_signature"] { pending = signature }
            guard case .call = part else { continue }
            signatures[calls] = pending
            pending = nil
            calls += 1
        }
        if let pending { writer.signature(pending) }
        guard hasCalls, signatures[0] == nil, pending == nil else { return signatures }
        // Without one the provider refuses the call; this value asks it to do without.
        // https://ai.google.dev/gemini-api/docs/thought-signatures
        outgoing.lose(.redactedThoughts)
        signatures[0] = (try? Document(Array(Names.noSignature.utf8)))?.root
        return signatures
    }

    private func opened(_ part: Part) -> Value? {
        guard case .reasoning(let reasoning) = part, let seal = reasoning.seal else { return nil }
        return Seal.open(seal, upstream: provider.name)
    }
}

extension Part {
    fileprivate var isReasoning: Bool { if case .reasoning = self { true } else { false } }
}

extension Writer {
    /// `extra_content` of a call or a message, as Gemini has it.
    mutating func signature(_ value: Value) {
        name("extra_content")
        beginObject()
        name("google")
        beginObject()
        member("thought_signature", value)
        endObject()
        endObject()
    }
}
