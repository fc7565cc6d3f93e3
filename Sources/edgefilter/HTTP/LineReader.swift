// SPDX-License-Identifier: MIT

/// Cuts a stream into lines, from pieces of any size; empty ones are passed over.
///
/// ```
/// stream = *( [ line ] end-of-line ) [ line ]
/// end-of-line = CR LF / CR / LF
/// ```
package struct LineReader: Sendable {
    /// The line that just ended, without its end; valid until the next call.
    package private(set) var line: [UInt8] = []
    private let limit: Int
    private var isWhole = false

    /// `limit`: bytes that a line may have.
    package init(limit: Int) { self.limit = limit }

    /// Reads on from `index`.
    ///
    /// True: a line ended, and `index` is after it. False: the piece is used up. Throws at a line beyond the
    /// limit.
    package mutating func next(in bytes: Span<UInt8>, at index: inout Int) throws(BadHTTP) -> Bool {
        if isWhole { clear() }
        while index < bytes.count {
            let end = bytes.endOfLine(from: index)
            guard line.count + end - index <= limit else { throw BadHTTP(.eventTooLarge) }
            line.append(bytes.extracting(index..<end))
            index = min(end + 1, bytes.count)
            if end < bytes.count, !line.isEmpty {
                isWhole = true
                return true
            }
        }
        return false
    }

    /// To be called when the stream ends; true: it ended in a line, which has no end of its own.
    package mutating func finish() -> Bool {
        if isWhole { clear() }
        isWhole = !line.isEmpty
        return isWhole
    }

    private mutating func clear() {
        line.removeAll(keepingCapacity: true)
        isWhole = false
    }
}
