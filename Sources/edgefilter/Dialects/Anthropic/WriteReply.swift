// SPDX-License-Identifier: MIT

import JSON
import Model

/// Writes a reply as the events of a Message, or whole as a Message.
///
///     stream = message_start block* message_delta message_stop
///     block  = content_block_start content_block_delta* content_block_stop
///
/// A block begins with its first content, so that none is empty; calls alone may be.
struct AnswerWriter: ReplyWriter {
    /// What the caller wants to see of thoughts.
    enum Thoughts { case hidden, sealed, shown }

    private enum Kind { case none, text, refusal, thinking, call, skipped }

    let request: Request
    let id: String
    let thoughts: Thoughts
    private(set) var failure: Failure?

    private var kind = Kind.none
    private var isOpen = false
    private var index = -1
    private var call = CallWriter()
    /// A call's block whose arguments are not whole: it is closed only if the end says that it was cut.
    private var isCut = false
    private var hasCalls = false
    private var refusal: String?
    private var beginning: Usage?
    private var usage: Usage?
    private var size = 0
    private var isOver = false

    init(for request: Request, id: String) {
        self.request = request
        self.id = "msg_" + id
        thoughts =
            switch request.thinking {
            case let thinking? where thinking.isOn: thinking.display == .omitted ? .sealed : .shown
            default: .hidden
            }
    }

    /// Whether only the provider's cache was to be warmed: nothing of the answer is shown.
    var isWarming: Bool { request.outputLimit == 0 }

    mutating func write(_ event: Event, to bytes: inout [UInt8]) {
        guard !isOver else { return }
        switch event {
        case .begin(let beginning): start(beginning, to: &bytes)
        case .open(let item): open(item, to: &bytes)
        case .delta(let delta): write(delta, to: &bytes)
        case .close: close(to: &bytes)
        case .usage(let usage): self.usage = usage
        case .end(let ending): end(ending, to: &bytes)
        case .failure(let failure):
            Client().writeFailureEvent(failure, to: &bytes)
            isOver = true
        }
    }

    private mutating func start(_ beginning: Beginning, to bytes: inout [UInt8]) {
        self.beginning = beginning.usage
        let usage = beginning.usage ?? Usage(input: Estimate.input(of: request))
        Events.event("message_start", to: &bytes) { writer in
            writer.name("message")
            writer.beginObject()
            writer.messageHead(id: id, model: request.model)
            writer.name("content")
            writer.beginArray()
            writer.endArray()
            writer.member("stop_reason", orNull: String?.none)
            writer.member("stop_sequence", orNull: String?.none)
            writer.member(usage)
            writer.endObject()
        }
    }

    private mutating func open(_ item: Item, to bytes: inout [UInt8]) {
        if isCut { return breakOff(.brokenArguments, CallWriter.brokenMessage, to: &bytes) }
        switch item {
        case _ where isWarming: kind = .skipped
        case .text: kind = .text
        case .refusal:
            kind = .refusal
            refusal = refusal ?? ""
        case .reasoning: kind = thoughts == .hidden ? .skipped : .thinking
        case .redacted(let seal):
            kind = .skipped
            guard thoughts != .hidden else { return }
            begin(to: &bytes) { Blocks.redacted(seal, &$0) }
            finish(to: &bytes)
        case .call(let id, let name, let isCustom):
            kind = .call
            hasCalls = true
            call.begin(id: id, name: name, isCustom: isCustom)
        }
    }

    private mutating func write(_ delta: Delta, to bytes: inout [UInt8]) {
        switch (kind, delta) {
        case (.text, .text(let text)), (.refusal, .text(let text)):
            size += text.utf8.count
            if kind == .refusal { extendRefusal(text) }
            if !isOpen { begin(to: &bytes, Blocks.text) }
            Events.delta(index, Events.textDelta, text, to: &bytes)
        case (.thinking, .text(let text)):
            size += text.utf8.count
            guard thoughts == .shown else { return }
            if !isOpen { begin(to: &bytes, Blocks.thinking) }
            Events.delta(index, Events.thinkingDelta, text, to: &bytes)
        case (.thinking, .seal(let seal)):
            if !isOpen { begin(to: &bytes, Blocks.thinking) }
            Events.delta(index, Events.signatureDelta, seal, to: &bytes)
        case (.call, .text(let text)):
            size += text.utf8.count
            argue(call.feed(text), to: &bytes)
        // What is known of a citation is less than any of Anthropic's own forms wants.
        default: break
        }
    }

    private mutating func close(to bytes: inout [UInt8]) {
        if kind == .call {
            argue(call.finish(), to: &bytes)
            if !isOpen, !isOver { beginCall(to: &bytes) }
            isCut = !call.isWhole
        }
        kind = .none
        if isOpen, !isCut, !isOver { finish(to: &bytes) }
    }

    /// Sends what is due of a call's arguments.
    private mutating func argue(_ step: CallWriter.Step, to bytes: inout [UInt8]) {
        switch step {
        case .nothing: break
        case .send(let piece):
            if !isOpen { beginCall(to: &bytes) }
            Events.delta(index, Events.inputDelta, piece, to: &bytes)
        case .fail(let code, let message): breakOff(code, message, to: &bytes)
        }
    }

    private mutating func beginCall(to bytes: inout [UInt8]) {
        let (id, name) = (Wire.callID(call.id), call.name)
        begin(to: &bytes) { Blocks.call(id: id, name: name, &$0) }
    }

    private mutating func begin(to bytes: inout [UInt8], _ block: (inout Writer) -> Void) {
        index += 1
        isOpen = true
        Events.event("content_block_start", to: &bytes) { writer in
            writer.member("index", index)
            writer.name("content_block")
            block(&writer)
        }
    }

    private mutating func finish(to bytes: inout [UInt8]) {
        isOpen = false
        Events.event("content_block_stop", to: &bytes) { $0.member("index", index) }
    }

    private mutating func end(_ ending: Ending, to bytes: inout [UInt8]) {
        if isCut {
            guard ending.stop == .length || ending.stop == .filtered else {
                return breakOff(.brokenArguments, CallWriter.brokenMessage, to: &bytes)
            }
            finish(to: &bytes)
        }
        let stop = StopWords(ending, hasCalls: hasCalls, refusal: refusal, isWarming: isWarming)
        let usage = usage ?? estimate
        Events.event("message_delta", to: &bytes) { writer in
            writer.name("delta")
            writer.beginObject()
            writer.member(stop, isWhole: false)
            writer.endObject()
            writer.member(usage)
        }
        Events.event("message_stop", to: &bytes) { _ in }
        isOver = true
    }

    private var estimate: Usage {
        var usage = beginning ?? Usage(input: Estimate.input(of: request))
        usage.output = max(usage.output, Estimate.tokens(inBytes: size))
        return usage
    }

    /// Ends a stream that cannot be finished; the open block stays open, so that nobody takes it for whole.
    private mutating func breakOff(_ code: Failure.Code, _ message: String, to bytes: inout [UInt8]) {
        let failure = Failure(code, message)
        self.failure = failure
        Client().writeFailureEvent(failure, to: &bytes)
        isOver = true
    }

    private mutating func extendRefusal(_ text: String) {
        guard let known = refusal, known.utf8.count < StopWords.explanationLimit else { return }
        refusal = known + text
    }
}
