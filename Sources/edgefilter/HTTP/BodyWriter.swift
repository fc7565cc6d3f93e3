// SPDX-License-Identifier: MIT

/// Writes the body of one answer piece by piece, and never more than its framing allows.
package struct BodyWriter: Sendable {
    /// How the answer's end is told.
    package enum Framing: Equatable, Sendable {
        /// Content-Length says how many bytes come.
        case counted(Int)
        /// Each write is a chunk; `finish` writes the last one.
        case chunked
        /// The end of the connection ends the body.
        case untilClose
        /// No body: an answer to HEAD, 204, 304.
        case none
    }

    private let framing: Framing
    private var left: Int

    /// Begins a body; the head that says so is not written here.
    package init(_ framing: Framing) {
        self.framing = framing
        if case .counted(let count) = framing { left = count } else { left = 0 }
    }

    /// Appends the bytes in the body's framing: chunked makes one chunk of them, and nothing of none; what
    /// passes a count is cut off.
    package mutating func write(_ bytes: Span<UInt8>, to out: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        switch framing {
        case .none: return
        case .untilClose: out.append(bytes)
        case .counted:
            let count = min(left, bytes.count)
            out.append(bytes.extracting(0..<count))
            left -= count
        case .chunked:
            out.append(bytes.count, radix: 16)
            out.append("\r\n")
            out.append(bytes)
            out.append("\r\n")
        }
    }

    /// Appends what ends the body.
    ///
    /// False when the count was not reached: the connection must then be closed, or the next answer would
    /// be taken for the rest of this one.
    package func finish(to out: inout [UInt8]) -> Bool {
        if framing == .chunked { out.append("0\r\n\r\n") }
        return left == 0
    }
}
