// SPDX-License-Identifier: MIT

/// A whole JSON text that was found well-formed, and where its values are in it.
///
/// Nothing is converted until asked for and nothing is lost: numbers stay text, names keep their order and
/// their twins, and each value can be copied out byte for byte.
package final class Document: Sendable {
    /// The text.
    package let bytes: [UInt8]
    let nodes: [Tape.Node]

    /// Reads `bytes`; throws if they are not one JSON text within `limits` (and below 4 GiB).
    package init(_ bytes: consuming [UInt8], limits: Limits = .standard) throws(Malformed) {
        guard bytes.count <= UInt32.max else { throw Malformed(.tooLarge, at: Int(UInt32.max)) }
        var tape = Tape(size: bytes.count)
        var scanner = Scanner(limits: limits)
        try Document.read(bytes.span, &scanner, into: &tape, limits)
        self.bytes = bytes
        nodes = tape.nodes
    }

    /// So many bytes are read before their values are counted.
    private static let piece = 64 << 10

    private static func read(
        _ text: Span<UInt8>, _ scanner: inout Scanner, into tape: inout Tape, _ limits: Limits
    ) throws(Malformed) {
        var at = 0
        while at < text.count {
            let end = min(at + piece, text.count)
            try scanner.feed(text.extracting(at..<end), into: &tape)
            guard tape.nodes.count <= limits.elements else { throw Malformed(.tooMany, at: at) }
            at = end
        }
        try scanner.finish(into: &tape)
    }

    /// Reads a copy of `bytes`; throws if they are not one JSON text within `limits`.
    package convenience init(copying bytes: Span<UInt8>, limits: Limits = .standard) throws(Malformed) {
        guard bytes.count <= limits.size else { throw Malformed(.tooLarge, at: limits.size) }
        try self.init([UInt8](copying: bytes), limits: limits)
    }

    /// The text's value.
    package var root: Value { Value(document: self, index: 0) }

    /// The source text of a node.
    func text(of index: Int) -> ArraySlice<UInt8> {
        bytes[Int(nodes[index].start)..<Int(nodes[index].end)]
    }

    /// What a string or name means.
    func string(of index: Int) -> String {
        let inside = text(of: index).dropFirst().dropLast()
        return nodes[index].hasEscapes
            ? unescaped(inside.span) : String(decoding: inside, as: UTF8.self)
    }

    /// Whether a name means `name`, byte for byte: JSON knows no canonical equivalence.
    func isName(_ index: Int, _ name: String) -> Bool {
        let node = nodes[index]
        let start = Int(node.start) + 1
        let end = Int(node.end) - 1
        if node.hasEscapes { return unescaped(bytes[start..<end].span).utf8.elementsEqual(name.utf8) }
        // Nearly all names differ in length or in a first byte: this is asked for each member of each event.
        let other = name.utf8.span
        guard end - start == other.count else { return false }
        for index in other.indices where other[index] != bytes[start + index] { return false }
        return true
    }
}
