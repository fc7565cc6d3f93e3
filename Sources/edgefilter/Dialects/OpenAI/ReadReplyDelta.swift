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
        if let text = words.thoughts(in: found) { say(.reasoning, text, to: &events) }
        if let details = found.details { words.take(details: details) }
        if words.hasUnsaid { openThoughts(to: &events) }
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
        guard let content = logprobs["content"], content.kind == .array, words.kind == .text else { return }
        let inside = content.verbatim.dropFirst().dropLast()
        guard !content.elements.isEmpty, let key = words.key else { return }
        lineup.add(.logprobs(String(decoding: inside, as: UTF8.self)), to: key, &events)
    }

    private mutating func take(annotations: Value, to events: inout [Event]) {
        for note in annotations.elements {
            guard let citation = note["url_citation"], let url = citation["url"]?.string, words.kind == .text,
                let key = words.key
            else {
                lose(.citations)
                continue
            }
            let title = citation["title"]?.string ?? ""
            lineup.add(.citation(Citation(url: url, title: title)), to: key, &events)
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
        closeWords(to: &events)
        lineup.closeAll(to: &events)
        if let usage { events.append(.usage(usage)) }
        events.append(.end(ending))
        isOver = true
    }

    /// Whether it may be complete though nobody said why it ended.
    private var isPlausible: Bool {
        (words.hasSpoken || calls.hasNamed) && (isWhole || !calls.hasUnfinished)
    }

    private var ending: Ending {
        if !refusal.isEmpty { return Ending(.filtered, explanation: refusal) }
        switch stop ?? .finished {
        case .finished, .toolCall, .sequence: return Ending(calls.hasStarted ? .toolCall : .finished)
        case .length: return Ending(.length)
        case .filtered: return Ending(.filtered)
        }
    }

    /// A new key for an item.
    mutating func nextKey() -> Int {
        keys += 1
        return keys
    }
}
