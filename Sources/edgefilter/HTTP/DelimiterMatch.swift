// SPDX-License-Identifier: MIT

/// Recognizes a multipart delimiter, `CRLF "--" boundary`, byte by byte.
///
/// No byte is looked at twice: CR comes nowhere in it but at its begin, so a mismatch can only start anew
/// with the byte at hand.
struct DelimiterMatch: Sendable {
    /// What a delimiter's end says: not known yet, that it was none, that a part follows, that it was the
    /// last.
    enum End { case more, none, part, last }

    /// The bytes that belong to the delimiter, if it is one.
    private(set) var held: [UInt8] = []
    /// The bytes that the last call showed to be content.
    private(set) var missed: [UInt8] = []

    private let delimiter: [UInt8]
    private var matched: Int

    /// How many blanks may follow a delimiter (RFC 2046 calls them transport padding).
    private static let padding = 64

    /// Nil for a boundary that is not 1 to 70 visible characters or spaces, the last no space.
    init?(boundary: String) {
        let bytes = Array(boundary.utf8)
        guard 1...70 ~= bytes.count, bytes.last != .space, bytes.allSatisfy({ 0x20..<0x7F ~= $0 }) else {
            return nil
        }
        delimiter = Array("\r\n--".utf8) + bytes
        matched = 2
    }

    /// Whether no delimiter is under way: all bytes up to the next CR are content.
    var isIdle: Bool { matched == 0 }

    /// Begins to look anew.
    ///
    /// At a line's begin the CRLF of the delimiter has gone by already, and was something else's end.
    mutating func restart(atLineBegin: Bool) {
        matched = atLineBegin ? 2 : 0
        held.removeAll(keepingCapacity: true)
        missed.removeAll(keepingCapacity: true)
    }

    /// Takes a byte; true when it completes a delimiter, whose end is to be looked at next.
    mutating func take(_ byte: UInt8) -> Bool {
        missed.removeAll(keepingCapacity: true)
        guard byte == delimiter[matched] else {
            miss(byte)
            return false
        }
        held.append(byte)
        matched += 1
        return matched == delimiter.count
    }

    /// Takes a byte after a delimiter: `( "--" / *blank CRLF )`, else it was no delimiter.
    mutating func takeEnd(_ byte: UInt8) -> End {
        missed.removeAll(keepingCapacity: true)
        let tail = held.suffix(held.count - (delimiter.count - skipped))
        let isFine =
            switch tail.last {
            case .none: byte == UInt8(ascii: "-") || byte == .cr || byte.isBlank
            case UInt8(ascii: "-"): byte == UInt8(ascii: "-")
            case UInt8.cr: byte == .lf
            default: (byte == .cr || byte.isBlank) && tail.count < Self.padding
            }
        guard isFine else {
            miss(byte)
            return .none
        }
        held.append(byte)
        guard let last = tail.last, !last.isBlank else { return .more }
        return last == .cr ? .part : .last
    }

    /// How many bytes of the delimiter were not held, because it came at a line's begin.
    private var skipped: Int { held.first == .cr ? 0 : 2 }

    private mutating func miss(_ byte: UInt8) {
        swap(&missed, &held)
        if byte == .cr {
            held.append(byte)
            matched = 1
        } else {
            missed.append(byte)
            matched = 0
        }
    }
}
