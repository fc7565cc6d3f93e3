// SPDX-License-Identifier: MIT

/// One line gathered from pieces: `line = *OCTET CRLF`, where a CR or LF alone, or a NUL, is an error (RFC
/// 9112 §2.2).
struct Line: Sendable {
    /// The line so far, without its line end.
    private(set) var bytes: [UInt8] = []
    private(set) var toil = Toil()
    private var hasCR = false
    private var isWhole = false

    /// Takes bytes from `index` up to the line's end.
    ///
    /// True: `bytes` is a whole line, until the next call. A line longer than `limit` throws `tooLong`, at
    /// the same byte however the input is cut.
    mutating func take(
        _ piece: Span<UInt8>, at index: inout Int, limit: Int, tooLong: BadHTTP.Reason
    ) throws(BadHTTP) -> Bool {
        if isWhole { clear() }
        let start = index
        let end = min(piece.count, start + max(limit - bytes.count, 0))
        if !hasCR { index = Self.endOfPlain(piece, start, end) }
        toil.add(index - start + 1)
        bytes.append(piece.extracting(start..<index))
        guard index < piece.count else { return false }
        if !hasCR {
            try open(piece[index], tooLong: tooLong)
            index += 1
            guard index < piece.count else { return false }
        }
        guard piece[index] == .lf else { throw BadHTTP(.bareCR) }
        index += 1
        isWhole = true
        return true
    }

    /// The first place in a range where something else stands than a line's content; its end when nothing
    /// does.
    private static func endOfPlain(_ piece: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        var at = start
        while at < end, isPlain(piece[at]) { at += 1 }
        return at
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte > .cr || (byte != .cr && byte != .lf && byte != 0)
    }

    /// Takes the byte after the line's content: the CR, or something that should not be there.
    private mutating func open(_ byte: UInt8, tooLong: BadHTTP.Reason) throws(BadHTTP) {
        switch byte {
        case .cr: hasCR = true
        case .lf: throw BadHTTP(.bareLF)
        case 0: throw BadHTTP(.nul)
        default: throw BadHTTP(tooLong)
        }
    }

    private mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        hasCR = false
        isWhole = false
    }
}
