// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model

/// Reads an answer of Chat Completions, streamed or whole, from whoever claims to speak it.
struct Answer: ReplyReader {
    private(set) var losses: [Feature] = []
    let provider: Provider
    /// Declared tools, whose names are no wrappers.
    let declared: Set<String>
    let wantsLogprobs: Bool

    var lineup = Lineup()
    var words = Words()
    var calls = Calls()
    /// Items that are open, with those that wait.
    var openItems = 0
    private var keys = 0
    private var splitter: ThinkTags?

    private var hasBegun = false
    private(set) var isOver = false
    private(set) var isWhole = false
    /// Whether the stream has brought anything by deltas: a message at its end only says it again.
    private var hasDeltas = false
    private var id = ""
    private var model = ""
    private var usage: Usage?
    private var stop: Stop?
    private var refusal = ""

    init(for request: Request, _ provider: Provider) {
        self.provider = provider
        declared = Set(request.tools.map(\.name))
        wantsLogprobs = request.sampling.logprobs == true
        words = Words(provider)
        calls = Calls(
            isCumulative: provider.has(.cumulativeArguments), keeps: provider.has(.thoughtSignatures))
        if provider.has(.thinkTags) || provider.has(.thinkOpen) {
            splitter = ThinkTags(isInside: provider.has(.thinkOpen))
        }
    }

    mutating func read(event name: [UInt8], data: [UInt8], to events: inout [Event]) {
        guard !isOver, !data.allSatisfy(Names.isBlank) else { return }
        if data.starts(with: Names.endMark) { return end(isMarked: true, to: &events) }
        guard let root = Document.lenient(data)?.root else {
            return fail(
                name.elementsEqual("error".utf8)
                    ? Complaint(body: data).failure(status: nil, provider) : Answer.broken, to: &events)
        }
        if name.elementsEqual("error".utf8) {
            return fail(Complaint(root).failure(status: nil, provider), to: &events)
        }
        take(root, to: &events)
    }

    mutating func read(whole body: [UInt8], to events: inout [Event]) {
        guard !isOver else { return }
        guard let root = Document.lenient(body)?.root else {
            // Asked for a whole answer, some stream nevertheless.
            if body.starts(with: "data:".utf8) || body.starts(with: "event:".utf8) {
                return read(stream: body, to: &events)
            }
            return fail(Answer.broken, to: &events)
        }
        isWhole = true
        take(root, to: &events)
        if !isOver { end(isMarked: true, to: &events) }
    }

    private mutating func read(stream body: [UInt8], to events: inout [Event]) {
        var reader = EventReader()
        var index = 0
        while index < body.count, (try? reader.next(in: body.span, at: &index)) == true {
            if reader.dispatches { read(event: reader.name, data: reader.data, to: &events) }
        }
        finish(to: &events)
    }

    mutating func finish(to events: inout [Event]) { end(isMarked: false, to: &events) }

    static let broken = Failure(.brokenAnswer, "The provider's answer is not what its API promises.")
    static let cut = Failure(.brokenStream, "The provider's answer ended before it was complete.")
    static let tooLarge = Failure(.answerTooLarge, "The provider's answer has more calls than can be right.")

    mutating func fail(_ failure: Failure, to events: inout [Event]) {
        guard !isOver else { return }
        isOver = true
        events.append(.failure(failure))
    }

    mutating func lose(_ feature: Feature) {
        if !losses.contains(feature) { losses.append(feature) }
    }
}

// One chunk, or a whole answer.
extension Answer {
    private mutating func take(_ root: Value, to events: inout [Event]) {
        guard let object = root.object else {
            return fail(Complaint(root).failure(status: nil, provider), to: &events)
        }
        var choices: Value?
        for member in object.members {
            if member.isNamed("choices") {
                choices = member.value
            } else if !hasBegun, member.isNamed("id") {
                if id.isEmpty { id = member.value.string ?? "" }
            } else if !hasBegun, member.isNamed("model") {
                if model.isEmpty { model = member.value.string ?? "" }
            } else if member.value.kind == .object || member.value.kind == .string {
                takeRare(member)
            } else if member.isNamed("citations") {
                lose(.citations)
            }
        }
        if let failure = failure(in: root, hasChoices: choices != nil) { return fail(failure, to: &events) }
        let choice = choices.flatMap(first)
        if choice != nil || !id.isEmpty { begin(to: &events) }
        if let choice { take(choice: choice, to: &events) }
    }

    /// Members of few chunks.
    private mutating func takeRare(_ member: Member) {
        if member.isNamed("usage") {
            take(usage: member.value)
        } else if member.isNamed("x_groq"), let usage = member.value.given("usage") {
            take(usage: usage)
        }
    }

    private mutating func take(usage value: Value) {
        guard let told = Usage(chat: value) else { return }
        // Some end with zeros.
        if usage == nil || told.input + told.output > 0 { usage = told }
    }

    /// What stands in an answer that says that there is none.
    private func failure(in root: Value, hasChoices: Bool) -> Failure? {
        if let error = root.given("error"), Answer.isMeant(error) {
            return Complaint(root).failure(status: nil, provider)
        }
        guard !hasChoices else { return nil }
        let isComplaint =
            root["object"]?.string == "error"
            || usage == nil && ["message", "detail", "msg"].contains { root.given($0) != nil }
        return isComplaint ? Complaint(root).failure(status: nil, provider) : nil
    }

    private static func isMeant(_ error: Value) -> Bool {
        switch error.kind {
        case .object: error.object?.members.contains { _ in true } == true
        case .string: error.verbatim.count > 2
        case .bool: error.bool == true
        case .number, .array: true
        case .null: false
        }
    }

    /// The first choice, whatever its place.
    private func first(of choices: Value) -> Value? {
        for choice in choices.elements where choice.object != nil {
            if let index = choice["index"], index.int ?? 0 != 0 { continue }
            return choice
        }
        return nil
    }

    mutating func begin(to events: inout [Event]) {
        guard !hasBegun else { return }
        hasBegun = true
        events.append(.begin(Beginning(id: id, model: model)))
    }

    private mutating func take(choice: Value, to events: inout [Event]) {
        var delta: Value?
        var message: Value?
        var finish: Value?
        guard let object = choice.object else { return }
        for member in object.members {
            if member.isNamed("delta") {
                delta = member.value
            } else if member.isNamed("finish_reason") {
                finish = member.value
            } else if member.isNamed("message") {
                message = member.value
            } else if member.isNamed("usage") {
                take(usage: member.value)
            }
        }
        if let delta, delta.object != nil {
            take(delta: delta, to: &events)
            hasDeltas = words.hasSpoken || !calls.all.isEmpty
        } else if let message, !hasDeltas {
            take(delta: message, to: &events)
        }
        if wantsLogprobs, let told = choice["logprobs"] { take(logprobs: told, to: &events) }
        if let word = finish?.string { take(finish: word, to: &events) }
    }

    private mutating func take(finish word: String, to events: inout [Event]) {
        guard !word.isEmpty, word != "null" else { return }
        let told = Names.finish(word)
        guard told != .failed else {
            return fail(
                Failure(.upstreamFault, "The provider ended its answer with '\(word.prefix(64))'."),
                to: &events)
        }
        if stop == nil || stop == .finished { stop = told.stop }
    }
}

// What the choice brings.
extension Answer {
    private mutating func take(delta: Value, to events: inout [Event]) {
        guard let object = delta.object else { return }
        var found = Found()
        for member in object.members where !member.value.isNull { found.take(member) }
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
            for call in value.elements where !isOver { take(call: call, to: &events) }
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

    private mutating func take(text: String, to events: inout [Event]) {
        guard splitter != nil else {
            if !text.isEmpty { say(.text, text, to: &events) }
            return
        }
        for (isThought, piece) in splitter?.take(text) ?? [] {
            say(isThought ? .reasoning : .text, piece, to: &events)
        }
    }

    private mutating func take(logprobs: Value, to events: inout [Event]) {
        guard let content = logprobs["content"], content.kind == .array, words.kind == .text else { return }
        let inside = content.verbatim.dropFirst().dropLast()
        guard content.elements.contains(where: { _ in true }), let key = words.key else { return }
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
extension Answer {
    /// Without the mark that ends a stream, the reason why the answer ended must have come.
    private mutating func end(isMarked: Bool, to events: inout [Event]) {
        guard !isOver else { return }
        for (isThought, piece) in splitter?.flush() ?? [] {
            say(isThought ? .reasoning : .text, piece, to: &events)
        }
        guard stop != nil || isMarked && isPlausible else {
            return fail(isWhole ? Answer.broken : Answer.cut, to: &events)
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
