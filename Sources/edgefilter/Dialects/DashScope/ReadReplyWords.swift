// SPDX-License-Identifier: MIT

import Model

/// The item of words that is open, and of repeated words what went on.
struct Words {
    /// Its kind; nil: none is open.
    var kind: Item?
    var key: Int?
    /// Whether any words came.
    var hasSpoken = false
    /// What came last, and what of it is out.
    fileprivate var text = Repeated()
    fileprivate var thoughts = Repeated()

    fileprivate struct Repeated {
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
        tell(kind, isCumulative ? words.news(kind, text) : text, to: &events)
    }

    /// What of repeated words waited for more.
    mutating func sayRest(of kind: Item, to events: inout [Event]) {
        if isCumulative { tell(kind, words.rest(of: kind), to: &events) }
    }

    private mutating func tell(_ kind: Item, _ text: String, to events: inout [Event]) {
        guard !text.isEmpty else { return }
        if words.kind != kind { open(kind, to: &events) }
        guard let key = words.key else { return }
        words.hasSpoken = true
        if openItems > 1 { hold(text, to: &events) }
        if !isOver { lineup.add(.text(text), to: key, &events) }
    }

    private mutating func open(_ kind: Item, to events: inout [Event]) {
        closeWords(to: &events)
        closeFinishedCalls(to: &events)
        let key = nextKey()
        lineup.open(key, kind, to: &events)
        openItems += 1
        (words.kind, words.key) = (kind, key)
    }

    mutating func closeWords(to events: inout [Event]) {
        guard let key = words.key else { return }
        lineup.close(key, to: &events)
        openItems -= 1
        (words.kind, words.key) = (nil, nil)
    }
}
