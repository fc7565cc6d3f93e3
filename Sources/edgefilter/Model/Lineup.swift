// SPDX-License-Identifier: MIT

/// Puts items that a provider sends at the same time one after the other, as the grammar of a reply wants it.
///
/// The item opened first goes on as it comes; others wait, with what came of them, until those before them
/// are closed. Order is that of opening, nothing is lost, and what waits is joined, so that many small pieces
/// cost their bytes alone.
package struct Lineup: Sendable {
    fileprivate struct Waiting: Sendable {
        let key: Int
        let item: Item
        var deltas: [Delta] = []
        /// The last of them, while it is text to which more may come.
        var text = ""
        var isClosed = false
    }

    /// The item that goes on as it comes.
    private var live: Int?
    private var waiting: [Waiting] = []

    package init() {}

    /// Whether no item is open.
    package var isEmpty: Bool { live == nil }

    /// Whether an item of this key is open.
    package func contains(_ key: Int) -> Bool { live == key || index(of: key) != nil }

    /// Whether this item goes on as it comes.
    package func isLive(_ key: Int) -> Bool { live == key }

    /// Opens an item under a key that no open item has.
    package mutating func open(_ key: Int, _ item: Item, to events: inout [Event]) {
        if live == nil {
            live = key
            events.append(.open(item))
        } else {
            waiting.append(Waiting(key: key, item: item))
        }
    }

    /// Adds to an open item; an empty text adds nothing.
    package mutating func add(_ delta: Delta, to key: Int, _ events: inout [Event]) {
        if case .text("") = delta { return }
        if live == key {
            events.append(.delta(delta))
        } else if let index = index(of: key), !waiting[index].isClosed {
            waiting[index].join(delta)
        }
    }

    /// Closes an item; those that wait behind it move up.
    package mutating func close(_ key: Int, to events: inout [Event]) {
        guard live == key else {
            if let index = index(of: key) { waiting[index].isClosed = true }
            return
        }
        events.append(.close)
        live = nil
        advance(to: &events)
    }

    /// Closes all items, in order.
    package mutating func closeAll(to events: inout [Event]) {
        for index in waiting.indices { waiting[index].isClosed = true }
        if let live { close(live, to: &events) }
    }

    private func index(of key: Int) -> Int? { waiting.lastIndex { $0.key == key } }

    private mutating func advance(to events: inout [Event]) {
        while !waiting.isEmpty {
            var next = waiting.removeFirst()
            next.settle()
            events.append(.open(next.item))
            events += next.deltas.map { .delta($0) }
            guard next.isClosed else {
                live = next.key
                return
            }
            events.append(.close)
        }
    }
}

extension Lineup.Waiting {
    fileprivate mutating func join(_ delta: Delta) {
        if case .text(let more) = delta {
            text += more
        } else {
            settle()
            deltas.append(delta)
        }
    }

    fileprivate mutating func settle() {
        if !text.isEmpty { deltas.append(.text(text)) }
        text = ""
    }
}
