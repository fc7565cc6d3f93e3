// SPDX-License-Identifier: MIT

/// A place in one line or field value, from which the small pieces of its grammar are taken.
struct Cursor: ~Escapable {
    let bytes: Span<UInt8>
    private(set) var index = 0

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { index == bytes.count }

    /// Takes the byte, if it is next.
    mutating func take(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    /// Takes bytes as long as they pass; the range may be empty.
    mutating func take(while passes: (UInt8) -> Bool) -> Range<Int> {
        let start = index
        while index < bytes.count, passes(bytes[index]) { index += 1 }
        return start..<index
    }

    // OWS = *( SP / HTAB )
    mutating func skipBlanks() {
        _ = take(while: \.isBlank)
    }

    // token = 1*tchar
    mutating func token() -> Range<Int>? {
        let range = take(while: ByteSet.token.contains)
        return range.isEmpty ? nil : range
    }

    // quoted-string = DQUOTE *( qdtext / "\" text ) DQUOTE, without quotes and backslashes.
    mutating func quoted() -> [UInt8]? {
        guard take(.quote) else { return nil }
        var value: [UInt8] = []
        while index < bytes.count, bytes[index].isText {
            if take(.quote) { return value }
            if take(UInt8(ascii: "\\")), index == bytes.count || !bytes[index].isText { return nil }
            value.append(bytes[index])
            index += 1
        }
        return nil
    }
}
