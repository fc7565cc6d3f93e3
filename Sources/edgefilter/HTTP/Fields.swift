// SPDX-License-Identifier: MIT

/// The fields of a head, in order, duplicates kept.
///
/// Names are looked up without regard to ASCII case.
package struct Fields: RandomAccessCollection, Equatable, Sendable, ExpressibleByDictionaryLiteral {
    private var list: [Field] = []
    /// Most heads have no more.
    private static let usual = 12

    /// No fields.
    package init() {}

    /// The fields in the order written; one that must not be written is left out.
    package init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { append(name, value) }
    }

    /// The place of the first field: 0.
    package var startIndex: Int { list.startIndex }
    /// The number of fields.
    package var endIndex: Int { list.endIndex }
    /// The field at a place.
    package subscript(position: Int) -> Field { list[position] }

    /// The value of the first field of that name, as text.
    package subscript(name: String) -> String? { first(name)?.value }

    /// The first field of that name.
    func first(_ name: String) -> Field? { list.first { isSame($0.name, name) } }

    /// Whether the first field of that name has exactly this value.
    ///
    /// No text is made for it.
    package func says(_ name: String, _ value: String) -> Bool {
        guard let raw = first(name)?.raw, raw.count == value.utf8.count else { return false }
        let value = value.utf8.span
        for index in value.indices where raw[index] != value[index] { return false }
        return true
    }

    /// The values of all fields of that name, in order, never merged.
    package func values(_ name: String) -> [String] {
        list.filter { isSame($0.name, name) }.map(\.value)
    }

    /// How many fields there are of that name.
    package func count(named name: String) -> Int { list.count { isSame($0.name, name) } }

    /// Whether there is a field of that name.
    package func contains(_ name: String) -> Bool {
        list.contains { isSame($0.name, name) }
    }

    /// The tokens of the comma list that all fields of that name make together (RFC 9110 §5.6.1), in lower
    /// case, without blanks and without empty ones.
    package func list(_ name: String) -> [String] {
        contains(name) ? elements(name).filter { !$0.isEmpty } : []
    }

    /// The same with the empty elements, of which a field without a value is one.
    func elements(_ name: String) -> [String] {
        values(name).flatMap { value in
            value.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { part in
                let bytes = part.map(\.lowered)
                return bytes.span.string(bytes.span.trimmed(0..<bytes.count))
            }
        }
    }

    /// Adds a field at the end.
    package mutating func append(_ field: Field) {
        if list.isEmpty { list.reserveCapacity(Fields.usual) }
        list.append(field)
    }

    /// Adds a field at the end.
    ///
    /// False, and nothing added, when it must not be written (see `Field`).
    @discardableResult
    package mutating func append(_ name: String, _ value: String) -> Bool {
        append(name, raw: Array(value.utf8))
    }

    /// The same for a value that is no text yet.
    @discardableResult
    package mutating func append(_ name: String, raw: [UInt8]) -> Bool {
        guard let field = Field(name, raw: raw) else { return false }
        append(field)
        return true
    }

    /// Removes all fields of that name.
    package mutating func remove(_ name: String) {
        list.removeAll { isSame($0.name, name) }
    }

    /// Puts one field in the place of all of that name; at the end when there was none.
    ///
    /// False, and nothing changed, when it must not be written.
    @discardableResult
    package mutating func replace(_ name: String, _ value: String) -> Bool {
        guard let field = Field(name, value) else { return false }
        let place = list.firstIndex { isSame($0.name, name) } ?? list.endIndex
        remove(name)
        list.insert(field, at: place)
        return true
    }

    /// Those that concern one connection only whatever Connection says, in lower case.
    package static let hopByHop: Set = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te",
        "trailer", "transfer-encoding", "upgrade",
    ]
}
