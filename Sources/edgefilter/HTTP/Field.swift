// SPDX-License-Identifier: MIT

/// A field of a head.
///
/// One that exists may be written: its name is a token, and its value holds no control character but HTAB
/// (and DEL, which some servers send).
package struct Field: Equatable, Sendable {
    /// The name, in the case it came in.
    package let name: String
    /// The value, byte for byte: RFC 9110 §5.5 allows bytes that are no UTF-8.
    package let raw: [UInt8]

    /// The value as text; what is not UTF-8 is replaced.
    package var value: String { String(decoding: raw, as: UTF8.self) }

    /// Nil when the field must not be written: a name that is no token, or a CR, LF, NUL or other control
    /// character in the value.
    package init?(_ name: String, _ value: String) {
        self.init(name, raw: Array(value.utf8))
    }

    /// The same for a value that may not be text.
    package init?(_ name: String, raw: [UInt8]) {
        guard !name.isEmpty, name.utf8.span.all(ByteSet.token.contains) else { return nil }
        guard raw.span.all({ $0 >= .space || $0 == .tab }) else { return nil }
        self.name = name
        self.raw = raw
    }

    /// A line of an answer's head as another library hands it over, with or without its line end.
    ///
    /// Nil for what is no field; blanks around the name are forgiven.
    package init?(line: Span<UInt8>) {
        var end = line.count
        while end > 0, line[end - 1] == .lf || line[end - 1] == .cr { end -= 1 }
        guard let colon = line.first(.colon), colon < end else { return nil }
        let value = line.array(line.trimmed(colon + 1..<end))
        self.init(line.string(line.trimmed(0..<colon)), raw: value)
    }

    /// field-line = field-name ":" OWS field-value OWS (RFC 9112 §5), and nothing else.
    init(strict line: Span<UInt8>) throws(BadHTTP) {
        guard line.isEmpty || !line[0].isBlank else { throw BadHTTP(.obsFold) }
        guard let colon = line.first(.colon) else { throw BadHTTP(.missingColon) }
        let name = line.extracting(0..<colon)
        guard !name.isEmpty, name.all(ByteSet.token.contains) else {
            throw BadHTTP(colon > 0 && line[colon - 1].isBlank ? .spaceBeforeColon : .badFieldName)
        }
        guard line.extracting(colon + 1..<line.count).all(\.isText) else { throw BadHTTP(.badFieldValue) }
        self.name = line.string(0..<colon)
        self.raw = line.array(line.trimmed(colon + 1..<line.count))
    }

    /// Whether this is its name, whatever the case.
    package func isNamed(_ name: String) -> Bool { isSame(self.name, name) }

    /// Appends `name: value` and a line end.
    package func write(to out: inout [UInt8]) {
        out.append(name)
        out.append(": ")
        out.append(contentsOf: raw)
        out.append("\r\n")
    }
}
