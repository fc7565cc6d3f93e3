// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model

/// Reads an answer of Chat Completions, streamed or whole, from whoever claims to speak it.
///
/// https://platform.openai.com/docs/api-reference/chat-streaming
struct AnswerReader: ReplyReader {
    private(set) var losses: [Feature] = []
    let provider: Provider
    /// Declared tools, whose names are no wrappers.
    let declared: Set<String>
    let wantsLogprobs: Bool

    var composition = Composition()
    var thoughts = Thoughts()
    var calls = Calls()
    var splitter: ThinkTags?

    var hasBegun = false
    var isOver = false
    private(set) var isWhole = false
    /// Whether the stream has brought anything by deltas: a message at its end only says it again.
    var hasDeltas = false
    var id = ""
    var model = ""
    var usage: Usage?
    var stop: Stop?
    var refusal = ""

    var habit = Habit()

    init(for request: Request, _ provider: Provider) {
        self.provider = provider
        declared = Set(request.tools.map(\.name))
        wantsLogprobs = request.sampling.logprobs == true
        thoughts = Thoughts(provider)
        calls = Calls(
            isCumulative: provider.has(.cumulativeArguments), keeps: provider.has(.thoughtSignatures))
        if provider.has(.thinkTags) || provider.has(.thinkOpen) {
            splitter = ThinkTags(isInside: provider.has(.thinkOpen))
        }
    }

    mutating func read(event name: [UInt8], data: [UInt8], to events: inout [Event]) {
        guard !isOver, !data.allSatisfy(\.isBlank) else { return }
        if data.starts(with: Names.endMark) { return end(isMarked: true, to: &events) }
        if name.isEmpty, let (text, meaning) = habit.string(in: data) {
            return take(text, as: meaning, to: &events)
        }
        guard let root = Document.lenient(data)?.root else {
            return fail(
                name.elementsEqual("error".utf8)
                    ? Complaint(body: data).failure(status: nil, provider) : .malformedAnswer, to: &events)
        }
        if name.elementsEqual("error".utf8) {
            return fail(Complaint(root).failure(status: nil, provider), to: &events)
        }
        habit.begin()
        take(root, to: &events)
        habit.learn(from: data)
    }

    private mutating func take(_ text: String, as meaning: Template.Meaning, to events: inout [Event]) {
        switch meaning {
        case .text: take(text: text, to: &events)
        case .thoughts: if !text.isEmpty { say(.reasoning, text, to: &events) }
        case .arguments(let place): add(text, at: place, to: &events)
        }
    }

    mutating func read(whole body: [UInt8], to events: inout [Event]) {
        guard !isOver else { return }
        guard let root = Document.lenient(body)?.root else {
            // Asked for a whole answer, some stream nevertheless.
            if body.starts(with: "data:".utf8) || body.starts(with: "event:".utf8) {
                return read(stream: body, to: &events)
            }
            return fail(.malformedAnswer, to: &events)
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

    mutating func fail(_ failure: Failure, to events: inout [Event]) {
        guard !isOver else { return }
        isOver = true
        events.append(.failure(failure))
    }

    /// Fails where more waits than may.
    mutating func checkSize(to events: inout [Event]) {
        if composition.isTooLarge { fail(.hugeAnswer, to: &events) }
    }

    mutating func lose(_ feature: Feature) {
        losses.add(feature)
    }
}

// One chunk, or a whole answer.
extension AnswerReader {
    private mutating func take(_ root: Value, to events: inout [Event]) {
        guard let object = root.object else {
            return fail(Complaint(root).failure(status: nil, provider), to: &events)
        }
        var choices: Value?
        var error: Value?
        for member in object.members {
            // Told apart by their lengths first, since this is done for each event.
            switch member.nameCount {
            case 7 where member.isNamed("choices"): choices = member.value
            case 2 where !hasBegun && id.isEmpty && member.isNamed("id"): id = member.value.string ?? ""
            case 5 where member.value.kind != .null: takeFive(member, &error)
            case 6, 9, 11: takeRare(member)
            default: break
            }
        }
        if let failure = failure(root, error, hasChoices: choices != nil) {
            return fail(failure, to: &events)
        }
        let choice = choices.flatMap { first(of: $0) }
        if choice != nil || !id.isEmpty { begin(to: &events) }
        if let choice { take(choice: choice, to: &events) }
    }

    private mutating func takeFive(_ member: Member, _ error: inout Value?) {
        if member.value.kind == .object, member.isNamed("usage") {
            take(usage: member.value)
        } else if !hasBegun, model.isEmpty, member.isNamed("model") {
            model = member.value.string ?? ""
        } else if member.isNamed("error") {
            error = member.value
        }
    }

    /// Members of few chunks.
    private mutating func takeRare(_ member: Member) {
        if member.isNamed("x_groq"), let usage = member.value.given("usage") {
            take(usage: usage)
        } else if member.isNamed("citations") {
            lose(.citations)
        } else if member.isNamed("obfuscation") {
            habit.padding = member.value
        }
    }

    private mutating func take(usage value: Value) {
        guard let told = Usage(chat: value) else { return }
        habit.isSimple = false
        // Some end with zeros.
        if usage == nil || told.input + told.output > 0 { usage = told }
    }

    /// What stands in an answer that says that there is none.
    private func failure(_ root: Value, _ error: Value?, hasChoices: Bool) -> Failure? {
        if let error, AnswerReader.isMeant(error) {
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
    private mutating func first(of choices: Value) -> Value? {
        for choice in choices.elements where choice.object != nil {
            guard let index = choice["index"], index.int ?? 0 != 0 else { return choice }
            lose(.count)
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
        for member in object.members where member.value.kind != .null {
            switch member.nameCount {
            case 5 where member.isNamed("delta"): delta = member.value
            case 5 where member.isNamed("usage"): take(usage: member.value)
            case 7 where member.isNamed("message"): message = member.value
            case 13 where member.isNamed("finish_reason"): finish = member.value
            default: break
            }
        }
        if let delta, delta.object != nil {
            take(delta: delta, to: &events)
            hasDeltas = composition.hasSpoken || !composition.calls.isEmpty
        } else if let message, !hasDeltas {
            take(delta: message, to: &events)
        }
        if wantsLogprobs, let told = choice["logprobs"] {
            habit.isSimple = false
            take(logprobs: told, to: &events)
        }
        if let word = finish?.string { take(finish: word, to: &events) }
    }

    private mutating func take(finish word: String, to events: inout [Event]) {
        guard !word.isEmpty, word != "null" else { return }
        habit.isSimple = false
        let told = Names.finish(word)
        guard told != .failed else {
            return fail(
                Failure(.upstreamFault, "The provider ended its answer with '\(word.prefix(64))'."),
                to: &events)
        }
        if stop == nil || stop == .finished { stop = told.stop }
    }
}

extension Member {
    /// The length of its name as it is written.
    var nameCount: Int { verbatimName.count - 2 }
}
