// SPDX-License-Identifier: MIT

import CYAML

/// Makes a tree of one YAML document; nothing in it can grow beyond its input.
///
/// Anchors, aliases, tags and further documents are refused: a settings file has no use for them, and
/// aliases let a few lines stand for gigabytes.
@safe struct YAML: ~Copyable {
    /// Lists and mappings within each other.
    static let depth = 16

    private let origin: String
    private let parser: UnsafeMutablePointer<cyaml>
    private var complaints: [Complaint] = []

    private init?(_ bytes: [UInt8], origin: String) {
        let opened = unsafe bytes.withUnsafeBufferPointer { unsafe cyaml_open($0.baseAddress, $0.count) }
        guard let parser = unsafe opened else { return nil }
        unsafe self.parser = parser
        self.origin = origin
    }

    deinit { unsafe cyaml_close(parser) }

    /// Reads a document; an empty one is nothing.
    ///
    /// Appends a complaint for each repeated key. Nil, with a complaint more: not YAML, or more of it than is
    /// read here.
    static func tree(_ bytes: [UInt8], origin: String, complaints: inout [Complaint]) -> Node? {
        let start = Place(origin: origin, line: 1, column: 1)
        guard var yaml = YAML(Reference.shield(bytes), origin: origin) else {
            complaints.append(Complaint(start, "no memory to read it"))
            return nil
        }
        defer { complaints += yaml.complaints }
        do throws(Complaint) {
            return try yaml.document() ?? Node(place: start, content: .nothing)
        } catch {
            yaml.complaints.append(error)
            return nil
        }
    }

    private mutating func document() throws(Complaint) -> Node? {
        guard try next().kind == CYAML_DOCUMENT else { return nil }
        let node = try value(next(), within: 0)
        _ = try next()
        let after = try next()
        guard after.kind == CYAML_END else {
            throw Complaint(after.place, "expected one document, found another")
        }
        return node
    }

    private mutating func value(_ step: Step, within depth: Int) throws(Complaint) -> Node {
        guard !step.isAdorned else {
            throw Complaint(step.place, "anchors, aliases and tags are not used here: write the value itself")
        }
        guard depth < Self.depth else { throw Complaint(step.place, "nested too deeply") }
        switch step.kind {
        case CYAML_LIST: return Node(place: step.place, content: .list(try items(within: depth + 1)))
        case CYAML_MAP: return .members(try members(within: depth + 1), at: step.place)
        default: return Node(place: step.place, content: step.isNothing ? .nothing : .text(step.text))
        }
    }

    private mutating func items(within depth: Int) throws(Complaint) -> [Node] {
        var items: [Node] = []
        while true {
            let step = try next()
            if step.kind == CYAML_CLOSE { return items }
            items.append(try value(step, within: depth))
        }
    }

    private mutating func members(within depth: Int) throws(Complaint) -> [Member] {
        var members: [Member] = []
        var lines: [String: Int] = [:]
        while true {
            let step = try next()
            if step.kind == CYAML_CLOSE { return members }
            guard step.kind == CYAML_SCALAR, !step.isAdorned else {
                throw Complaint(step.place, "expected a key, a plain text")
            }
            let member = Member(key: step.text, place: step.place, value: try value(next(), within: depth))
            if let line = lines[member.key] {
                complaints.append(
                    Complaint(step.place, "key \(shown(member.key)) is there already, in line \(line)"))
            } else {
                lines[member.key] = step.place.line
                members.append(member)
            }
        }
    }

    private mutating func next() throws(Complaint) -> Step {
        let raw = unsafe cyaml_next(parser)
        let place = unsafe Place(origin: origin, line: raw.line, column: raw.column)
        let text = unsafe String(
            decoding: UnsafeRawBufferPointer(start: raw.text, count: raw.length), as: UTF8.self)
        guard unsafe raw.kind != CYAML_BAD else {
            let context = unsafe raw.context.map { unsafe ", " + String(cString: $0) } ?? ""
            let said = "\(text)\(context)"
            let hint = hints.first { said.contains($0.words) }.map { ": \($0.advice)" } ?? ""
            throw Complaint(place, "not YAML: \(said)\(hint)")
        }
        return unsafe Step(
            kind: raw.kind, place: place, text: Reference.unshield(text), isPlain: raw.plain != 0,
            isAdorned: raw.adorned != 0 || raw.kind == CYAML_ALIAS)
    }
}

/// What mostly lies behind libyaml's words.
private let hints = [
    (
        words: "cannot start any token",
        advice: "indent with spaces, not tabs; quote what begins with @, ` or %"
    ),
    (words: "while scanning an alias", advice: #"quote what begins with *, as in "*": main"#),
    (
        words: "mapping values are not allowed",
        advice: "look at the indentation, and quote a text that holds ': '"
    ),
]

/// A step of the parser, as Swift values.
private struct Step {
    let kind: cyaml_kind
    let place: Place
    let text: String
    let isPlain: Bool
    let isAdorned: Bool

    var isNothing: Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains(text) }
}
