// SPDX-License-Identifier: MIT

import JSON
import Model

/// Reads a Message, streamed or whole.
///
/// https://platform.claude.com/docs/en/build-with-claude/streaming
struct AnswerReader: ReplyReader {
    let upstream: String
    let answerTool: String?
    /// Bytes that wait behind an open block.
    var waiting = 0
    private(set) var losses: [Feature] = []

    /// Blocks that are open, by their index.
    ///
    /// Those of Anthropic come one after the other, those of look-alikes not always.
    var blocks: [Int: Block] = [:]
    var lineup = Lineup()
    /// The block that was opened last, for deltas without an index.
    var latest = -1
    var callIDs = Distinct()
    var hasCalls = false
    /// Whether a block was seen.
    var hasBlocks = false
    private var id: String?
    private var count = Count()
    private var stop: Stop?
    private var sequence: String?
    private var explanation: String?
    private(set) var isOver = false

    init(upstream: String, answerTool: String?) {
        self.upstream = upstream
        self.answerTool = answerTool
    }

    /// The provider's name for the answer; empty: it gave none.
    var answerID: String { id ?? "" }

    mutating func lose(_ feature: Feature) {
        losses.add(feature)
    }

    mutating func read(event name: [UInt8], data: [UInt8], to events: inout [Event]) {
        guard !isOver, !data.isEmpty else { return }
        guard let root = (try? Document(data))?.root, root.kind == .object else {
            // Some look-alikes end with OpenAI's mark.
            if !data.starts(with: "[DONE]".utf8) {
                fail(
                    Failure(.brokenStream, "The upstream sent an event that is no JSON object."), to: &events)
            }
            return
        }
        let type = root["type"]?.string ?? String(decoding: name, as: UTF8.self)
        switch type {
        case "message_start": begin(root["message"] ?? root, to: &events)
        case "content_block_start":
            beginIfNeeded(to: &events)
            start(root["content_block"], at: root["index"]?.int, to: &events)
        case "content_block_delta":
            beginIfNeeded(to: &events)
            if let delta = root["delta"] { take(delta, at: root["index"]?.int ?? latest, to: &events) }
        case "content_block_stop": stop(at: root["index"]?.int ?? latest, to: &events)
        case "message_delta":
            takeEnd(root["delta"])
            count.take(root["usage"])
        case "message_stop": end(to: &events)
        case "error": fail(Complaint(root).failure(status: nil), to: &events)
        default: if root.given("error") != nil { fail(Complaint(root).failure(status: nil), to: &events) }
        }
    }

    mutating func read(whole body: [UInt8], to events: inout [Event]) {
        guard !isOver else { return }
        guard let root = (try? Document(body))?.root, root.kind == .object else {
            return fail(Failure(.brokenAnswer, "The upstream's answer is no JSON object."), to: &events)
        }
        if root["type"]?.string == "error" || root.given("error") != nil {
            return fail(Complaint(root).failure(status: nil), to: &events)
        }
        guard root["content"]?.kind == .array else {
            return fail(Failure(.brokenAnswer, "The upstream's answer is no message."), to: &events)
        }
        begin(root, to: &events)
        end(to: &events)
    }

    mutating func finish(to events: inout [Event]) {
        guard !isOver else { return }
        if stop != nil { return end(to: &events) }
        fail(Failure(.brokenStream, "The upstream's answer ended before it was complete."), to: &events)
    }

    /// Takes the beginning of an answer, which in a whole one is all of it.
    private mutating func begin(_ message: Value, to events: inout [Event]) {
        let name = message["id"]?.string ?? ""
        if let id {
            if name != id, hasBlocks {
                fail(
                    Failure(.brokenStream, "The upstream began another answer within its answer."),
                    to: &events)
            }
            return
        }
        id = name
        count.take(message["usage"])
        events.append(
            .begin(Beginning(id: name, model: message["model"]?.string ?? "", usage: count.usage)))
        takeEnd(message)
        guard let content = message["content"] else { return }
        var index = 0
        for block in content.elements where !isOver {
            start(block, at: index, to: &events)
            stop(at: index, to: &events)
            index += 1
        }
    }

    /// A look-alike may leave out how an answer begins.
    private mutating func beginIfNeeded(to events: inout [Event]) {
        guard id == nil else { return }
        id = ""
        events.append(.begin(Beginning()))
    }

    /// What `message_delta`, or a whole message, says of the end.
    private mutating func takeEnd(_ end: Value?) {
        guard let end else { return }
        if let word = end["stop_reason"]?.string { stop = Names.stops[word] ?? .finished }
        if let text = end["stop_sequence"]?.string { sequence = text }
        if let text = end["stop_details"]?["explanation"]?.string { explanation = text }
        if end.given("container") != nil { lose(.container) }
    }

    private mutating func end(to events: inout [Event]) {
        guard !isOver else { return }
        beginIfNeeded(to: &events)
        for index in blocks.keys.sorted() { stop(at: index, to: &events) }
        guard !isOver else { return }
        lineup.closeAll(to: &events)
        if let usage = count.usage { events.append(.usage(usage)) }
        events.append(.end(ending))
        isOver = true
    }

    private var ending: Ending {
        var stop = stop ?? (hasCalls ? .toolCall : .finished)
        // The call was ours, and nobody but us may see it.
        if stop == .toolCall, !hasCalls { stop = .finished }
        return Ending(
            stop, sequence: stop == .sequence ? sequence : nil,
            explanation: stop == .filtered ? explanation : nil)
    }

    mutating func fail(_ failure: Failure, to events: inout [Event]) {
        events.append(.failure(failure))
        isOver = true
    }
}
