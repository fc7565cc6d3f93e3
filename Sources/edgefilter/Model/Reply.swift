// SPDX-License-Identifier: MIT

/// A whole reply: the fold of its events.
package struct Reply: Equatable, Sendable {
    /// A whole item.
    package enum Item: Equatable, Sendable {
        case text(Text)
        case reasoning(Reasoning)
        case call(ToolCall)
        case refusal(String)
    }

    /// A text with what was said about it.
    package struct Text: Equatable, Sendable {
        /// Its words.
        package var text = ""
        /// Where it came from, in order.
        package var citations: [Citation] = []
        /// As in `Delta.logprobs`, pieces joined by commas; empty: none.
        package var logprobs = ""

        package init(text: String = "", citations: [Citation] = [], logprobs: String = "") {
            self.text = text
            self.citations = citations
            self.logprobs = logprobs
        }
    }

    /// What its provider said first; empty: it said nothing.
    package var beginning = Beginning()
    /// Its items that are whole, in order.
    package var items: [Item] = []
    /// What it cost; nil: nobody said.
    package var usage: Usage?
    /// Why it ended; nil: it has not.
    package var ending: Ending?
    /// Bytes held so far, about, so that a limit can be set.
    package private(set) var size = 0

    /// The item that is open, and what came of it.
    private var open: Model.Item?
    private var draft = Text()
    private var seal: String?

    /// What an item costs beside its words.
    private static let itemSize = 128

    package init() {}

    /// The fold of all these events; a failure is thrown.
    package init(folding events: some Sequence<Event>) throws(Failure) {
        for event in events { try fold(event) }
    }

    /// Takes one more step; a failure is thrown on.
    package mutating func fold(_ event: Event) throws(Failure) {
        switch event {
        case .begin(let beginning): self.beginning = beginning
        case .open(let item):
            open = item
            size += Reply.itemSize + item.size
        case .delta(let delta): add(delta)
        case .close: close()
        case .usage(let usage): self.usage = usage
        case .end(let ending): self.ending = ending
        case .failure(let failure): throw failure
        }
    }

    /// The words of its answer, without thoughts, calls and refusals.
    package var text: String {
        items.reduce(into: "") { if case .text(let text) = $1 { $0 += text.text } }
    }

    /// Its calls, in order.
    package var calls: [ToolCall] {
        items.compactMap { if case .call(let call) = $0 { call } else { nil } }
    }

    private mutating func add(_ delta: Delta) {
        switch delta {
        case .text(let more):
            draft.text += more
            size += more.utf8.count
        case .seal(let seal):
            self.seal = seal
            size += seal.utf8.count
        case .citation(let citation):
            draft.citations.append(citation)
            size += citation.url.utf8.count + citation.title.utf8.count
        case .logprobs(let more):
            if !draft.logprobs.isEmpty { draft.logprobs += "," }
            draft.logprobs += more
            size += more.utf8.count
        }
    }

    private mutating func close() {
        switch open {
        case .text?: items.append(.text(draft))
        case .reasoning?: items.append(.reasoning(Reasoning(text: draft.text, seal: seal)))
        case .redacted(let seal)?: items.append(.reasoning(Reasoning(seal: seal, isRedacted: true)))
        case .call(let id, let name, let isCustom)?:
            items.append(.call(ToolCall(id: id, name: name, arguments: draft.text, isCustom: isCustom)))
        case .refusal?: items.append(.refusal(draft.text))
        case nil: break
        }
        (open, draft, seal) = (nil, Text(), nil)
    }
}

extension Item {
    /// Bytes of what it brings with its opening.
    package var size: Int {
        switch self {
        case .call(let id, let name, _): id.utf8.count + name.utf8.count
        case .redacted(let seal): seal.utf8.count
        case .text, .reasoning, .refusal: 0
        }
    }
}
