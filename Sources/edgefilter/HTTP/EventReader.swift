// SPDX-License-Identifier: MIT

/// Reads a text/event-stream (HTML §9.2.6) from pieces of any size, event by event.
///
/// ```
/// stream = [ BOM ] *event
/// event  = *( comment / field ) end-of-line
/// field  = name [ ":" [ space ] value ] end-of-line ; comment = ":" *any end-of-line
/// end-of-line = CR LF / CR / LF
/// ```
package struct EventReader: Sendable {
    /// The data lines of the block that just ended, with LF between them; valid until the next call.
    package private(set) var data: [UInt8] = []
    /// What its last "event" field says; empty means "message".
    package private(set) var name: [UInt8] = []
    /// The last id seen so far, in this block or an earlier one.
    package private(set) var lastEventID: [UInt8] = []
    /// A line of the block that the standard gives no meaning, as it is, cut to `remarkLimit` bytes: its last
    /// comment that says anything, else its first field of an unknown name; empty: there is none.
    ///
    /// Some say there what they think of the event (`:HTTP_STATUS/400`).
    package private(set) var remark: [UInt8] = []
    /// Whether the block is an event: one without a data line is not.
    package private(set) var dispatches = false
    /// How much of the piece at hand may be passed on before something of one's own.
    ///
    /// That is up to the end of its last blank line, or of its last comment line outside of any block: a
    /// block put in there harms nothing. 0 when the piece has no such place.
    package private(set) var settled = 0

    private let limit: Int
    private var line: [UInt8] = []
    private var pendingID: [UInt8] = []
    private var isInBlock = false
    private var hasEnded = false
    private var hadCR = false
    private var isFirstLine = true
    private(set) var toil = Toil()

    /// `limit` bounds an event's data together with the line at hand, in bytes.
    package init(limit: Int = 8 << 20) {
        self.limit = limit
    }

    /// Whether what has been read so far ends at a place as `settled` means it.
    package var isAtBoundary: Bool { !isInBlock && line.isEmpty }

    /// Whether what comes next is read as if it came after the first line of a stream: a line begins, outside
    /// of a block, and a LF there ends another line.
    ///
    /// A block that then comes whole may pass by the reader, if its fields matter to nobody; so may the start
    /// of what follows be taken for the start of a new piece.
    package var isAtRest: Bool { isAtBoundary && !hadCR && !isFirstLine }

    /// Reads on from `index`.
    ///
    /// True: a blank line ended a block, whose properties are now readable, and `index` is after it. False:
    /// the piece is used up. A new piece starts at index 0. Throws when an event passes the limit.
    package mutating func next(in bytes: Span<UInt8>, at index: inout Int) throws(BadHTTP) -> Bool {
        if index == 0 { settled = 0 }
        if hasEnded { clear() }
        skipLF(bytes, at: &index)
        while index < bytes.count {
            guard let end = lineEnd(bytes, from: index) else {
                try keep(bytes.extracting(index..<bytes.count))
                index = bytes.count
                return false
            }
            try endLine(bytes.extracting(index..<end))
            hadCR = bytes[end] == .cr
            index = end + 1
            skipLF(bytes, at: &index)
            if isAtBoundary { settled = index }
            if hasEnded { return true }
        }
        return false
    }

    /// To be called when the stream ends.
    ///
    /// True: an event was under way, and is dropped as HTML §9.2.6 demands; `data` and `name` still show
    /// its whole lines.
    package func finish() -> Bool {
        !isAtBoundary
    }

    /// A LF after a CR belongs to the same line end, even when a piece ended between them.
    private mutating func skipLF(_ bytes: Span<UInt8>, at index: inout Int) {
        guard hadCR, index < bytes.count else { return }
        hadCR = false
        guard bytes[index] == .lf else { return }
        index += 1
        if isAtBoundary { settled = index }
    }

    private mutating func lineEnd(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        let index = bytes.endOfLine(from: start)
        toil.add(index - start + 1)
        return index < bytes.count ? index : nil
    }

    private mutating func keep(_ piece: Span<UInt8>) throws(BadHTTP) {
        guard data.count + line.count + piece.count <= limit else { throw BadHTTP(.eventTooLarge) }
        line.append(piece)
    }

    /// Takes a whole line, directly from the piece when no earlier one holds its beginning.
    private mutating func endLine(_ rest: Span<UInt8>) throws(BadHTTP) {
        if line.isEmpty, !isFirstLine {
            guard data.count + rest.count <= limit else { throw BadHTTP(.eventTooLarge) }
            take(rest)
        } else {
            try keep(rest)
            if isFirstLine, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
            isFirstLine = false
            var whole: [UInt8] = []
            swap(&whole, &line)
            take(whole.span)
            whole.removeAll(keepingCapacity: true)
            swap(&whole, &line)
        }
    }

    private mutating func take(_ line: Span<UInt8>) {
        guard !line.isEmpty else {
            endBlock()
            return
        }
        let colon = line.first(.colon)
        guard colon != 0 else {
            if line.count > 2 { note(line) }
            return
        }
        isInBlock = true
        var start = colon.map { $0 + 1 } ?? line.count
        if start < line.count, line[start] == .space { start += 1 }
        let name = line.string(0..<(colon ?? line.count))
        if !setField(name, line.extracting(start..<line.count)), remark.isEmpty { note(line) }
    }

    private static let remarkLimit = 128

    private mutating func note(_ line: Span<UInt8>) {
        remark.removeAll(keepingCapacity: true)
        remark.append(line.extracting(0..<min(line.count, EventReader.remarkLimit)))
    }

    /// False: the standard knows no such field.
    private mutating func setField(_ field: String, _ value: Span<UInt8>) -> Bool {
        switch field {
        case "data":
            if dispatches { data.append(.lf) }
            data.append(value)
            dispatches = true
        case "event":
            name.removeAll(keepingCapacity: true)
            name.append(value)
        case "id" where value.first(0) == nil:
            pendingID.removeAll(keepingCapacity: true)
            pendingID.append(value)
        default: return ["id", "retry"].contains(field)
        }
        return true
    }

    private mutating func endBlock() {
        lastEventID = pendingID
        isInBlock = false
        hasEnded = true
    }

    private mutating func clear() {
        data.removeAll(keepingCapacity: true)
        name.removeAll(keepingCapacity: true)
        remark.removeAll(keepingCapacity: true)
        dispatches = false
        hasEnded = false
    }
}
