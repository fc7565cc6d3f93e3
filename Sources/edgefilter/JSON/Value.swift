// SPDX-License-Identifier: MIT

/// A value in a document, which it keeps alive; cheap to copy.
package struct Value: Sendable {
    let document: Document
    let index: Int

    private var node: Tape.Node { document.nodes[index] }

    /// What it is.
    package var kind: Kind { node.kind }

    /// Where it begins in the document, in bytes.
    package var offset: Int { Int(node.start) }

    /// Its source text, byte for byte, without the space around it.
    package var verbatim: ArraySlice<UInt8> { document.text(of: index) }

    /// Whether it is `null`.
    package var isNull: Bool { kind == .null }

    /// Its truth, if it is `true` or `false`.
    package var bool: Bool? {
        kind == .bool ? verbatim.first == UInt8(ascii: "t") : nil
    }

    /// Its source text, if it is a number: no digit is lost.
    package var number: String? {
        kind == .number ? String(decoding: verbatim, as: UTF8.self) : nil
    }

    /// Its integer, if it is an integral number that fits; `1e3` and `1000.0` are `1000`.
    package var int: Int? {
        kind == .number ? Int(json: verbatim) : nil
    }

    /// The nearest double, if it is a number and that is finite.
    package var double: Double? {
        number.flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
    }

    /// What it means, if it is a string; an escaped lone surrogate becomes U+FFFD.
    package var string: String? {
        kind == .string ? document.string(of: index) : nil
    }

    /// Its elements in order; none if it is not an array.
    package var elements: Elements {
        Elements(document: document, at: index + 1, end: kind == .array ? next : 0)
    }

    /// Its members, if it is an object.
    package var object: Object? {
        kind == .object ? Object(document: document, first: index + 1, end: next) : nil
    }

    /// The value of the last member called `name`; nil if there is none or this is no object.
    package subscript(_ name: String) -> Value? { object?[name] }

    /// The index after the value and all within it.
    var next: Int { Int(node.next) }
}

/// An array's elements in order.
package struct Elements: Sequence, IteratorProtocol, Sendable {
    private let document: Document
    private var at: Int
    private let end: Int

    init(document: Document, at: Int, end: Int) {
        self.document = document
        self.at = at
        self.end = end
    }

    /// The next element; nil after the last.
    package mutating func next() -> Value? {
        guard at < end else { return nil }
        let value = Value(document: document, index: at)
        at = value.next
        return value
    }
}
