// SPDX-License-Identifier: MIT

/// The inside of a string, after its opening quote, read in pieces.
///
///     string    = %x22 *( unescaped / escape ) %x22                              RFC 8259 §7
///     escape    = %x5C ( %x22 / "\" / "/" / "b" / "f" / "n" / "r" / "t" / "u" 4HEXDIG )
///     unescaped = %x20-21 / %x23-5B / %x5D-7F / UTF8-2 / UTF8-3 / UTF8-4         RFC 3629 §4
struct Text {
    private enum Place {
        case plain
        case escape
        case hex(left: UInt8)
        case character(Continuation)
    }

    private var place = Place.plain
    private(set) var hasEscapes = false

    /// Reads on at `at`, true when the closing quote was read; else the piece is used up.
    mutating func read(_ piece: Span<UInt8>, _ at: inout Int) throws(Malformed) -> Bool {
        while at < piece.count {
            if case .plain = place {
                at = piece.endOfPlain(from: at)
                let wide = piece.endOfWide(from: at)
                if wide > at {
                    at = wide
                    continue
                }
                guard at < piece.count else { return false }
            }
            at += 1
            if try step(piece[at - 1], at - 1) { return true }
        }
        return false
    }

    /// Takes one byte; true if it is the closing quote.
    private mutating func step(_ byte: UInt8, _ at: Int) throws(Malformed) -> Bool {
        switch place {
        case .plain:
            if byte == UInt8(ascii: "\"") { return true }
            place = try special(byte, at)
        case .escape:
            guard isEscapable(byte) else { throw Malformed(.badEscape, at: at, byte: byte) }
            place = byte == UInt8(ascii: "u") ? .hex(left: 4) : .plain
        case .hex(let left):
            guard hexValue(byte) != nil else { throw Malformed(.badEscape, at: at, byte: byte) }
            place = left > 1 ? .hex(left: left - 1) : .plain
        case .character(var rest):
            guard rest.take(byte) else { throw Malformed(.badUTF8, at: at, byte: byte) }
            place = rest.isOver ? .plain : .character(rest)
        }
        return false
    }

    private mutating func special(_ byte: UInt8, _ at: Int) throws(Malformed) -> Place {
        if byte == UInt8(ascii: "\\") {
            hasEscapes = true
            return .escape
        }
        guard byte >= 0x80 else { throw Malformed(.controlInString, at: at, byte: byte) }
        guard let rest = Continuation(lead: byte) else { throw Malformed(.badUTF8, at: at, byte: byte) }
        return .character(rest)
    }

    private func isEscapable(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"), UInt8(ascii: "u"):
            true
        default: false
        }
    }
}

/// What must follow the first byte of a character that is not ASCII (RFC 3629 §4).
///
/// Overlong forms, surrogates and what lies beyond U+10FFFF are told apart by the second byte's range.
struct Continuation {
    private var left: UInt8
    private var low: UInt8 = 0x80
    private var high: UInt8 = 0xBF

    init?(lead: UInt8) {
        switch lead {
        case 0xC2...0xDF: left = 1
        case 0xE0: (left, low) = (2, 0xA0)
        case 0xED: (left, high) = (2, 0x9F)
        case 0xE1...0xEF: left = 2
        case 0xF0: (left, low) = (3, 0x90)
        case 0xF4: (left, high) = (3, 0x8F)
        case 0xF1...0xF3: left = 3
        default: return nil
        }
    }

    var isOver: Bool { left == 0 }

    /// Takes the next byte; false if it cannot be.
    mutating func take(_ byte: UInt8) -> Bool {
        guard low <= byte, byte <= high else { return false }
        (left, low, high) = (left - 1, 0x80, 0xBF)
        return true
    }
}

/// The value of a hexadecimal digit in either case.
func hexValue(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
}
