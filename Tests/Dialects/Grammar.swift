// SPDX-License-Identifier: MIT

import Model

/// Checks `begin (open delta* close)* usage? end`, the grammar of a reply that does not fail.
struct Grammar {
    private enum State { case start, between, inside(Int), counted, ended, broken }

    private var state = State.start
    /// The text of all deltas.
    private(set) var text = ""
    private(set) var deltas: [String] = []
    private(set) var usage: Usage?

    var isComplete: Bool { if case .ended = state { true } else { false } }

    mutating func take(_ event: Event) {
        state = next(event)
        if case .usage(let usage) = event { self.usage = usage }
        guard case .delta(_, let more) = event else { return }
        text += more
        deltas.append(more)
    }

    private func next(_ event: Event) -> State {
        switch (state, event) {
        case (.start, .begin): .between
        case (.between, .open(let index)): .inside(index)
        case (.inside(let item), .delta(let index, _)) where item == index: .inside(item)
        case (.inside(let item), .close(let index)) where item == index: .between
        case (.between, .usage): .counted
        case (.between, .end), (.counted, .end): .ended
        default: .broken
        }
    }
}
