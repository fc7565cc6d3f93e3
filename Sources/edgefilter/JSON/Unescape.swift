// SPDX-License-Identifier: MIT

/// Appends what the inside of a well-formed string means, as UTF-8 (RFC 8259 §7).
///
/// Half a surrogate pair alone becomes U+FFFD: no UTF-8 has a form for it.
func unescape(_ text: Span<UInt8>, to meaning: inout [UInt8]) {
    var at = 0
    while true {
        // Quotes and controls stand here escaped only, so what ends a run is a backslash.
        let escape = text.endOfUnescaped(from: at)
        meaning.append(copying: text.extracting(at..<escape))
        guard escape < text.count else { return }
        at = escape
        if text[at + 1] == UInt8(ascii: "u") {
            meaning.append(contentsOf: scalar(text, &at).utf8)
        } else {
            meaning.append(short(text[at + 1]))
            at += 2
        }
    }
}

/// What the inside of a well-formed string means.
func unescaped(_ text: Span<UInt8>) -> String {
    var meaning: [UInt8] = []
    meaning.reserveCapacity(text.count)
    unescape(text, to: &meaning)
    return String(decoding: meaning, as: UTF8.self)
}

/// The character of an escape of one letter.
private func short(_ letter: UInt8) -> UInt8 {
    switch letter {
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "t"): 0x09
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "r"): 0x0D
    default: letter
    }
}

/// The character of the `\uXXXX`, or the pair of them, at `at`, which moves behind it.
private func scalar(_ text: Span<UInt8>, _ at: inout Int) -> Unicode.Scalar {
    let first = unit(text, at: at) ?? 0
    at += 6
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, let second = unit(text, at: at), 0xDC00...0xDFFF ~= second else {
        return "\u{FFFD}"
    }
    at += 6
    return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
}

/// The UTF-16 unit that the `\uXXXX` at `index` names; nil if there is no such escape.
func unit(_ text: Span<UInt8>, at index: Int) -> UInt32? {
    guard text.count - index >= 6, text[index] == UInt8(ascii: "\\"), text[index + 1] == UInt8(ascii: "u")
    else { return nil }
    var unit: UInt32 = 0
    for place in index + 2..<index + 6 {
        unit = unit << 4 | (hexValue(text[place]) ?? 0)
    }
    return unit
}
