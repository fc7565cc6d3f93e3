// SPDX-License-Identifier: MIT

/// A key of a mapping: its name, what its value does to the thing read, and how the thing is written again.
///
/// A mapping is a table of these, from which unknown keys, suggestions, reading and `edgefilter check` all
/// come.
struct Keyword<Thing: Sendable>: Sendable {
    let name: String
    let read: @Sendable (Node, inout Thing, inout Reader) -> Void
    /// The value as YAML, a block if it begins with a newline; nil: left out.
    let write: @Sendable (Thing) -> String?

    init(
        _ name: String,
        read: @escaping @Sendable (Node, inout Thing, inout Reader) -> Void,
        write: @escaping @Sendable (Thing) -> String?
    ) {
        self.name = name
        self.read = read
        self.write = write
    }
}

extension Keyword {
    typealias Path<Value> = any WritableKeyPath<Thing, Value> & Sendable

    static func size(_ name: String, _ path: Path<Int>) -> Self {
        .init(name) { node, thing, reader in
            if let value = reader.size(node) { thing[keyPath: path] = value }
        } write: {
            Quantity.size.text($0[keyPath: path])
        }
    }

    static func time(_ name: String, _ path: Path<Milliseconds>) -> Self {
        .init(name) { node, thing, reader in
            if let value = reader.time(node) { thing[keyPath: path] = value }
        } write: {
            Quantity.time.text($0[keyPath: path])
        }
    }

    static func count(_ name: String, _ path: Path<Int>, _ range: ClosedRange<Int>) -> Self {
        .init(name) { node, thing, reader in
            if let value = reader.count(node, range) { thing[keyPath: path] = value }
        } write: {
            "\($0[keyPath: path])"
        }
    }

    static func flag(_ name: String, _ path: Path<Bool>) -> Self {
        .init(name) { node, thing, reader in
            if let value = reader.flag(node) { thing[keyPath: path] = value }
        } write: {
            "\($0[keyPath: path])"
        }
    }

    static func text(_ name: String, _ path: Path<String?>) -> Self {
        .init(name) { node, thing, reader in
            if let value = reader.text(node) { thing[keyPath: path] = value }
        } write: {
            $0[keyPath: path].map(scalar)
        }
    }

    static func texts(
        _ name: String, _ path: Path<[String]>, each: @escaping @Sendable (String) -> String? = { _ in nil }
    ) -> Self {
        .init(name) { node, thing, reader in
            if let value = reader.texts(node, each: each) { thing[keyPath: path] = value }
        } write: {
            list($0[keyPath: path])
        }
    }

    static func word<Word: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String, _ path: Path<Word>
    ) -> Self {
        .init(name) { node, thing, reader in
            if let value: Word = reader.word(node) { thing[keyPath: path] = value }
        } write: {
            scalar($0[keyPath: path].rawValue)
        }
    }

    /// A mapping of its own, with a table of its own.
    static func members<Part: Sendable>(_ name: String, _ path: Path<Part>, _ words: [Keyword<Part>]) -> Self
    {
        .init(name) { node, thing, reader in
            reader.read(node, into: &thing[keyPath: path], by: words)
        } write: { thing in
            flow(thing[keyPath: path], by: words)
        }
    }
}
