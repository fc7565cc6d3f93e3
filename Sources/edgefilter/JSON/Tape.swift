// SPDX-License-Identifier: MIT

/// A document's values and names in the order of the text, without pointers.
///
/// An array's elements and an object's names and values, in turns, follow it up to its `next`.
struct Tape: Sink {
    struct Node {
        let kind: Kind
        var hasEscapes = false
        /// The source text, as byte offsets, with quotes and brackets.
        let start: UInt32
        var end: UInt32 = 0
        /// The index after the node and all within it; while it is open, that of the node it is in.
        var next: UInt32
    }

    private(set) var nodes: [Node] = []
    /// The index of the innermost open array or object; meaningless outside of all.
    private var innermost: UInt32 = 0

    /// Awaits a text of `size` bytes.
    init(size: Int) {
        nodes.reserveCapacity(min(size / 8 + 1, 4096))
    }

    mutating func open(_ kind: Kind, at offset: Int) {
        nodes.append(Node(kind: kind, start: UInt32(truncatingIfNeeded: offset), next: innermost))
        innermost = UInt32(truncatingIfNeeded: nodes.count - 1)
    }

    mutating func close(at end: Int) {
        let index = Int(innermost)
        innermost = nodes[index].next
        nodes[index].end = UInt32(truncatingIfNeeded: end)
        nodes[index].next = UInt32(truncatingIfNeeded: nodes.count)
    }

    mutating func begin(_ token: Token) {}

    mutating func text(_ part: Span<UInt8>) {}

    mutating func end(_ token: Token, at end: Int) {
        nodes.append(
            Node(
                kind: token.kind,
                hasEscapes: token.hasEscapes,
                start: UInt32(truncatingIfNeeded: token.start),
                end: UInt32(truncatingIfNeeded: end),
                next: UInt32(truncatingIfNeeded: nodes.count + 1)))
    }
}
