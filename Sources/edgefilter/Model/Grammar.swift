// SPDX-License-Identifier: MIT

/// Checks the order of a reply's events as they go by.
///
///     reply = begin item* usage? end | begin? item* failure
///     item  = open delta* close
package struct Grammar: Sendable {
    private enum State { case start, between, inside(Item), counted, over }

    private var state = State.start
    /// The first event that had no place, in words; nil: none so far.
    package private(set) var fault: String?

    package init() {}

    /// Whether the reply came to its end or to a failure, and every event had its place.
    package var isComplete: Bool {
        if case .over = state { fault == nil } else { false }
    }

    /// Takes the next event.
    package mutating func take(_ event: Event) {
        guard let next = next(event) else {
            fault = fault ?? "\(event) after \(state)"
            return
        }
        state = next
    }

    private func next(_ event: Event) -> State? {
        switch (state, event) {
        case (.over, _): nil
        case (_, .failure): .over
        case (.start, .begin), (.inside, .close): .between
        case (.between, .open(let item)): fits(item) ? .inside(item) : nil
        case (.inside(let item), .delta(let delta)): fits(delta, item) ? state : nil
        case (.between, .usage): .counted
        case (.between, .end), (.counted, .end): .over
        default: nil
        }
    }

    private func fits(_ item: Item) -> Bool {
        if case .call(let id, let name, _) = item { !id.isEmpty && !name.isEmpty } else { true }
    }

    private func fits(_ delta: Delta, _ item: Item) -> Bool {
        switch (item, delta) {
        case (.redacted, _): false
        case (_, .text(let text)): !text.isEmpty
        case (.reasoning, .seal), (.text, .citation), (.text, .logprobs): true
        default: false
        }
    }
}
