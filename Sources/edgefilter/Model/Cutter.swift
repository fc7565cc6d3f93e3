// SPDX-License-Identifier: MIT

/// Ends a reply at strings that its provider was not told of.
///
/// Looks at the text items alone, each for itself. What may be the beginning of a string waits for what
/// follows.
package struct Cutter: Sendable {
    private let stops: StopTree
    private var place = StopTree.root
    private var held: [UInt8] = []
    private var isInText = false
    /// Whether a string was met: the provider need not go on.
    package private(set) var isDone = false

    /// nil: there is nothing to cut at.
    package init?(_ stops: [String]) {
        let stops = stops.filter { !$0.isEmpty }.map { Array($0.utf8) }
        if stops.isEmpty { return nil }
        self.stops = StopTree(stops)
    }

    /// Appends what goes on of one step; after a string was met, nothing more.
    package mutating func take(_ event: Event, to events: inout [Event]) {
        guard !isDone else { return }
        switch event {
        case .open(let item):
            isInText = item == .text
            events.append(event)
        case .delta(.text(let text)) where isInText: take(text, to: &events)
        case .close, .failure:
            flush(to: &events)
            isInText = false
            events.append(event)
        default: events.append(event)
        }
    }

    private mutating func take(_ text: String, to events: inout [Event]) {
        for byte in text.utf8 {
            held.append(byte)
            place = stops.step(from: place, byte)
            guard let stop = stops.stop(at: place) else { continue }
            held.removeLast(stop.count)
            flush(to: &events)
            events += [
                .close, .end(Ending(.sequence, sequence: String(decoding: stop, as: UTF8.self))),
            ]
            isDone = true
            return
        }
        // What may be the beginning of a string waits.
        pass(held.count - stops.depth(of: place), to: &events)
    }

    private mutating func flush(to events: inout [Event]) {
        pass(held.count, to: &events)
        place = StopTree.root
    }

    private mutating func pass(_ count: Int, to events: inout [Event]) {
        guard count > 0 else { return }
        events.append(.delta(.text(String(decoding: held[..<count], as: UTF8.self))))
        held.removeFirst(count)
    }
}
