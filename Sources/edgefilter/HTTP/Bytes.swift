// SPDX-License-Identifier: MIT

extension UInt8 {
    static let tab: UInt8 = 0x09
    static let lf: UInt8 = 0x0A
    static let cr: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let quote = UInt8(ascii: "\"")
    static let colon = UInt8(ascii: ":")
    static let delete: UInt8 = 0x7F

    var isDigit: Bool { self &- 0x30 < 10 }
    var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
    /// SP or HTAB, of which OWS and BWS are made (RFC 9110 §5.6.3).
    var isBlank: Bool { self == .space || self == .tab }
    /// VCHAR, SP, HTAB or obs-text, of which field values are made (RFC 9110 §5.5).
    var isText: Bool { (self >= 0x20 && self != .delete) || self == .tab }
    /// The value of a hexadecimal digit.
    var hexValue: UInt8? {
        if isDigit { return self - 0x30 }
        let letter = (self | 0x20) &- 0x61
        return letter < 6 ? letter + 10 : nil
    }
    /// The byte in lower case, when it is an ASCII letter.
    var lowered: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
}

/// A set of ASCII bytes, a bit each.
struct ByteSet: Sendable {
    let low: UInt64
    let high: UInt64

    func contains(_ byte: UInt8) -> Bool {
        switch byte {
        case 0..<64: low >> UInt64(byte) & 1 == 1
        case 64..<128: high >> UInt64(byte - 64) & 1 == 1
        default: false
        }
    }

    // tchar = "!#$%&'*+-.^_`|~" / DIGIT / ALPHA (RFC 9110 §5.6.2)
    static let token = ByteSet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE)
    // unreserved = "-._~" / DIGIT / ALPHA ; sub-delims = "!$&'()*+,;=" (RFC 3986 §2)
    static let hostName = ByteSet(low: 0x2BFF_7FD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE)
}

extension Span<UInt8> {
    /// The place of the first such byte at or after `start`.
    func first(_ byte: UInt8, from start: Int = 0) -> Int? {
        var index = start
        while index < count {
            if self[index] == byte { return index }
            index += 1
        }
        return nil
    }

    /// Whether every byte passes.
    func all(_ passes: (UInt8) -> Bool) -> Bool {
        for index in 0..<count where !passes(self[index]) { return false }
        return true
    }

    /// The range without the blanks at both its ends.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (lower, upper) = (range.lowerBound, range.upperBound)
        while lower < upper, self[lower].isBlank { lower += 1 }
        while lower < upper, self[upper - 1].isBlank { upper -= 1 }
        return lower..<upper
    }

    /// The bytes of the range as text; what is not UTF-8 is replaced.
    func string(_ range: Range<Int>) -> String {
        let part = extracting(range)
        return unsafe part.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// A copy of the bytes of the range.
    func array(_ range: Range<Int>) -> [UInt8] {
        var copy: [UInt8] = []
        copy.append(extracting(range))
        return copy
    }
}

extension [UInt8] {
    mutating func append(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }

    mutating func append(_ text: String) {
        append(text.utf8.span)
    }

    /// Appends a number in the given radix, without leading zeros.
    mutating func append(_ number: Int, radix: Int = 10) {
        append(number, width: 1, radix: radix)
    }

    /// The same with zeros in front, up to `width` digits.
    mutating func append(_ number: Int, width: Int, radix: Int = 10) {
        let (rest, base) = (number.magnitude, radix.magnitude)
        var (power, digits): (UInt, Int) = (1, 1)
        while rest / power >= base || digits < width { (power, digits) = (power * base, digits + 1) }
        if number < 0 { append(UInt8(ascii: "-")) }
        while power > 0 {
            let digit = UInt8(rest / power % base)
            append(digit < 10 ? 0x30 + digit : 0x57 + digit)
            power /= base
        }
    }
}

/// Whether two names are equal but for the case of ASCII letters.
func isSame(_ one: String, _ other: String) -> Bool {
    guard one.utf8.count == other.utf8.count else { return false }
    let (left, right) = (one.utf8.span, other.utf8.span)
    for index in left.indices where left[index].lowered != right[index].lowered { return false }
    return true
}
