// SPDX-License-Identifier: MIT

import JSON
import Model

extension AnswerReader {
    /// A block while it is read.
    struct Block: Sendable {
        enum Kind: Sendable { case text, thinking, call, answer, silent }

        let kind: Kind
        /// What stands in for deltas that do not come: a call's input.
        var input: String?
        var hasText = false
        var signature = ""
        var citations: [Citation] = []
    }

    /// So many citations of a block are told.
    private static let citationLimit = 256
    /// So many blocks may be open at once; Anthropic opens one.
    private static let openLimit = 64
    private static let callLimit = 4096
    /// So many bytes may wait behind an open block.
    private static let waitingLimit = 8 << 20

    mutating func start(_ value: Value?, at place: Int?, to events: inout [Event]) {
        guard let value else { return }
        // Indices are the upstream's: the greatest of them is followed by the least.
        let index = place ?? latest &+ 1
        if blocks[index] != nil { stop(at: index, to: &events) }
        guard blocks.count < AnswerReader.openLimit, callIDs.count < AnswerReader.callLimit else {
            return fail(Failure(.answerTooLarge, "The upstream's answer has too many blocks."), to: &events)
        }
        latest = index
        hasBlocks = true
        switch value["type"]?.string ?? "" {
        case "text": startText(value, at: index, to: &events)
        case "thinking":
            open(Block(kind: .thinking), .reasoning, at: index, to: &events)
            blocks[index]?.signature = value["signature"]?.string ?? ""
            add(value["thinking"]?.string, at: index, to: &events)
        case "redacted_thinking":
            let seal = sealed(value["data"]?.string ?? "")
            open(Block(kind: .silent), .redacted(seal), at: index, to: &events)
        case "tool_use": startCall(value, at: index, to: &events)
        case let type: skip(type, at: index)
        }
    }

    private mutating func startText(_ value: Value, at index: Int, to events: inout [Event]) {
        open(Block(kind: .text), .text, at: index, to: &events)
        if let citations = value["citations"] {
            for citation in citations.elements { cite(citation, at: index) }
        }
        add(value["text"]?.string, at: index, to: &events)
    }

    private mutating func startCall(_ value: Value, at index: Int, to events: inout [Event]) {
        guard let name = value["name"]?.string, !name.isEmpty else {
            blocks[index] = Block(kind: .silent)
            return lose(.tools)
        }
        if let caller = value.given("caller"), caller["type"]?.string != "direct" { lose(.hostedCalls) }
        let input = value["input"].flatMap { $0.kind == .object ? Arguments.text($0) : nil }
        let isAnswer = name == answerTool
        let id = isAnswer ? "" : freshID(value["id"]?.string ?? "")
        hasCalls = hasCalls || !isAnswer
        open(
            Block(kind: isAnswer ? .answer : .call, input: input),
            isAnswer ? .text : .call(id: id, name: name, isCustom: false), at: index, to: &events)
    }

    /// An id that no other call of this answer has.
    private mutating func freshID(_ given: String) -> String {
        callIDs.name(given.isEmpty ? "toolu_\(answerID)_\(callIDs.count)" : given)
    }

    /// Blocks of what a provider did by itself, and blocks of kinds to come.
    private mutating func skip(_ type: String, at index: Int) {
        blocks[index] = Block(kind: .silent)
        switch Names.block(type) {
        case .foreign?: lose(type == "compaction" ? .contextManagement : .hostedCalls)
        default: lose(.unknownBlocks)
        }
    }

    private mutating func open(_ block: Block, _ item: Item, at index: Int, to events: inout [Event]) {
        blocks[index] = block
        lineup.open(index, item, to: &events)
    }

    private mutating func add(_ text: String?, at index: Int, to events: inout [Event]) {
        guard let text, !text.isEmpty else { return }
        blocks[index]?.hasText = true
        if !lineup.isLive(index) {
            waiting += text.utf8.count
            guard waiting <= AnswerReader.waitingLimit else {
                return fail(
                    Failure(.answerTooLarge, "The upstream's blocks are mixed up too much."), to: &events)
            }
        }
        lineup.add(.text(text), to: index, &events)
    }

    mutating func take(_ delta: Value, at index: Int, to events: inout [Event]) {
        let type = delta["type"]?.string ?? ""
        if blocks[index] == nil { startUnannounced(type, at: index, to: &events) }
        guard let kind = blocks[index]?.kind else { return }
        switch (type, kind) {
        case ("text_delta", .text): add(delta["text"]?.string, at: index, to: &events)
        case ("thinking_delta", .thinking): add(delta["thinking"]?.string, at: index, to: &events)
        case ("input_json_delta", .call), ("input_json_delta", .answer):
            add(delta["partial_json"]?.string, at: index, to: &events)
        case ("signature_delta", .thinking): blocks[index]?.signature = delta["signature"]?.string ?? ""
        case ("citations_delta", .text): if let citation = delta["citation"] { cite(citation, at: index) }
        default: break
        }
    }

    /// A look-alike may leave out that a text begins.
    private mutating func startUnannounced(_ type: String, at index: Int, to events: inout [Event]) {
        switch type {
        case "text_delta": open(Block(kind: .text), .text, at: index, to: &events)
        case "thinking_delta": open(Block(kind: .thinking), .reasoning, at: index, to: &events)
        case "input_json_delta": return lose(.tools)
        default: return
        }
        latest = index
        hasBlocks = true
    }

    private mutating func cite(_ citation: Value, at index: Int) {
        guard let url = citation["url"]?.string ?? citation["source"]?.string, !url.isEmpty else {
            return lose(.citations)
        }
        let found = Citation(url: url, title: citation["title"]?.string ?? "")
        guard let known = blocks[index]?.citations, known.count < AnswerReader.citationLimit,
            !known.contains(found)
        else { return }
        blocks[index]?.citations.append(found)
    }

    mutating func stop(at index: Int, to events: inout [Event]) {
        guard let block = blocks.removeValue(forKey: index) else { return }
        switch block.kind {
        case .call, .answer:
            if !block.hasText, let input = block.input { lineup.add(.text(input), to: index, &events) }
        case .thinking where !block.signature.isEmpty:
            lineup.add(.seal(sealed(block.signature)), to: index, &events)
        case .text:
            for citation in block.citations { lineup.add(.citation(citation), to: index, &events) }
        case .thinking, .silent: break
        }
        lineup.close(index, to: &events)
    }

    /// What the provider wants back, so that it goes back to it alone.
    private func sealed(_ text: String) -> String {
        if Seal.isOurs(text) { return text }
        var value: [UInt8] = []
        Writer.append(text, to: &value)
        return Seal.make(upstream: upstream, value: value.span)
    }
}
