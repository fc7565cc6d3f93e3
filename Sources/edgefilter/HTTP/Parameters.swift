// SPDX-License-Identifier: MIT

/// A field value with parameters, such as those of Content-Type and Content-Disposition.
///
/// ```
/// value = essence *( OWS ";" OWS [ token "=" ( token / quoted-string ) ] )      (RFC 9110 §5.6.6)
/// ```
package struct Parameters: Sendable {
    /// What comes before the first ";", in lower case: `multipart/form-data`.
    package let essence: String
    private var list: [(name: String, value: String)] = []

    /// Nil when the value does not follow the grammar, or names a parameter twice.
    package init?(_ value: String) {
        self.init(Array(value.utf8).span)
    }

    init?(_ bytes: Span<UInt8>) {
        var cursor = Cursor(bytes)
        let essence = cursor.take { $0 != UInt8(ascii: ";") }
        self.essence = bytes.string(bytes.trimmed(essence)).lowercased()
        while !cursor.isAtEnd {
            guard cursor.take(UInt8(ascii: ";")) else { return nil }
            cursor.skipBlanks()
            guard let name = cursor.token() else { continue }
            guard let value = cursor.parameterValue() else { return nil }
            let key = bytes.string(name).lowercased()
            guard self[key] == nil else { return nil }
            list.append((key, value))
            cursor.skipBlanks()
        }
    }

    /// The value of the parameter, without its quotes; names in lower case.
    package subscript(name: String) -> String? {
        list.first { $0.name == name }?.value
    }
}

extension Cursor {
    fileprivate mutating func parameterValue() -> String? {
        guard take(UInt8(ascii: "=")) else { return nil }
        if let quoted = quoted() { return String(decoding: quoted, as: UTF8.self) }
        return token().map { bytes.string($0) }
    }
}
