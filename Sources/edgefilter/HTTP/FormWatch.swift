// SPDX-License-Identifier: MIT

/// Watches a multipart/form-data body (RFC 7578, RFC 2046 §5.1.1) go by and finds the values of a few of
/// its fields, in bounded memory.
///
/// It never objects: in a body it cannot follow it finds nothing.
///
/// ```
/// body      = [ preamble CRLF ] delimiter part *( CRLF delimiter part ) CRLF delimiter "--" …
/// delimiter = "--" boundary ; part = *blank CRLF *( field-line CRLF ) CRLF content
/// ```
package struct FormWatch: Sendable {
    /// A watched field's value.
    package struct Found: Equatable, Sendable {
        /// Which of the names it bears, as an index.
        package let name: Int
        /// Where its content is in the body, in bytes from the body's begin.
        package let range: Range<Int>
        /// The content's first 1024 bytes.
        package let text: [UInt8]
        /// Whether there is more of it.
        package var isCut: Bool { text.count < range.count }
    }

    /// What was found, in order.
    ///
    /// No more than 64 are kept: who relies on a field coming once refuses a body in which it comes twice.
    package private(set) var found: [Found] = []

    /// Whether another reader could find other values: a part's header can be read in two ways, or a watched value is
    /// a file, or has no end.
    package private(set) var isDoubtful = false

    private enum Step { case content, delimiterEnd, header, done }

    private let names: [String]
    private var match: DelimiterMatch
    private var header = PartHeader()
    private var step = Step.content
    private var offset = 0
    /// The watched part in progress: the index of its name, where it begins, and its content so far.
    private var part: (name: Int, start: Int, text: [UInt8])?
    private(set) var toil = Toil()

    private static let textLimit = 1024
    private static let foundLimit = 64

    /// Nil when `contentType` is not multipart/form-data with a boundary of 1 to 70 characters.
    ///
    /// Watches for fields, not files, that bear one of `names`.
    package init?(contentType: String, names: [String]) {
        guard let type = Parameters(contentType), type.essence == "multipart/form-data",
            let boundary = type["boundary"], let match = DelimiterMatch(boundary: boundary)
        else { return nil }
        self.names = names
        self.match = match
    }

    /// Up to where the body so far may be passed on: all of it, but for what may be the begin of a
    /// delimiter, and for a watched value that has not ended and may still be a short one.
    package var settled: Int {
        if let part, part.text.count <= Self.textLimit { return part.start }
        return offset - match.held.count
    }

    /// Looks at the next bytes of the body.
    package mutating func feed(_ bytes: Span<UInt8>) {
        toil.add(bytes.count)
        var index = 0
        while step != .done, index < bytes.count {
            if step == .content, match.isIdle {
                index = passContent(bytes, from: index)
            } else {
                take(bytes[index], at: offset + index)
                index += 1
            }
        }
        offset += bytes.count
    }

    /// Goes on to where the next delimiter may begin.
    private mutating func passContent(_ bytes: Span<UInt8>, from start: Int) -> Int {
        let end = bytes.first(.cr, from: start) ?? bytes.count
        keep(bytes.extracting(start..<end))
        if end < bytes.count { _ = match.take(.cr) }
        return min(end + 1, bytes.count)
    }

    /// To be called when the body ends: what was held back is settled, and a value without an end is none.
    package mutating func finish() {
        if part != nil || step == .header { isDoubtful = true }
        part = nil
        match.restart(atLineBegin: false)
        step = .done
    }

    private mutating func take(_ byte: UInt8, at place: Int) {
        switch step {
        case .content: takeContent(byte)
        case .delimiterEnd: takeDelimiterEnd(byte, at: place)
        case .header: takeHeader(byte, at: place)
        case .done: return
        }
    }

    private mutating func takeContent(_ byte: UInt8) {
        guard !match.take(byte) else {
            step = .delimiterEnd
            return
        }
        keepMissed()
    }

    /// What looked like a delimiter and was none is content.
    private mutating func keepMissed() {
        let missed = match.missed
        keep(missed.span)
    }

    private mutating func keep(_ content: Span<UInt8>) {
        guard let count = part?.text.count else { return }
        // One byte beyond the limit tells that there are more.
        let room = Self.textLimit + 1 - count
        part?.text.append(content.extracting(0..<min(room, content.count)))
    }

    private mutating func takeDelimiterEnd(_ byte: UInt8, at place: Int) {
        switch match.takeEnd(byte) {
        case .more: return
        case .none:
            keepMissed()
            step = .content
        case .part:
            endPart(at: place)
            header = PartHeader()
            step = .header
        case .last:
            endPart(at: place)
            step = .done
        }
    }

    /// The delimiter just read ended the part: its content ends where the delimiter begins.
    private mutating func endPart(at place: Int) {
        let end = place + 1 - match.held.count
        match.restart(atLineBegin: true)
        guard let ended = part else { return }
        part = nil
        guard found.count < Self.foundLimit else { return }
        found.append(
            Found(name: ended.name, range: ended.start..<end, text: Array(ended.text.prefix(Self.textLimit))))
    }

    private mutating func takeHeader(_ byte: UInt8, at place: Int) {
        guard header.take(byte) else { return }
        step = .content
        if header.isDoubtful { isDoubtful = true }
        guard let name = header.name, let index = names.firstIndex(of: name) else { return }
        // No honest client sends a file in the place of a field.
        if header.isFile { return isDoubtful = true }
        part = (index, place + 1, [])
    }
}
