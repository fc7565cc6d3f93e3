// SPDX-License-Identifier: MIT

/// Strings as one automaton, so that a byte of text costs the same however many and however alike they are
/// (Aho and Corasick 1975).
///
/// The string that ends first is found; of those that end at one place the longest.
struct StopTree: Sendable {
    private struct Node: Sendable {
        let depth: Int
        let parent: Int
        let byte: UInt8
        /// Where the longest other beginning is that the text ends with.
        var fall = root
        /// The string that ends here.
        var stop: Int?
    }

    static let root = 0

    private let stops: [[UInt8]]
    private var nodes = [Node(depth: 0, parent: root, byte: 0)]
    /// Children, by their parent and byte.
    private var children: [Int: Int] = [:]

    /// None of them is empty.
    init(_ stops: [[UInt8]]) {
        self.stops = stops
        for index in stops.indices { add(index) }
        let order = nodes.indices.dropFirst().sorted { nodes[$0].depth < nodes[$1].depth }
        for index in order {
            let node = nodes[index]
            if node.depth > 1 { nodes[index].fall = step(from: nodes[node.parent].fall, node.byte) }
            if node.stop == nil { nodes[index].stop = nodes[nodes[index].fall].stop }
        }
    }

    private mutating func add(_ index: Int) {
        var at = StopTree.root
        for byte in stops[index] {
            let key = at << 8 | Int(byte)
            if let child = children[key] {
                at = child
            } else {
                nodes.append(Node(depth: nodes[at].depth + 1, parent: at, byte: byte))
                children[key] = nodes.count - 1
                at = nodes.count - 1
            }
        }
        nodes[at].stop = nodes[at].stop ?? index
    }

    /// Where the text is after one more byte.
    func step(from place: Int, _ byte: UInt8) -> Int {
        var at = place
        while true {
            if let child = children[at << 8 | Int(byte)] { return child }
            if at == StopTree.root { return at }
            at = nodes[at].fall
        }
    }

    /// The string that ends here; nil: none.
    func stop(at place: Int) -> [UInt8]? { nodes[place].stop.map { stops[$0] } }

    /// How many bytes at the end of the text may be the beginning of a string.
    func depth(of place: Int) -> Int { nodes[place].depth }
}
