// SPDX-License-Identifier: MIT

/// A text that is not JSON by RFC 8259, or goes beyond a limit.
///
/// Two are equal when their reasons are; the place is for people.
package struct Malformed: Error, Equatable {
    /// What can be wrong.
    package enum Reason: Sendable {
        /// The grammar has no place for the byte; the text ends within its value, or goes on after it.
        case unexpectedByte, truncated, trailingBytes
        /// A number, a `true`, `false` or `null`, or a string is not well-formed.
        case badNumber, badLiteral, badEscape, controlInString, badUTF8
        /// More than `Limits` or `Watch.foundLimit` allow.
        case tooDeep, tooLarge, tooMany
    }

    /// What was wrong.
    package let reason: Reason
    /// Where, in bytes from the start of the text.
    package let offset: Int
    /// The byte found there, if one is to blame.
    package let byte: UInt8?

    /// Complains of `reason` at `offset`, where `byte` is to blame if one is.
    package init(_ reason: Reason, at offset: Int, byte: UInt8? = nil) {
        self.reason = reason
        self.offset = offset
        self.byte = byte
    }

    /// Whether the reasons are the same.
    package static func == (left: Malformed, right: Malformed) -> Bool {
        left.reason == right.reason
    }

    /// The same complaint, `distance` bytes further on.
    func moved(by distance: Int) -> Malformed {
        Malformed(reason, at: offset + distance, byte: byte)
    }
}

extension Malformed: CustomStringConvertible {
    /// A sentence part an API user understands: "unexpected byte 0x7d at offset 12".
    package var description: String {
        "\(words)\(byte.map { " 0x" + hex($0) } ?? "") at offset \(offset)"
    }

    private var words: String {
        switch reason {
        case .unexpectedByte: "unexpected byte"
        case .truncated: "text ends too early"
        case .trailingBytes: "text goes on after its value with byte"
        case .badNumber: "number broken by byte"
        case .badLiteral: "true, false or null broken by byte"
        case .badEscape: "escape in a string broken by byte"
        case .controlInString: "string holds an unescaped control, byte"
        case .badUTF8: "string is not UTF-8, byte"
        case .tooDeep: "arrays and objects nested too deeply"
        case .tooLarge: "text is too large"
        case .tooMany: "too many values"
        }
    }

    private func hex(_ byte: UInt8) -> String {
        (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
    }
}
