// SPDX-License-Identifier: MIT

/// Reads the head of one request from pieces of any size; where they are cut changes nothing.
///
/// ```
/// head = [ CRLF ] request-line CRLF *( field-line CRLF ) CRLF        (RFC 9112 §2.1)
/// ```
package struct HeadReader: Sendable {
    /// The head, once its empty line has been read.
    package private(set) var head: RequestHead?

    private let limits: Limits
    private(set) var line = Line()
    private var start: RequestLine?
    private var fields = Fields()
    private var size = 0
    private var hasSkippedLine = false
    // Comparing `start` or `head` with nil would copy it.
    private var isStarted = false
    private var isDone = false

    /// A reader for one head.
    package init(_ limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Whether nothing of a request has come yet, but for the empty line that may precede it: the end of
    /// the connection is then no error.
    package var isEmpty: Bool {
        !isDone && !isStarted && line.bytes.isEmpty
    }

    /// Reads on and returns how many bytes it took: all, or those up to the end of the head.
    ///
    /// Throws as soon as a line is complete and wrong, or a limit is passed; the reader is of no use after
    /// that.
    package mutating func read(_ bytes: Span<UInt8>) throws(BadHTTP) -> Int {
        var index = 0
        while !isDone, index < bytes.count {
            let (limit, reason) = allowance
            guard try line.take(bytes, at: &index, limit: limit, tooLong: reason) else { break }
            try endLine()
        }
        return index
    }

    /// How long the present line may get, and what is wrong when it gets longer.
    private var allowance: (Int, BadHTTP.Reason) {
        let left = limits.head - size - 2
        let own = isStarted ? limits.fieldLine : limits.requestLine
        guard left >= own else { return (left, .headTooLarge) }
        return (own, isStarted ? .fieldTooLong : .targetTooLong)
    }

    private mutating func endLine() throws(BadHTTP) {
        size += line.bytes.count + 2
        if isStarted {
            try endFieldLine()
        } else if line.bytes.isEmpty, !hasSkippedLine {
            hasSkippedLine = true
        } else {
            start = try RequestLine(line.bytes.span)
            isStarted = true
        }
    }

    private mutating func endFieldLine() throws(BadHTTP) {
        if line.bytes.isEmpty, let start {
            head = try RequestHead(start, fields)
            isDone = true
            return
        }
        guard fields.count < limits.fields else { throw BadHTTP(.tooManyFields) }
        fields.append(try Field(strict: line.bytes.span))
    }
}
