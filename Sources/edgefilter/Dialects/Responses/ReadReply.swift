// SPDX-License-Identifier: MIT

import JSON
import Model

/// Reads the events of a response, or a whole one.
///
/// Items are known by `output_index`: some servers give another id in each event (T189), some leave the index
/// out, and then the id must do.
struct AnswerReader: ReplyReader {
    let provider: Provider
    let wantsLogprobs: Bool
    /// The names of the tools that were declared, as they were sent.
    let declared: Set<String>
    /// The tools of namespaces, by namespace and name.
    let flatNames: [String: String]
    private(set) var losses: [Feature] = []

    var lineup = Lineup()
    /// The provider's items, in the order of their coming; a key is a place in it.
    var slots: [Slot] = []
    /// Where an item stands, by its `output_index` and by its id.
    var places: [Int: Int] = [:]
    var keys: [String: Int] = [:]
    /// The index that was looked up last, and its place.
    var lookedUp = (index: -1, key: -1)
    var topIndex = -1
    var latest: Int?
    var hasCall = false
    var hasRefusal = false
    var callIDs = Distinct()
    private var hasBegun = false
    private(set) var isOver = false
    private var nextItem = 0
    /// Bytes that came for items which wait for others.
    private var held = 0

    /// The most items of an answer, and the most bytes that may wait.
    static let mostItems = 10_000
    static let lastIndex = 1 << 20
    static let mostHeld = 32 << 20

    init(of request: Request, _ provider: Provider) {
        self.provider = provider
        wantsLogprobs = request.sampling.logprobs ?? false
        declared = Set(request.tools.map { Wire.toolName($0.name) })
        var names: [String: String] = [:]
        for tool in request.tools {
            if let space = tool.space { names[Names.flatKey(space.space, space.name)] = tool.name }
        }
        flatNames = names
    }

    mutating func read(event name: [UInt8], data: [UInt8], to events: inout [Event]) {
        guard !isOver, !data.isEmpty, data != Names.endMark else { return }
        guard let root = (try? Document(data))?.root, root.object != nil else {
            return fail(Failure(.brokenAnswer, "The provider sent an event that is not JSON."), &events)
        }
        let type = root["type"]?.string ?? String(decoding: name, as: UTF8.self)
        guard let step = EventMeaning.all[type] else { return readUnknown(type, root, &events) }
        take(step, root, &events)
    }

    private mutating func readUnknown(_ type: String, _ root: Value, _ events: inout [Event]) {
        if let error = root.given("error") { return fail(Complaint(error), &events) }
        if !type.isEmpty { lose(type.hasPrefix("response.audio") ? .audioOutput : .hostedCalls) }
    }

    private mutating func take(_ step: EventMeaning, _ root: Value, _ events: inout [Event]) {
        switch step {
        case .begin: begin(root["response"], &events)
        case .ended: end(root["response"], &events)
        case .failed: readFailure(root, &events)
        case .nothing: return
        case .added, .done:
            begin(nil, &events)
            guard let item = root["item"] else { return }
            if step == .done {
                finish(item, root, &events)
            } else {
                _ = add(item, at: newIndex(root), &events)
            }
        case .delta(let words), .whole(let words), .annotation(let words):
            begin(nil, &events)
            guard let key = key(of: root, words, &events) else { return }
            piece(step, words, root, key, &events)
        }
    }

    mutating func read(whole body: [UInt8], to events: inout [Event]) {
        guard !isOver else { return }
        guard let root = Document.lenient(body)?.root, root.object != nil else {
            return fail(Failure(.brokenAnswer, "The provider's answer is not a JSON object."), &events)
        }
        let status = root["status"]?.string
        if let error = root.given("error") { return fail(Complaint(error), &events) }
        guard root["output"]?.kind == .array, status != "queued", status != "in_progress" else {
            return fail(Failure(.brokenAnswer, "The provider's answer has no output."), &events)
        }
        end(root, &events)
    }

    mutating func finish(to events: inout [Event]) {
        guard !isOver else { return }
        fail(Failure(.brokenStream, "The provider's stream ended before its answer was complete."), &events)
    }

    mutating func lose(_ feature: Feature) {
        losses.add(feature)
    }
}

// The beginning and the end.
extension AnswerReader {
    private mutating func begin(_ response: Value?, _ events: inout [Event]) {
        guard !hasBegun else { return }
        hasBegun = true
        events.append(
            .begin(
                Beginning(id: response?["id"]?.string ?? "", model: response?["model"]?.string ?? "")))
    }

    private mutating func end(_ response: Value?, _ events: inout [Event]) {
        if let error = response?.given("error") { return fail(Complaint(error), &events) }
        let status = response?["status"]?.string
        if status == "failed" || status == "cancelled" {
            return fail(Failure(.upstreamFault, "The provider did not finish its answer."), &events)
        }
        begin(response, &events)
        complete(response?["output"], &events)
        guard !isOver else { return }
        lineup.closeAll(to: &events)
        if let usage = response?.given("usage").flatMap(Usage.init(reading:)) { events.append(.usage(usage)) }
        events.append(.end(Ending(stop(status, response?["incomplete_details"]?["reason"]?.string))))
        isOver = true
    }

    private func stop(_ status: String?, _ reason: String?) -> Stop {
        if status == "incomplete" { return reason.flatMap { Names.stops[$0] } ?? .length }
        if hasRefusal { return .filtered }
        return hasCall ? .toolCall : .finished
    }

    /// The error of an event, at its top, below `error`, or in the response that failed.
    private mutating func readFailure(_ root: Value, _ events: inout [Event]) {
        let response = root["response"]
        if let error = root.given("error") ?? response?.given("error") {
            return fail(Complaint(error), &events)
        }
        if response != nil {
            return fail(Failure(.upstreamFault, "The provider did not finish its answer."), &events)
        }
        fail(Complaint(root), &events)
    }

    private mutating func fail(_ refusal: Complaint, _ events: inout [Event]) {
        var failure = Failure(refusal.code(of: nil), refusal.message(), param: refusal.param)
        failure.word = refusal.word
        failure.isFinal = failure.code == .quotaExhausted
        fail(failure, &events)
    }

    mutating func fail(_ failure: Failure, _ events: inout [Event]) {
        guard !isOver else { return }
        isOver = true
        events.append(.failure(failure))
    }
}

// Items, one after the other.
extension AnswerReader {
    /// Opens an item of the reply in this slot.
    mutating func open(_ key: Int, _ item: Item, _ events: inout [Event]) {
        close(key, &events)
        lineup.open(nextItem, item, to: &events)
        slots[key].open = nextItem
        nextItem += 1
    }

    mutating func add(_ delta: Delta, _ key: Int, _ events: inout [Event]) {
        guard let item = slots[key].open else { return }
        if case .text(let text) = delta, !lineup.isLive(item) { hold(text.utf8.count, &events) }
        guard !isOver else { return }
        lineup.add(delta, to: item, &events)
    }

    mutating func close(_ key: Int, _ events: inout [Event]) {
        guard let item = slots[key].open else { return }
        slots[key].open = nil
        lineup.close(item, to: &events)
    }

    /// Counts what waits.
    mutating func hold(_ count: Int, _ events: inout [Event]) {
        held += count
        if held > AnswerReader.mostHeld { fail(AnswerReader.tooLarge, &events) }
    }

    static let tooLarge = Failure(.answerTooLarge, "The provider's answer is too large.")
}

extension Usage {
    /// nil: there are no numbers in it.
    fileprivate init?(reading value: Value) {
        guard value.object != nil else { return nil }
        self.init(
            input: value["input_tokens"]?.tokens ?? 0, output: value["output_tokens"]?.tokens ?? 0,
            cached: value["input_tokens_details"]?["cached_tokens"]?.tokens ?? 0,
            written: value["input_tokens_details"]?["cache_write_tokens"]?.tokens ?? 0,
            reasoning: value["output_tokens_details"]?["reasoning_tokens"]?.tokens ?? 0)
    }
}
