// SPDX-License-Identifier: MIT

/// A number's text, read in pieces after its first byte; its end is the first byte that cannot belong to it.
///
///     number = [ "-" ] ( "0" / %x31-39 *DIGIT ) [ "." 1*DIGIT ] [ ( "e" / "E" ) [ "-" / "+" ] 1*DIGIT ]
///                                                                                RFC 8259 §6
struct Numeral {
    /// What was read last.
    private enum Place {
        case minus, zero, whole, point, fraction, exponent, sign, power
    }

    private enum Letter {
        case zero, digit, minus, plus, point, exponent, other

        init(_ byte: UInt8) {
            switch byte {
            case UInt8(ascii: "0"): self = .zero
            case UInt8(ascii: "1")...UInt8(ascii: "9"): self = .digit
            case UInt8(ascii: "-"): self = .minus
            case UInt8(ascii: "+"): self = .plus
            case UInt8(ascii: "."): self = .point
            case UInt8(ascii: "e"), UInt8(ascii: "E"): self = .exponent
            default: self = .other
            }
        }
    }

    private var place: Place

    init?(first: UInt8) {
        switch Letter(first) {
        case .minus: place = .minus
        case .zero: place = .zero
        case .digit: place = .whole
        default: return nil
        }
    }

    /// Whether what was read is a number.
    var mayEnd: Bool {
        switch place {
        case .zero, .whole, .fraction, .power: true
        case .minus, .point, .exponent, .sign: false
        }
    }

    /// Reads on at `at`, true when the number ended before `at`; else the piece is used up.
    mutating func read(_ piece: Span<UInt8>, _ at: inout Int) throws(Malformed) -> Bool {
        while at < piece.count {
            guard let next = next(Letter(piece[at])) else {
                guard mayEnd else { throw Malformed(.badNumber, at: at, byte: piece[at]) }
                return true
            }
            place = next
            at += 1
        }
        return false
    }

    private func next(_ letter: Letter) -> Place? {
        switch (place, letter) {
        case (.minus, .zero): .zero
        case (.minus, .digit), (.whole, .zero), (.whole, .digit): .whole
        case (.zero, .point), (.whole, .point): .point
        case (.point, .zero), (.point, .digit), (.fraction, .zero), (.fraction, .digit): .fraction
        case (.zero, .exponent), (.whole, .exponent), (.fraction, .exponent): .exponent
        case (.exponent, .plus), (.exponent, .minus): .sign
        case (.exponent, .zero), (.exponent, .digit), (.sign, .zero), (.sign, .digit): .power
        case (.power, .zero), (.power, .digit): .power
        default: nil
        }
    }
}
