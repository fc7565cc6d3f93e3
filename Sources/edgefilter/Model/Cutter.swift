// SPDX-License-Identifier: MIT

/// Ends a reply at strings that its provider was not told of.
///
/// Looks at the text items alone, each for itself. What may be the beginning of a string waits for what follows.
package struct Cutter: Sendable {
    private let stops: [[UInt8]]
    private var held: [UInt8] = []
    private var isInText = false
    /// Whether a string was met: the provider need not go on.
    package private(set) var isDone = false

    /// nil: there is nothing to cut at.
    package init?(_ stops: [String]) {
        self.stops = stops.filter { !$0.isEmpty }.map { Array($0.utf8) }
        if self.stops.isEmpty { return nil }
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
        held.append(contentsOf: text.utf8)
        if let (place, stop) = firstMatch() {
            held.removeSubrange(place...)
            flush(to: &events)
            events += [
                .close, .end(Ending(.sequence, sequence: String(decoding: stop, as: UTF8.self))),
            ]
            isDone = true
            return
        }
        pass(held.count - openEnd(), to: &events)
    }

    /// The first place where a string stands, and the string; of several there the first given.
    private func firstMatch() -> (Int, [UInt8])? {
        for place in held.indices {
            for stop in stops where held[place...].starts(with: stop) { return (place, stop) }
        }
        return nil
    }

    /// How many bytes at the end may be the beginning of a string.
    private func openEnd() -> Int {
        let longest = min(held.count, (stops.map(\.count).max() ?? 1) - 1)
        guard longest > 0 else { return 0 }
        return (1...longest).last { count in
            stops.contains { $0.count > count && $0.starts(with: held.suffix(count)) }
        } ?? 0
    }

    private mutating func flush(to events: inout [Event]) { pass(held.count, to: &events) }

    private mutating func pass(_ count: Int, to events: inout [Event]) {
        guard count > 0 else { return }
        events.append(.delta(.text(String(decoding: held[..<count], as: UTF8.self))))
        held.removeFirst(count)
    }
}
