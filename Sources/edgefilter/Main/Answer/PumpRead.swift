// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model
import Settings
import Unix

// From the upstream's bytes to the steps of a reply.
extension Pump {
    mutating func meet(_ head: ResponseHead, _ inflate: Inflate?) throws(Failure) {
        coding = Coding(inflate)
        if head.status >= 400 { form = .refusal(head.status) }
        if (300..<400).contains(head.status) {
            throw Failure(.brokenAnswer, "Backend request failed: it answered \(head.status), a redirect.")
        }
    }

    var refusal: Refusal? {
        if case .refusal(let status) = form { Refusal(status: status, body: held) } else { nil }
    }

    mutating func take(_ bytes: Span<UInt8>, to out: inout Buffer) throws(Failure) {
        guard !isOver, !bytes.isEmpty else { return }
        if case .unknown = form { form = lines == nil ? Pump.form(bytes) : .events }
        switch form {
        case .unknown: break
        case .events where lines != nil: try readLines(bytes)
        case .events: try read(bytes)
        case .whole: try hold(bytes, limits.answer)
        case .refusal:
            held.take(bytes)
            // Nobody waits for the end of a refusal that has none.
            isOver = held.count >= Refusal.limit
        }
        flush(to: &out)
    }

    /// A stream begins with a field or a comment, JSON with neither; blanks and a byte order mark tell
    /// nothing.
    private static func form(_ bytes: Span<UInt8>) -> Form {
        let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF]
        guard let index = bytes.indices.first(where: { !blanks.contains(bytes[$0]) }) else { return .unknown }
        return ":deir".utf8.contains(bytes[index]) ? .events : .whole
    }

    private mutating func hold(_ bytes: Span<UInt8>, _ limit: Int) throws(Failure) {
        guard held.count + bytes.count <= limit else { throw Pump.tooLarge }
        held.take(bytes)
    }

    private mutating func read(_ bytes: Span<UInt8>) throws(Failure) {
        var index = 0
        while !isOver, try nextBlock(bytes, &index) {
            guard events.dispatches else { continue }
            if !events.remark.isEmpty { reader.read(remark: events.remark) }
            if half.isEmpty {
                reader.read(event: events.name, data: events.data, to: &steps)
            } else {
                join(events.name, events.data)
            }
            if endsInHalf { keepHalf(events.data) }
            try pass()
        }
    }

    /// Whether the last step may be a piece that ends with half a character: that reads as U+FFFD.
    private var endsInHalf: Bool {
        guard case .delta(.text(let text))? = steps.last else { return false }
        return text.utf8.last == 0xBD
    }

    /// Holds the half back until the second one comes, which begins the item's next piece.
    private mutating func keepHalf(_ data: [UInt8]) {
        guard case .delta(.text(var text))? = steps.last, text.unicodeScalars.last == Pump.unknown,
            let first = Halves.first(endingIn: data.span)
        else { return }
        half = first
        steps.removeLast()
        text.unicodeScalars.removeLast()
        if !text.isEmpty { steps.append(.delta(.text(text))) }
    }

    /// Reads the event behind half a character.
    private mutating func join(_ name: [UInt8], _ data: [UInt8]) {
        guard let whole = Halves.joining(half, to: data.span) else {
            reader.read(event: name, data: data, to: &steps)
            return loosen()
        }
        half = []
        reader.read(event: name, data: whole, to: &steps)
    }

    /// Nothing that belongs to the half has come; what says nothing of the item leaves it open.
    private mutating func loosen() {
        guard !half.isEmpty, !steps.isEmpty else { return }
        half = []
        steps.insert(.delta(.text(String(Pump.unknown))), at: 0)
    }

    private static let unknown: Unicode.Scalar = "\u{FFFD}"

    private mutating func readLines(_ bytes: Span<UInt8>) throws(Failure) {
        var index = 0
        while !isOver, try nextLine(bytes, &index), let line = lines?.line {
            reader.read(event: [], data: line, to: &steps)
            try pass()
        }
    }

    private mutating func nextLine(_ bytes: Span<UInt8>, _ index: inout Int) throws(Failure) -> Bool {
        do throws(BadHTTP) { return try lines?.next(in: bytes, at: &index) ?? false } catch {
            throw Failure(
                .brokenAnswer,
                "Backend request failed: one line of the stream is too large (operator: see limits.event).")
        }
    }

    private mutating func nextBlock(_ bytes: Span<UInt8>, _ index: inout Int) throws(Failure) -> Bool {
        do throws(BadHTTP) { return try events.next(in: bytes, at: &index) } catch {
            throw Failure(
                .brokenAnswer,
                "Backend request failed: one event of the stream is too large (operator: see limits.event).")
        }
    }

    /// Passes on what the reader made.
    private mutating func pass() throws(Failure) {
        var batch: [Event] = []
        swap(&batch, &steps)
        defer {
            batch.removeAll(keepingCapacity: true)
            swap(&batch, &steps)
        }
        if cutter != nil { told = batch.reduce(told) { $1.usage ?? $0 } }
        for event in batch where !isOver { try pass(restored(event)) }
    }

    private mutating func pass(_ event: Event) throws(Failure) {
        guard cutter != nil else { return try emit(event) }
        cutter?.take(event, to: &cut)
        var batch: [Event] = []
        swap(&batch, &cut)
        let isCut = cutter?.isDone ?? false
        for event in batch {
            if isCut, case .end = event { try emit(.usage(estimate)) }
            try emit(event)
        }
        batch.removeAll(keepingCapacity: true)
        swap(&batch, &cut)
    }

    mutating func end(_ failure: Failure?) throws(Failure) {
        if isOver { return }
        do throws(Failure) {
            try readEnd(failure)
        } catch {
            // That the connection broke says more than that the stream has no end.
            throw failure ?? error
        }
        guard isOver else { throw Failure(.brokenStream, "Backend request failed: its answer has no end.") }
    }

    mutating func finish(to out: inout Buffer) -> Ended {
        if let body = whole() { return .whole(body: body) }
        close(to: &out)
        return .complete
    }

    private mutating func readEnd(_ failure: Failure?) throws(Failure) {
        switch form {
        case .unknown: throw Failure(.brokenAnswer, "Backend request failed: its answer is empty.")
        case .events:
            if lines != nil {
                // Nothing but its framing says that such a stream is complete.
                if let failure { throw failure }
                if lines?.finish() ?? false { reader.read(event: [], data: lines?.line ?? [], to: &steps) }
            }
            reader.finish(to: &steps)
            loosen()
        case .whole:
            if let failure { throw failure }
            var body: [UInt8] = []
            swap(&body, &held)
            reader.read(whole: body, to: &steps)
        case .refusal: break
        }
        try pass()
    }
}
