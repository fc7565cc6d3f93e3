// SPDX-License-Identifier: MIT

/// Appends JSON to a buffer, with commas where they belong.
///
/// The caller opens and closes in pairs and names each member; this is not checked.
package struct Writer {
    /// What was given, and what was written since.
    package private(set) var bytes: [UInt8]
    private var needsComma = false

    /// Appends to `buffer`, whose capacity is used.
    package init(into buffer: consuming [UInt8] = []) {
        bytes = buffer
    }

    /// Gives the buffer back, with what was written.
    package consuming func buffer() -> [UInt8] { bytes }

    /// Forgets what was written, keeping the memory.
    package mutating func reset() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    /// Opens an object: its members follow.
    package mutating func beginObject() { open(UInt8(ascii: "{")) }

    /// Closes the object opened last.
    package mutating func endObject() { close(UInt8(ascii: "}")) }

    /// Opens an array: its elements follow.
    package mutating func beginArray() { open(UInt8(ascii: "[")) }

    /// Closes the array opened last.
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Writes a member's name: its value follows.
    package mutating func name(_ name: String) {
        string(name)
        colon()
    }

    /// Writes a name in which nothing is to be escaped: its value follows.
    package mutating func name(plain name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        colon()
    }

    /// Writes a string.
    package mutating func string(_ string: String) {
        separate()
        Writer.append(string, to: &bytes)
    }

    /// Writes a string of UTF-8; what is not becomes U+FFFD.
    package mutating func string(utf8: Span<UInt8>) {
        separate()
        if (try? UTF8Span(validating: utf8)) != nil {
            Writer.appendEscaped(utf8, to: &bytes)
        } else {
            let repaired = unsafe utf8.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
            Writer.append(repaired, to: &bytes)
        }
    }

    /// Writes an integer.
    package mutating func int(_ value: Int) {
        separate()
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let rest = value.magnitude
        var power: UInt = 1
        while rest / power >= 10 { power *= 10 }
        while power > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(rest / power % 10))
            power /= 10
        }
    }

    /// Writes a number by its text, which must be one by RFC 8259 §6.
    package mutating func number(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    /// Writes `true` or `false`.
    package mutating func bool(_ value: Bool) { number(value ? "true" : "false") }

    /// Writes `null`.
    package mutating func null() { number("null") }

    /// Writes a value by its source text, which must be one.
    package mutating func verbatim(_ text: Span<UInt8>) {
        separate()
        bytes.append(copying: text)
    }

    /// Writes a value of a document, byte for byte.
    package mutating func verbatim(_ value: Value) { verbatim(value.verbatim.span) }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func colon() {
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Puts a comma before what follows, unless it is the first.
    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }
}

extension Writer {
    /// Writes a member that is a string.
    package mutating func member(_ name: String, _ value: String) {
        self.name(name)
        string(value)
    }

    /// Writes a member that is an integer.
    package mutating func member(_ name: String, _ value: Int) {
        self.name(name)
        int(value)
    }

    /// Writes a member that is a string, by a name in which nothing is to be escaped.
    package mutating func member(plain name: StaticString, _ value: String) {
        self.name(plain: name)
        string(value)
    }

    /// Writes a member that is an integer, by a name in which nothing is to be escaped.
    package mutating func member(plain name: StaticString, _ value: Int) {
        self.name(plain: name)
        int(value)
    }

    /// Writes a member that is `true` or `false`.
    package mutating func member(_ name: String, _ value: Bool) {
        self.name(name)
        bool(value)
    }

    /// Writes a member whose value comes from a document, byte for byte.
    package mutating func member(_ name: String, _ value: Value) {
        self.name(name)
        verbatim(value)
    }

    /// Writes a member of a document, name and value byte for byte.
    package mutating func member(_ member: Member) {
        verbatim(member.verbatimName.span)
        colon()
        verbatim(member.value)
    }
}

extension Writer {
    /// Appends `string` as JSON, in quotes.
    package static func append(_ string: String, to bytes: inout [UInt8]) {
        appendEscaped(string.utf8.span, to: &bytes)
    }

    private static func appendEscaped(_ text: Span<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var at = 0
        while true {
            let end = text.endOfUnescaped(from: at)
            bytes.append(copying: text.extracting(at..<end))
            guard end < text.count else { break }
            appendEscape(of: text[end], to: &bytes)
            at = end + 1
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends the escape of a quote, a backslash or a control (RFC 8259 §7).
    private static func appendEscape(of byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case ..<0x20:
            bytes.append(contentsOf: ((byte < 0x10 ? "u000" : "u00") + String(byte, radix: 16)).utf8)
        default: bytes.append(byte)
        }
    }
}
