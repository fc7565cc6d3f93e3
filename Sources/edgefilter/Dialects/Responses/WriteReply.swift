// SPDX-License-Identifier: MIT

import JSON
import Model

/// Writes a reply as the events of a response, or whole as one.
///
/// What it writes of a stream obeys what OpenAI's own reader checks: the response's id and each item's stay
/// the same, indices have no gaps, an item is announced before anything of it, and the end holds all items
/// (T148).
struct AnswerWriter: ReplyWriter {
    /// The most that an answer may have, in bytes: it is held until its end, which repeats all of it.
    static let limit = 32 << 20

    /// What an item costs beside its words.
    private static let itemSize = 256

    private let request: Request
    private let head: Envelope
    private let tools: Toolbox
    private let wantsLogprobs: Bool
    private var pen = EventPen()
    private var hasBegun = false
    private var isOver = false
    private var draft: OutputItem?
    /// Whether nothing more comes of the draft; what follows tells it, for the end alone knows of a cut.
    private var isClosed = false
    private var count = 0
    private var size = 0
    /// All items that are done, as JSON, with commas between.
    private var output: [UInt8] = []
    /// How many bytes their words have.
    private var said = 0
    private var usage: Usage?
    /// What kinds of items there were.
    private var hasRefusal = false
    private var hasWords = false
    private(set) var failure: Failure?

    init(to request: Request, id: String, created: Int) {
        self.request = request
        head = Envelope(of: request, id: id, created: created)
        tools = Toolbox(request.tools)
        wantsLogprobs = request.sampling.logprobs ?? false
    }

    mutating func write(_ event: Event, to bytes: inout [UInt8]) {
        guard !isOver else { return }
        switch event {
        case .begin: begin(to: &bytes)
        case .open(let item): open(item, to: &bytes)
        case .delta(let delta): add(delta, to: &bytes)
        case .close: isClosed = true
        case .usage(let usage): self.usage = usage
        case .end(let ending): end(ending, to: &bytes)
        case .failure(let failure):
            begin(to: &bytes)
            close(to: &bytes)
            writeBreak(failure, to: &bytes)
        }
    }

    private mutating func begin(to bytes: inout [UInt8]) {
        guard !hasBegun else { return }
        hasBegun = true
        for type in ["response.created", "response.in_progress"] {
            pen.event(type, to: &bytes) { $0.response(head, Outcome("in_progress"), output: [], usage: nil) }
        }
    }

    private mutating func open(_ item: Item, to bytes: inout [UInt8]) {
        close(to: &bytes)
        grow(by: AnswerWriter.itemSize + item.size, to: &bytes)
        guard !isOver else { return }
        let draft = OutputItem(item, stem: head.stem, index: count, tools)
        count += 1
        note(draft.kind)
        self.draft = draft
        if !draft.isWrapped { announce(draft, to: &bytes) }
    }

    private mutating func note(_ kind: OutputItem.Kind) {
        switch kind {
        case .refusal: hasRefusal = true
        case .reasoning: break
        case .message, .function, .custom: hasWords = true
        }
    }

    private mutating func announce(_ draft: OutputItem, to bytes: inout [UInt8]) {
        pen.event("response.output_item.added", to: &bytes) {
            $0.member("output_index", draft.index)
            $0.name("item")
            $0.item(draft, isDone: false, words: "")
        }
        guard draft.hasContent else { return }
        pen.event("response.content_part.added", to: &bytes) {
            $0.place(draft)
            $0.name("part")
            $0.part(draft)
        }
    }

    private mutating func add(_ delta: Delta, to bytes: inout [UInt8]) {
        switch delta {
        case .text(let text): add(text, to: &bytes)
        case .seal(let seal):
            draft?.seal = seal
            grow(by: seal.utf8.count, to: &bytes)
        case .citation(let citation): add(citation, to: &bytes)
        case .logprobs(let more):
            guard wantsLogprobs, let isFirst = draft?.logprobs.isEmpty else { return }
            draft?.logprobs += isFirst ? more : ",\(more)"
            grow(by: more.utf8.count, to: &bytes)
        }
    }

    private mutating func add(_ text: String, to bytes: inout [UInt8]) {
        draft?.add(text)
        grow(by: text.utf8.count, to: &bytes)
        guard !isOver, let index = draft?.index, let id = draft?.id, draft?.isWrapped == false else { return }
        announceThoughts(to: &bytes)
        guard let kind = draft?.kind else { return }
        let words = kind.words
        pen.event(words.delta, to: &bytes) {
            $0.member("item_id", id)
            $0.member("output_index", index)
            if let place = words.place { $0.member(place, 0) }
            $0.member("delta", text)
            if case .message = kind { $0.logprobs("") }
        }
    }

    /// An answer is repeated at its end, so it cannot go on for ever.
    private mutating func grow(by count: Int, to bytes: inout [UInt8]) {
        size += count
        guard size > AnswerWriter.limit else { return }
        let failure = Failure(.answerTooLarge, "The answer is larger than \(AnswerWriter.limit) bytes.")
        self.failure = failure
        writeBreak(failure, to: &bytes)
    }

    private mutating func announceThoughts(to bytes: inout [UInt8]) {
        guard let draft, case .reasoning = draft.kind, !draft.hasPart else { return }
        self.draft?.hasPart = true
        pen.event("response.reasoning_summary_part.added", to: &bytes) {
            $0.place(draft)
            $0.name("part")
            $0.summary("")
        }
    }

    private mutating func add(_ citation: Citation, to bytes: inout [UInt8]) {
        guard let draft, case .message = draft.kind else { return }
        pen.event("response.output_text.annotation.added", to: &bytes) {
            $0.place(draft)
            $0.member("annotation_index", draft.citations.count)
            $0.name("annotation")
            $0.annotation(citation, end: draft.length)
        }
        self.draft?.citations.append((citation, draft.length))
        grow(by: citation.url.utf8.count + citation.title.utf8.count, to: &bytes)
    }

    /// Tells that the item is done, if it is; `isLast`: the answer was cut behind it.
    private mutating func close(isLast: Bool = false, to bytes: inout [UInt8]) {
        guard isClosed else { return }
        isClosed = false
        if draft?.hasThoughts == true { announceThoughts(to: &bytes) }
        guard var draft else { return }
        self.draft = nil
        draft.isCut = isLast && !draft.isWhole
        let words = draft.finalText
        if draft.isWrapped { announce(draft, to: &bytes) }
        let isUnsaid = draft.isWrapped || draft.text.isEmpty
        if isUnsaid, !words.isEmpty { whole(draft, words, to: &bytes) }
        finish(draft, words, to: &bytes)
        pen.event("response.output_item.done", to: &bytes) {
            $0.member("output_index", draft.index)
            $0.name("item")
            $0.item(draft, isDone: true, words: words)
        }
        keep(draft, words)
    }

    /// Words that were not sent as they came, as one delta.
    private mutating func whole(_ draft: OutputItem, _ words: String, to bytes: inout [UInt8]) {
        pen.event(draft.kind.words.delta, to: &bytes) {
            $0.member("item_id", draft.id)
            $0.member("output_index", draft.index)
            $0.member("delta", words)
        }
    }

    /// The events that repeat what came of an item's part.
    private mutating func finish(_ draft: OutputItem, _ words: String, to bytes: inout [UInt8]) {
        if case .reasoning = draft.kind, !draft.hasPart { return }
        let kind = draft.kind.words
        pen.event(kind.done, to: &bytes) {
            $0.place(draft)
            $0.member(kind.text, words)
            if case .message = draft.kind { $0.logprobs(draft.logprobs) }
        }
        guard let part = kind.partDone else { return }
        pen.event(part, to: &bytes) {
            $0.place(draft)
            $0.name("part")
            if draft.hasContent { $0.part(draft) } else { $0.summary(draft.text) }
        }
    }

    private mutating func keep(_ draft: OutputItem, _ words: String) {
        said += words.utf8.count
        if !output.isEmpty { output.append(UInt8(ascii: ",")) }
        var held: [UInt8] = []
        swap(&held, &output)
        var writer = Writer(into: held)
        writer.item(draft, isDone: true, words: words)
        output = writer.bytes
    }
}

// The end.
extension AnswerWriter {
    private mutating func end(_ ending: Ending, to bytes: inout [UInt8]) {
        let outcome = Outcome(ending, isRefusal: hasRefusal)
        close(isLast: outcome.reason != nil, to: &bytes)
        if ending.stop == .filtered, !hasRefusal, !hasWords {
            open(.refusal, to: &bytes)
            add(ending.explanation ?? "The request was refused.", to: &bytes)
            isClosed = true
            close(to: &bytes)
        }
        guard !isOver else { return }
        isOver = true
        let (output, usage) = (output, usage ?? estimate)
        pen.event("response.\(outcome.status)", to: &bytes) {
            $0.response(head, outcome, output: output, usage: usage)
        }
    }

    /// Where nobody counted: by zeros an agent that makes room as its context fills would never make any.
    private var estimate: Usage {
        Usage(input: Estimate.input(of: request), output: Estimate.tokens(inBytes: said))
    }

    /// The error, and the response that failed by it; nothing follows (T149, T204).
    mutating func writeBreak(_ failure: Failure, to bytes: inout [UInt8]) {
        isOver = true
        draft = nil
        let code = Failures.code(of: failure)
        let message = Failures.message(of: failure)
        pen.event("error", to: &bytes) {
            // Some readers look for these here, some below `error`.
            $0.member("code", code)
            $0.member("message", message)
            $0.member("param", orNull: failure.param)
            $0.name("error")
            $0.beginObject()
            $0.member("type", Failures.words(for: failure).type)
            $0.member("code", code)
            $0.member("message", message)
            $0.member("param", orNull: failure.param)
            $0.endObject()
        }
        var outcome = Outcome("failed")
        outcome.error = (code, message)
        let output = output
        pen.event("response.failed", to: &bytes) {
            $0.response(head, outcome, output: output, usage: nil)
        }
    }

    /// A whole answer: the same items without their events.
    mutating func write(_ reply: Reply, to bytes: inout [UInt8]) {
        var drafts: [OutputItem] = []
        for item in reply.items {
            drafts.append(OutputItem(item, stem: head.stem, index: count, tools))
            note(drafts[count].kind)
            count += 1
        }
        let ending = reply.ending ?? Ending(.finished)
        let outcome = Outcome(ending, isRefusal: hasRefusal)
        for var draft in drafts {
            draft.isCut = outcome.reason != nil && draft.index == count - 1 && !draft.isWhole
            keep(draft, draft.finalText)
        }
        if ending.stop == .filtered, !hasRefusal, !hasWords {
            let words = ending.explanation ?? "The request was refused."
            let draft = OutputItem(.refusal(words), stem: head.stem, index: count, tools)
            keep(draft, words)
        }
        isOver = true
        var writer = Writer()
        writer.beginObject()
        writer.responseMembers(head, outcome, output: output, usage: reply.usage ?? estimate)
        writer.endObject()
        bytes.append(contentsOf: writer.bytes)
    }
}
