// SPDX-License-Identifier: MIT

/// Turns nodes into values; whatever is wrong becomes a complaint and the value stays as it was.
struct Reader {
    let surroundings: Surroundings
    var complaints: [Complaint] = []
    var notices: [String] = []

    init(_ surroundings: Surroundings) {
        self.surroundings = surroundings
    }

    mutating func complain(_ place: Place, _ message: String) {
        complaints.append(Complaint(place, message))
    }

    /// Reads each member by its word of the table, in the order of the table.
    mutating func read<Thing>(_ node: Node, into thing: inout Thing, by words: [Keyword<Thing>]) {
        let members = members(node, known: words.map(\.name))
        for word in words {
            guard let member = members.first(where: { $0.key == word.name }) else { continue }
            word.read(member.value, &thing, &self)
        }
    }

    /// The members that are known; others are complained of, and nothing is as good as no members.
    mutating func members(_ node: Node, known: [String]) -> [Member] {
        members(node).filter { member in
            if known.contains(member.key) { return true }
            let hint = suggestion(for: member.key, among: known).map { "did you mean \(shown($0))?" }
            let choice = hint ?? "expected one of \(known.joined(separator: ", "))"
            complain(member.place, "unknown key \(shown(member.key)): \(choice)")
            return false
        }
    }

    /// All members, whatever their names.
    mutating func members(_ node: Node) -> [Member] {
        switch node.content {
        case .nothing: return []
        case .members(let members): return members
        default:
            complain(node.place, "expected a mapping, found \(node.kind)")
            return []
        }
    }

    mutating func text(_ node: Node, expected: String = "text") -> String? {
        guard case .text(let text) = node.content else {
            complain(node.place, "expected \(expected), found \(node.kind)")
            return nil
        }
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            complain(node.place, "expected \(expected) without control characters")
            return nil
        }
        return text
    }

    /// A list of texts, where `each` says what is wrong with one; nothing is as good as no list.
    mutating func texts(_ node: Node, each fault: (String) -> String? = { _ in nil }) -> [String]? {
        switch node.content {
        case .nothing: return nil
        case .list(let items):
            return items.compactMap { item in
                guard let text = text(item) else { return nil }
                guard let fault = fault(text) else { return text }
                complain(item.place, fault)
                return nil
            }
        default:
            complain(node.place, "expected a list such as [a, b], found \(node.kind)")
            return nil
        }
    }

    /// A text that `convert` takes; otherwise it says what was expected.
    private mutating func value<Value>(
        _ node: Node, _ expected: String, _ convert: (String) -> Value?
    ) -> Value? {
        guard let text = text(node, expected: expected) else { return nil }
        guard let value = convert(text) else {
            complain(node.place, "expected \(expected)")
            return nil
        }
        return value
    }

    /// A size in bytes, at least one.
    mutating func size(_ node: Node) -> Int? {
        value(node, "a size such as 32MiB (B KiB MiB GiB)") { text in
            Quantity.size.read(text).flatMap { $0 > 0 ? $0 : nil }
        }
    }

    mutating func time(_ node: Node) -> Milliseconds? {
        value(node, "a time such as 30s (ms s m h d)", Quantity.time.read)
    }

    mutating func count(_ node: Node, _ range: ClosedRange<Int>) -> Int? {
        value(node, "a number from \(range.lowerBound) to \(range.upperBound)") { text in
            decimal(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func flag(_ node: Node) -> Bool? {
        value(node, "true or false") { ["true": true, "false": false][$0] }
    }

    mutating func word<Word: RawRepresentable<String> & CaseIterable>(_ node: Node) -> Word? {
        let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
        return value(node, "one of \(words)", Word.init(rawValue:))
    }
}
