// SPDX-License-Identifier: MIT

/// Reads the body of one request from pieces of any size and takes its chunks apart.
///
/// ```
/// chunked-body = *( chunk-line CRLF chunk-data CRLF ) "0" … CRLF *( field-line CRLF ) CRLF
/// ```
package struct BodyReader: Sendable {
    private enum Step: Equatable {
        case counted(Int)
        case chunkLine
        case data(Int)
        case dataEnd
        case trailer
        case done
    }

    private var step: Step
    private let limit: Int
    private var size = 0
    private var extensions = 0
    private var trailer = Trailer()
    private(set) var line = Line()

    /// `limit` is the largest body taken, in bytes of content; a longer one that says so throws at once.
    package init(_ framing: Framing, limit: Int) throws(BadHTTP) {
        self.limit = limit
        switch framing {
        case .none: step = .done
        case .chunked: step = .chunkLine
        case .counted(let count):
            guard count <= limit else { throw BadHTTP(.bodyTooLarge) }
            step = count == 0 ? .done : .counted(count)
        }
    }

    /// Whether the whole body, with its trailer, has been read.
    package var isDone: Bool { step == .done }

    /// How many bytes are still to come, when that is known.
    package var remaining: Int? {
        switch step {
        case .counted(let count): count
        case .done: 0
        default: nil
        }
    }

    /// Reads on, appends the content to `out`, and returns how many bytes it took: all, or those up to the
    /// end of the body.
    ///
    /// Throws when the framing is wrong, or as soon as a chunk is announced that passes the limit.
    package mutating func read(_ bytes: Span<UInt8>, into out: inout [UInt8]) throws(BadHTTP) -> Int {
        var index = 0
        while step != .done, index < bytes.count {
            switch step {
            case .counted(let count):
                let left = take(count, of: bytes, at: &index, into: &out)
                step = left == 0 ? .done : .counted(left)
            case .data(let count):
                let left = take(count, of: bytes, at: &index, into: &out)
                step = left == 0 ? .dataEnd : .data(left)
            default:
                try readLine(bytes, at: &index)
            }
        }
        return index
    }

    /// To be called when the connection ends: throws when the body has not.
    package func finish() throws(BadHTTP) {
        guard isDone else { throw BadHTTP(.truncated) }
    }

    private func take(
        _ count: Int, of bytes: Span<UInt8>, at index: inout Int, into out: inout [UInt8]
    ) -> Int {
        let end = index + min(count, bytes.count - index)
        out.append(bytes.extracting(index..<end))
        defer { index = end }
        return count - (end - index)
    }

    private mutating func readLine(_ bytes: Span<UInt8>, at index: inout Int) throws(BadHTTP) {
        let (limit, reason) = allowance
        guard try line.take(bytes, at: &index, limit: limit, tooLong: reason) else { return }
        switch step {
        case .chunkLine: try endChunkLine()
        case .trailer: try endTrailerLine()
        default: step = .chunkLine
        }
    }

    /// How long the present line may get, and what is wrong when it gets longer.
    private var allowance: (Int, BadHTTP.Reason) {
        switch step {
        case .chunkLine: (ChunkLimits.digits + ChunkLimits.extensions, .chunkExtensionTooLong)
        case .trailer: (trailer.allowance, .trailerTooLarge)
        default: (0, .badChunkEnd)
        }
    }

    private mutating func endChunkLine() throws(BadHTTP) {
        let chunk = try ChunkLine(line.bytes.span)
        extensions += chunk.extensions
        guard extensions <= ChunkLimits.allExtensions else { throw BadHTTP(.chunkExtensionTooLong) }
        guard chunk.size <= limit - size else { throw BadHTTP(.bodyTooLarge) }
        size += chunk.size
        step = chunk.size == 0 ? .trailer : .data(chunk.size)
    }

    private mutating func endTrailerLine() throws(BadHTTP) {
        let field = line.bytes
        if field.isEmpty {
            step = .done
        } else {
            try trailer.check(field.span)
        }
    }
}
