// SPDX-License-Identifier: MIT

import Model

/// Words of a stream that repeats itself: what came last, and what of it went on.
struct Repetition {
    private var text = Repeated()
    private var thoughts = Repeated()

    private struct Repeated {
        var growth = Growth()
        var latest = ""
    }

    fileprivate mutating func news(_ kind: Item, _ text: String) -> String {
        if kind == .reasoning {
            thoughts.latest = text
            return thoughts.growth.news(text)
        }
        self.text.latest = text
        return self.text.growth.news(text)
    }

    fileprivate mutating func rest(of kind: Item) -> String {
        kind == .reasoning
            ? thoughts.growth.news(thoughts.latest, isLast: true)
            : text.growth.news(text.latest, isLast: true)
    }
}

extension AnswerReader {
    /// Words of a kind, of which those that came before are no news where the stream repeats itself; words of
    /// another kind end before.
    mutating func say(_ kind: Item, _ text: String, to events: inout [Event]) {
        guard !text.isEmpty else { return }
        tell(kind, isCumulative ? repeated.news(kind, text) : text, to: &events)
    }

    /// What of repeated words waited for more.
    mutating func sayRest(of kind: Item, to events: inout [Event]) {
        if isCumulative { tell(kind, repeated.rest(of: kind), to: &events) }
    }

    private mutating func tell(_ kind: Item, _ text: String, to events: inout [Event]) {
        guard !text.isEmpty else { return }
        composition.say(kind, text, to: &events)
        checkSize(to: &events)
    }
}
