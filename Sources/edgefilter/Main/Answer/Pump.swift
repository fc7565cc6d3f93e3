// SPDX-License-Identifier: MIT

import HTTP
import Model
import Settings
import Unix

/// An upstream's answer translated on its way to the caller.
///
///     bytes → EventReader → ReplyReader → names, Cutter → ReplyWriter → bytes
///
/// Whole events go on at once. Streamed or whole, each side has its own way: a whole answer is read as
/// events, and events are folded for a caller that wants a whole answer.
struct Pump: Passing {
    /// What the upstream's answer is; told by its first byte, since content types lie.
    enum Form { case unknown, events, whole, refusal(Int) }

    var coding = Coding()
    var form = Form.unknown
    var reader: any ReplyReader
    private let client: any ClientSide
    private var writer: any ReplyWriter
    let request: Request
    private let names: [String: String]
    var cutter: Cutter?
    /// What the provider said of the cost, though it stands behind the place where the answer is cut.
    var told: Usage?
    let limits: Settings::Limits
    var events: EventReader
    /// nil: the stream is events.
    var lines: LineReader?
    /// A whole answer, or a refusal.
    var held: [UInt8] = []
    /// The first half of a character with which the last piece of an item ended; empty: it ended whole.
    var half: [UInt8] = []
    /// What the reader made of one event; emptied at once, kept for its memory.
    var steps: [Event] = []
    var cut: [Event] = []

    /// What goes to a caller that wants it whole; nil: it wants a stream.
    private var reply: Reply?
    // Comparing `reply` with nil would copy it, for every event.
    private let isFolded: Bool
    /// Whole events in the caller's words.
    private var ready: [UInt8] = []
    /// nil: the caller's head is not out.
    private var body: BodyWriter?
    private var grammar = Grammar()

    private(set) var hasBegun = false
    var isOver = false
    /// The beginning was written by us, before the upstream's.
    private var isGreeted = false
    /// What the writer ended the answer with.
    private(set) var fault: Failure.Code?
    private(set) var usage = Usage()
    private(set) var stop: Stop?
    private(set) var sent = 0
    /// Bytes of text that went on.
    private var written = 0

    init(
        _ request: Request, from reader: any ReplyReader, _ outgoing: Outgoing, to addressee: Addressee,
        limits: Settings::Limits
    ) {
        self.request = request
        self.reader = reader
        client = addressee.client
        writer = addressee.writer
        self.limits = limits
        names = outgoing.names
        cutter = Cutter(outgoing.cuts)
        events = EventReader(limit: limits.event)
        lines = reader.readsLines ? LineReader(limit: limits.event) : nil
        isFolded = !request.isStreamed
        reply = isFolded ? Reply() : nil
    }

    /// Goes on with a stream of which the caller has no more than a beginning.
    mutating func goOn(with stream: Pump) {
        (writer, body, isGreeted, sent) = (stream.writer, stream.body, stream.isGreeted, stream.sent)
    }

    /// Whether the caller has a beginning, and nothing of an answer.
    var isWaiting: Bool { isGreeted && !hasBegun }

    var losses: [Feature] { reader.losses }
    var receipt: String { reader.receipt }
    var isStream: Bool { body != nil }
    /// Nothing is ever held that was begun.
    var isAtBoundary: Bool { true }
    var isFramed: Bool { true }
    var isCut: Bool { cutter?.isDone ?? false }

    var opening: ResponseHead? {
        hasBegun && body == nil && !isFolded ? ResponseHead(200, .ofStream) : nil
    }

    mutating func begin(_ framing: BodyWriter.Framing, to out: inout Buffer) {
        body = BodyWriter(framing)
        if !hasBegun, !isGreeted {
            // The head goes out before the upstream has said anything: pings come after a beginning (T91).
            isGreeted = true
            writer.write(.begin(Beginning()), to: &ready)
        }
        flush(to: &out)
    }

    mutating func fail(_ failure: Failure, to out: inout Buffer) {
        writer.write(.failure(failure), to: &ready)
        isOver = true
        close(to: &out)
    }

    mutating func ping(to out: inout Buffer) {
        client.writePing(to: &ready)
        flush(to: &out)
    }

    /// Sends what is ready.
    mutating func flush(to out: inout Buffer) {
        guard var body, !ready.isEmpty else { return }
        sent += ready.count
        out.append { body.write(ready.span, to: &$0) }
        self.body = body
        ready.removeAll(keepingCapacity: true)
    }

    /// Sends what is ready, and ends the body.
    mutating func close(to out: inout Buffer) {
        flush(to: &out)
        out.append { _ = body?.finish(to: &$0) ?? true }
    }

    /// All of the answer, for a caller that wants it so; nil: it had a stream.
    mutating func whole() -> [UInt8]? {
        guard let reply else { return nil }
        var body: [UInt8] = []
        writer.write(reply, to: &body)
        sent = body.count
        return body
    }

    /// One step of the reply, as the caller is to see it.
    mutating func emit(_ event: Event) throws(Failure) {
        note(event)
        if case .failure(let failure) = event {
            isOver = true
            throw failure
        }
        let isTwice = isGreeted && event.isBeginning
        hasBegun = true
        if isFolded {
            try fold(event)
        } else if !isTwice {
            writer.write(event, to: &ready)
            if let failure = writer.failure { try stop(with: failure) }
        }
        if case .end = event { isOver = true }
    }

    private mutating func fold(_ event: Event) throws(Failure) {
        try reply?.fold(event)
        guard reply?.size ?? 0 <= limits.answer else { throw Pump.tooLarge }
    }

    static let tooLarge = Failure(
        .answerTooLarge,
        "Backend request failed: its answer is too large to be held whole; ask for a stream (operator: see limits.answer)."
    )

    /// The writer has written the end, a failure; while nothing is out the caller gets it as an error.
    private mutating func stop(with failure: Failure) throws(Failure) {
        isOver = true
        if body == nil { throw failure }
        fault = failure.code
    }

    private mutating func note(_ event: Event) {
        #if DEBUG
        grammar.take(event)
        assert(grammar.fault == nil, grammar.fault ?? "")
        #endif
        switch event {
        case .begin(let beginning): usage = beginning.usage ?? usage
        case .usage(let usage): self.usage = usage
        case .end(let ending): stop = ending.stop
        case .delta(.text(let text)): written += text.utf8.count
        default: break
        }
    }

    /// The caller's own names of tools.
    func restored(_ event: Event) -> Event {
        guard !names.isEmpty, case .open(.call(let id, let name, let isCustom)) = event,
            let own = names[name]
        else { return event }
        return .open(.call(id: id, name: own, isCustom: isCustom))
    }

    /// What an answer costs that was ended by us, before its provider said.
    var estimate: Usage {
        if let told { return told }
        var estimate = usage
        if estimate.input == 0 { estimate.input = Estimate.input(of: request) }
        estimate.output = max(estimate.output, Estimate.tokens(inBytes: written))
        return estimate
    }
}

extension Event {
    fileprivate var isBeginning: Bool { if case .begin = self { true } else { false } }
    var usage: Usage? { if case .usage(let usage) = self { usage } else { nil } }
}

/// Who gets a translated answer, and who writes it.
struct Addressee {
    let client: any ClientSide
    let writer: any ReplyWriter
}
