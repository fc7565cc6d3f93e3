// SPDX-License-Identifier: MIT

import JSON
import Model

// What the choice brings.
extension AnswerReader {
    mutating func take(delta: Value, to events: inout [Event]) {
        guard let object = delta.object else { return }
        var found = DeltaMembers()
        for member in object.members where !member.value.isNull { found.take(member) }
        if found.isPlain { habit.candidate = found.string } else { habit.isSimple = false }
        if let text = thoughts.text(in: found) { say(.reasoning, text, to: &events) }
        if let details = found.details { thoughts.take(details: details) }
        if thoughts.areUnsaid, composition.words != .reasoning { beginThoughts(to: &events) }
        if let content = found.content { take(content: content, to: &events) }
        if let text = found.refusal?.string, !text.isEmpty {
            refusal += text.prefix(2_000 - min(2_000, refusal.utf8.count))
            say(.refusal, text, to: &events)
        }
        if let signature = found.signature { seal(signature, to: &events) }
        if let value = found.calls {
            let isOnly = found.isCallAlone
            for call in value.elements where !isOver { take(call: call, isOnly: isOnly, to: &events) }
        }
        if let call = found.legacyCall, call.object != nil { take(legacy: call, to: &events) }
        if let notes = found.annotations { take(annotations: notes, to: &events) }
        for feature in found.losses { lose(feature) }
    }

    private mutating func take(content: Value, to events: inout [Event]) {
        if let text = content.string { return take(text: text, to: &events) }
        for part in content.elements {
            if let text = part["text"]?.string {
                take(text: text, to: &events)
            } else if let thoughts = part["thinking"] {
                let text = thoughts.string ?? thoughts.elements.map { $0["text"]?.string ?? "" }.joined()
                if !text.isEmpty { say(.reasoning, text, to: &events) }
            } else {
                lose(.unknownBlocks)
            }
        }
    }

    mutating func take(text: String, to events: inout [Event]) {
        guard splitter != nil else {
            if !text.isEmpty { say(.text, text, to: &events) }
            return
        }
        for (isThought, piece) in splitter?.take(text) ?? [] {
            say(isThought ? .reasoning : .text, piece, to: &events)
        }
    }

    mutating func take(logprobs: Value, to events: inout [Event]) {
        guard let content = logprobs["content"], content.kind == .array, composition.words == .text else {
            return
        }
        let inside = content.verbatim.dropFirst().dropLast()
        guard !content.elements.isEmpty else { return }
        composition.note(.logprobs(String(decoding: inside, as: UTF8.self)), to: &events)
    }

    private mutating func take(annotations: Value, to events: inout [Event]) {
        for note in annotations.elements {
            guard let citation = note["url_citation"], let url = citation["url"]?.string,
                composition.words == .text
            else {
                lose(.citations)
                continue
            }
            let title = citation["title"]?.string ?? ""
            composition.note(.citation(Citation(url: url, title: title)), to: &events)
        }
    }
}

// The end.
extension AnswerReader {
    /// Without the mark that ends a stream, the reason why the answer ended must have come.
    mutating func end(isMarked: Bool, to events: inout [Event]) {
        guard !isOver else { return }
        for (isThought, piece) in splitter?.flush() ?? [] {
            say(isThought ? .reasoning : .text, piece, to: &events)
        }
        guard stop != nil || isMarked && isPlausible else {
            return fail(isWhole ? .malformedAnswer : .cutAnswer, to: &events)
        }
        begin(to: &events)
        finishCalls(of: id, to: &events)
        endWords(to: &events)
        composition.end(to: &events)
        if let usage { events.append(.usage(usage)) }
        events.append(.end(ending))
        isOver = true
    }

    /// Whether it may be complete though nobody said why it ended.
    private var isPlausible: Bool {
        (composition.hasSpoken || hasNamedCalls) && (isWhole || !hasUnfinishedCalls)
    }

    private var hasNamedCalls: Bool { composition.calls.contains { !$0.name.isEmpty } }

    /// Whether the arguments of a call are cut off.
    private var hasUnfinishedCalls: Bool {
        composition.calls.contains { !$0.name.isEmpty && !$0.isWhole && !$0.arguments.isBlank }
    }

    private var ending: Ending {
        if !refusal.isEmpty { return Ending(.filtered, explanation: refusal) }
        switch stop ?? .finished {
        case .finished, .toolCall, .sequence: return Ending(composition.hasCalls ? .toolCall : .finished)
        case .length: return Ending(.length)
        case .filtered: return Ending(.filtered)
        }
    }
}
