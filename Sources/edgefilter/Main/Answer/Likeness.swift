// SPDX-License-Identifier: MIT

import JSON

/// What is expected of the next event of a relayed stream: to be like the one before, but for texts and
/// numbers that nobody looks at.
///
/// Nearly all are.
struct Likeness {
    /// How often in a row the next event may be another until nothing is expected any more.
    private static let patience = 16
    /// A longer event is like no other.
    private static let limit = 4096

    private var shape: Shape?
    private var misses = 0
    /// How many bytes the name takes that is to be replaced.
    private(set) var replaced = 0

    /// Whether anything is expected.
    var isKnown: Bool { shape != nil }
    /// Whether it is worth while to learn what an event is like.
    var isAwaited: Bool { misses < Likeness.patience }

    /// The event at `start`, if it is like the one before.
    mutating func match(_ bytes: Span<UInt8>, at start: Int) -> Shape.Match? {
        guard let match = shape?.match(bytes, at: start) else { return nil }
        misses = 0
        return match
    }

    /// An event is read that is like none.
    mutating func forget() {
        if shape != nil { misses += 1 }
        shape = nil
    }

    /// The next one will be like this event, whose data stand on one line at `text`.
    ///
    /// `name`: what is to be replaced.
    mutating func learn(
        _ event: Span<UInt8>, text: Range<Int>, keeping kept: [Range<Int>], _ name: Range<Int>?
    ) {
        // Which LF belongs to a CR depends on what came before.
        guard event.count <= Likeness.limit, !event.indices.contains(where: { event[$0] == 0x0D }) else {
            return
        }
        replaced = name?.count ?? 0
        shape = Shape(of: event, text: text, keeping: kept, marking: name?.lowerBound ?? 0)
    }
}
