// SPDX-License-Identifier: MIT

import HTTP
import JSON
import KeyLog
import Model
import Unix

/// An upstream's answer on its way to the caller: passed on byte for byte, whole events at once, and read in
/// passing for the record.
///
/// Only the model's name is replaced, when it was replaced on the way in.
struct Answer: Passing {
    /// What the content is.
    private enum Content {
        case opaque
        case json
        case events
        /// A list of models, held whole to be added to.
        case list(ModelList)
        /// A refusal, looked through for the key.
        case guarded([UInt8])
        /// A refusal after the head of a stream is out.
        case refused(status: Int)
    }

    var coding: Coding
    let landmarks: Landmarks
    let client: any ClientSide
    /// What the caller calls the model, when the upstream was asked for another.
    let name: String?
    private let framing: BodyWriter.Framing
    let eventLimit: Int
    private var writer: BodyWriter
    private var content: Content
    // What reads events and JSON is no part of `content`: taking it out and back would cost more than an
    // event.
    var reader: EventReader
    var watch: Watch
    var likeness = Likeness()
    /// Bytes not yet passed on: the beginning of an event, or of a name that may be replaced.
    var held: [UInt8] = []
    /// Whole events that go on together.
    var ready: [UInt8] = []
    /// Where `held` begins in the content of a whole JSON answer.
    private var origin = 0
    /// How much longer replacements have made it.
    private var grown = 0

    private static let heldLimit = 64 << 10

    /// Whether the end of a stream is told by itself; one that does not tell it was cut off.
    var marksEnd = false

    /// What was read in passing.
    private var counts = Usage()
    private(set) var stop: Stop?
    private(set) var hasFailed = false
    /// Bytes of content passed on.
    private(set) var sent = 0
    /// Whether the stream said that it is complete.
    var isComplete = false
    /// Whether the event went by after which nothing comes.
    var isTold = false

    init(
        _ head: ResponseHead, framing: BodyWriter.Framing, landmarks: Landmarks, client: any ClientSide,
        name: String?, eventLimit: Int, inflate: Inflate? = nil
    ) {
        coding = Coding(inflate)
        self.eventLimit = eventLimit
        self.landmarks = landmarks
        self.client = client
        self.name = name
        self.framing = framing
        writer = BodyWriter(framing)
        content = Answer.content(head)
        reader = EventReader(limit: eventLimit)
        watch = Watch(landmarks.reply, limits: JSON.Limits(size: .max))
    }

    private static func content(_ head: ResponseHead) -> Content {
        if head.foreignCoding != nil { return .opaque }
        if head.isStream { return .events }
        if head.fields.says("Content-Type", json) { return .json }
        return Parameters(head.fields["Content-Type"] ?? "")?.isJSON ?? false ? .json : .opaque
    }

    /// The usual type of a whole answer.
    static let json = "application/json"

    /// From now on the content is held, and the operator's names are added to it.
    mutating func add(_ list: ModelList) { content = .list(list) }

    /// A longer list of models goes on as it is.
    private static let listLimit = 4 << 20

    /// From now on a key in the content does not go on.
    mutating func guardAgainst(_ key: String) {
        hasFailed = true
        content = .guarded(Array(key.utf8))
    }

    /// From now on what comes is held, to be told as an error.
    mutating func refuse(_ status: Int) { content = .refused(status: status) }

    /// The status of what is held so.
    var refusedStatus: Int? { if case .refused(let status) = content { status } else { nil } }

    private mutating func abandonList(to out: inout Buffer) {
        content = .opaque
        passHeld(to: &out)
    }

    /// Puts as many asterisks where the key stands.
    private mutating func mask(_ key: [UInt8]) {
        let stars = [UInt8](repeating: UInt8(ascii: "*"), count: key.count)
        held.replace(key, with: stars)
    }

    /// Whether this is a stream of events.
    var isStream: Bool {
        switch content {
        case .events, .refused: true
        default: false
        }
    }
    /// Whether the framing itself shows that content is missing.
    var isFramed: Bool { framing != .untilClose }
    /// Whether something of ours may be put between two events now.
    var isAtBoundary: Bool { held.isEmpty }

    mutating func take(_ bytes: Span<UInt8>, to out: inout Buffer) throws(Failure) {
        switch content {
        case .opaque: pass(bytes, to: &out)
        case .list:
            hold(bytes)
            if held.count > Answer.listLimit { abandonList(to: &out) }
        case .refused: hold(bytes)
        case .guarded(let key):
            hold(bytes)
            mask(key)
            // What may be the beginning of the key waits.
            let ready = Array(held.dropLast(key.count - 1))
            held.removeFirst(ready.count)
            pass(ready.span, to: &out)
        case .json: takeJSON(bytes, to: &out)
        case .events: try takeEvents(bytes, to: &out)
        }
    }

    mutating func pass(_ bytes: Span<UInt8>, to out: inout Buffer) {
        sent += bytes.count
        out.append { writer.write(bytes, to: &$0) }
    }

    private mutating func passHeld(to out: inout Buffer) {
        let bytes = held
        held = []
        pass(bytes.span, to: &out)
    }

    /// Passes on whole events as one piece, and keeps their room for the next ones.
    mutating func passReady(to out: inout Buffer) {
        var bytes: [UInt8] = []
        swap(&bytes, &ready)
        pass(bytes.span, to: &out)
        bytes.removeAll(keepingCapacity: true)
        swap(&bytes, &ready)
    }

    /// Ends the content: what is held goes on, and the framing is closed.
    mutating func finish(to out: inout Buffer) -> Ended {
        if case .list(let list) = content { held = list.merge(held, client) }
        if case .guarded(let key) = content { mask(key) }
        passHeld(to: &out)
        var isWhole = true
        out.append { isWhole = writer.finish(to: &$0) }
        return isWhole ? .complete : .short
    }

    /// Ends a stream with an error in the caller's dialect; an event that is not complete is left out.
    mutating func fail(_ failure: Failure, to out: inout Buffer) {
        held = []
        var event: [UInt8] = []
        client.writeFailureEvent(failure, to: &event)
        pass(event.span, to: &out)
        out.append { _ = writer.finish(to: &$0) }
    }

    /// A sign of life between two events.
    mutating func ping(to out: inout Buffer) {
        var ping: [UInt8] = []
        client.writePing(to: &ping)
        out.append { writer.write(ping.span, to: &$0) }
    }
}

// A whole JSON answer.
extension Answer {
    private mutating func takeJSON(_ bytes: Span<UInt8>, to out: inout Buffer) {
        let known = watch.found.count
        do throws(Malformed) {
            try watch.feed(bytes)
        } catch {
            // What is no JSON after all is passed on as it is.
            content = .opaque
            passHeld(to: &out)
            pass(bytes, to: &out)
            return
        }
        for found in watch.found[known...] { note(found) }
        guard let name else {
            pass(bytes, to: &out)
            return
        }
        hold(bytes)
        for found in watch.found[known...] { replace(found, with: name) }
        release(watch.settled, to: &out)
    }

    private mutating func release(_ settled: Int, to out: inout Buffer) {
        // A name without an end is no name: it goes on as it is.
        let end = held.count > Answer.heldLimit ? held.count : max(0, settled + grown - origin)
        let part = Array(held[..<end])
        held.removeFirst(end)
        origin += end
        pass(part.span, to: &out)
    }

    /// Puts the caller's name where the model's stands.
    private mutating func replace(_ found: Watch.Found, with name: String) {
        guard isModel(found) else { return }
        var text: [UInt8] = []
        Writer.append(name, to: &text)
        let start = found.range.lowerBound + grown - origin
        // A name that was too long to wait for has gone on already.
        guard start >= 0 else { return }
        held.replaceSubrange(start..<start + found.range.count, with: text)
        grown += text.count - found.range.count
    }
}

// What is read in passing.
extension Answer {
    /// All tokens of the prompt count as its input, however the dialect counts.
    var usage: Usage {
        guard landmarks.inputExcludesCache else { return counts }
        var usage = counts
        usage.input = Record.sane(usage.input + usage.cached + usage.written)
        return usage
    }

    /// What is billed is the sum over all rounds (T185).
    private mutating func bill(input: Int, output: Int) {
        var sum = counts.billed ?? Usage.Billed(input: 0, output: 0)
        sum.input = Record.sane(sum.input + input)
        sum.output = Record.sane(sum.output + output)
        counts.billed = sum
    }

    private func count(_ found: Watch.Found) -> Int? { found.int.map(Record.sane) }

    func isModel(_ found: Watch.Found) -> Bool {
        landmarks.meanings[found.path] == .model && found.kind == .string
    }

    mutating func note(_ found: Watch.Found) {
        switch landmarks.meanings[found.path] {
        case .model: break
        case .input: counts.input = count(found) ?? counts.input
        case .output: counts.output = count(found) ?? counts.output
        case .cached: counts.cached = count(found) ?? counts.cached
        case .written: counts.written = count(found) ?? counts.written
        case .reasoning: counts.reasoning = count(found) ?? counts.reasoning
        case .rounds: counts.billed = nil
        case .roundInput: bill(input: count(found) ?? 0, output: 0)
        case .roundOutput: bill(input: 0, output: count(found) ?? 0)
        case .failure: if found.kind != .null { hasFailed = true }
        case .stop:
            guard let word = found.string, let stop = landmarks.stop(word) else { return }
            self.stop = stop
            if landmarks.endName.isEmpty { isComplete = true }
        }
    }
}
