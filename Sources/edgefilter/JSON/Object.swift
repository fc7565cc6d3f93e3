// SPDX-License-Identifier: MIT

/// An object's members, to be taken by name; what is left is handed back, never dropped.
///
/// Names are compared as they mean (`"mod\u0065l"` is `model`) and byte for byte. Of several members with
/// one name the last counts.
package struct Object: Sendable {
    private let document: Document
    private let first: Int
    private let end: Int
    private var taken: [String] = []

    init(document: Document, first: Int, end: Int) {
        self.document = document
        self.first = first
        self.end = end
    }

    /// All members in order, with twins, taken or not.
    package var members: Members { Members(document: document, at: first, end: end) }

    /// The value of the last member called `name`, taken or not.
    package subscript(_ name: String) -> Value? {
        var last: Value?
        for member in members where member.isNamed(name) { last = member.value }
        return last
    }

    /// The value of the last member called `name`, which is taken out, with its earlier twins.
    ///
    /// - Returns: nil if there is none, or it was taken before.
    package mutating func take(_ name: String) -> Value? {
        guard !taken.contains(where: { $0.utf8.elementsEqual(name.utf8) }), let value = self[name]
        else { return nil }
        taken.append(name)
        return value
    }

    /// The members nobody took, in order, with twins.
    package var rest: [Member] {
        members.filter { member in !taken.contains { member.isNamed($0) } }
    }
}

/// A name and its value in an object.
package struct Member: Sendable {
    /// The value.
    package let value: Value

    // On the tape a name stands just before its value.
    private var nameIndex: Int { value.index - 1 }

    /// What its name means.
    package var name: String { value.document.string(of: nameIndex) }

    /// Its name's source text, with quotes.
    package var verbatimName: ArraySlice<UInt8> { value.document.text(of: nameIndex) }

    /// Whether its name means `name`, byte for byte.
    package func isNamed(_ name: String) -> Bool { value.document.isName(nameIndex, name) }
}

/// An object's members in order.
package struct Members: Sequence, IteratorProtocol, Sendable {
    private let document: Document
    private var at: Int
    private let end: Int

    init(document: Document, at: Int, end: Int) {
        self.document = document
        self.at = at
        self.end = end
    }

    /// The next member; nil after the last.
    package mutating func next() -> Member? {
        guard at < end else { return nil }
        let value = Value(document: document, index: at + 1)
        at = value.next
        return Member(value: value)
    }
}
