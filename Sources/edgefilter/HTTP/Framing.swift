// SPDX-License-Identifier: MIT

/// How a request's body is delimited (RFC 9112 §6).
package enum Framing: Equatable, Sendable {
    /// Nothing follows the head.
    case none
    /// So many bytes follow the head.
    case counted(Int)
    /// Chunks follow the head, and tell the end.
    case chunked

    /// Content-Length and Transfer-Encoding exclude each other, and each is exact or refused.
    init(_ fields: Fields, _ version: Version) throws(BadHTTP) {
        let length = fields.first("Content-Length")
        if fields.contains("Transfer-Encoding") {
            guard version != .http10 else { throw BadHTTP(.codingInHTTP10) }
            guard length == nil else { throw BadHTTP(.lengthAndCoding) }
            try Self.checkCodings(fields.elements("Transfer-Encoding"))
            self = .chunked
        } else if let length {
            guard fields.count(named: "Content-Length") == 1 else { throw BadHTTP(.conflictingLength) }
            self = .counted(try Self.number(length.raw.span))
        } else {
            self = .none
        }
    }

    /// The largest length taken, which every JSON reader can hold as well.
    private static let largest = 1 << 53

    // Content-Length = 1*DIGIT
    private static func number(_ text: Span<UInt8>) throws(BadHTTP) -> Int {
        guard !text.isEmpty else { throw BadHTTP(.badLength) }
        var number = 0
        for index in text.indices {
            guard text[index].isDigit else { throw BadHTTP(.badLength) }
            number = number * 10 + Int(text[index] - 0x30)
            guard number <= largest else { throw BadHTTP(.badLength) }
        }
        return number
    }

    /// Passes "chunked", once.
    ///
    /// Without chunked as the last coding the body has no end (RFC 9112 §6.3): 400; a coding before it is
    /// merely unknown: 501.
    private static func checkCodings(_ codings: [String]) throws(BadHTTP) {
        let areTokens = codings.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(ByteSet.token.contains) }
        guard areTokens, !codings.dropLast().contains("chunked") else { throw BadHTTP(.badCoding) }
        guard codings == ["chunked"] else { throw BadHTTP(.unknownCoding) }
    }
}
