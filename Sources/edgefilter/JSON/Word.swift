// SPDX-License-Identifier: MIT

/// `true`, `false` or `null` (RFC 8259 §3), read in pieces after its first byte.
struct Word {
    let kind: Kind
    /// The bytes still to come, the next one lowest.
    private var due: UInt32

    init?(first: UInt8) {
        switch first {
        case UInt8(ascii: "t"): (kind, due) = (.bool, Word.bytes("r", "u", "e"))
        case UInt8(ascii: "f"): (kind, due) = (.bool, Word.bytes("a", "l", "s", "e"))
        case UInt8(ascii: "n"): (kind, due) = (.null, Word.bytes("u", "l", "l"))
        default: return nil
        }
    }

    private static func bytes(_ letters: Unicode.Scalar...) -> UInt32 {
        letters.reversed().reduce(0) { $0 << 8 | $1.value }
    }

    /// Reads on at `at`, true when the word is over; else the piece is used up.
    mutating func read(_ piece: Span<UInt8>, _ at: inout Int) throws(Malformed) -> Bool {
        while due != 0 {
            guard at < piece.count else { return false }
            guard UInt32(piece[at]) == due & 0xFF else {
                throw Malformed(.badLiteral, at: at, byte: piece[at])
            }
            due >>= 8
            at += 1
        }
        return true
    }
}
