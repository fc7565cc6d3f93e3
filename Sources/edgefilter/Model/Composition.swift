// SPDX-License-Identifier: MIT

/// Makes the items of a reply of words and calls that a provider sends in pieces, without saying where
/// an item begins or ends.
///
/// Of words one item is open at most: words of another kind, and calls, end it. A call becomes an item when
/// its id and its name are known, and ends when its arguments are whole and something else wants to go on.
package struct Composition: Sendable {
    private var lineup = Lineup()
    private var keys = 0
    /// Items that are open, with those that wait.
    private var openItems = 0
    /// Bytes that wait for something, or are kept for the end.
    private var held = 0
    private var wordsKey: Int?
    private var ids = Distinct()

    /// The kind of the words that are open; nil: none are.
    package private(set) var words: Item?
    /// Whether any words came.
    package private(set) var hasSpoken = false
    /// The calls, in the order of their coming; whoever reads the provider adds them and names them.
    package var calls: [Call] = []

    /// As much may wait as a whole answer may have.
    private static let holdLimit = 32 << 20
    /// More calls than any answer has.
    package static let callLimit = 1_024

    /// A call of which pieces come.
    package struct Call: Sendable {
        /// The provider's name for it; empty: it has not come.
        package var id = ""
        /// The tool's; empty: it has not come.
        package var name = ""
        /// Whether its argument is a text and no JSON.
        package var isCustom = false
        /// What came before it was opened.
        package fileprivate(set) var held = ""
        /// Whether what came is whole.
        package fileprivate(set) var arguments = Arguments()
        fileprivate var key: Int?
        fileprivate var isClosed = false

        package init() {}

        /// Whether it is an item of the reply.
        package var isOpened: Bool { key != nil }
        /// Whether it has arguments, but no name, and so is none.
        package var isNameless: Bool { name.isEmpty && !arguments.isBlank }
        /// Whether nothing is missing of it.
        package var isWhole: Bool { isCustom || arguments.isComplete }
    }

    package init() {}

    /// Whether more waits than may: the answer fails.
    package var isTooLarge: Bool { held > Composition.holdLimit || calls.count > Composition.callLimit }
    /// Whether a call is an item of the reply.
    package var hasCalls: Bool { ids.count > 0 }

    /// Counts what is kept for the end: it would grow as long as the provider sends.
    package mutating func hold(_ text: String) { held += text.utf8.count }

    /// Ends words, and all that is open.
    package mutating func end(to events: inout [Event]) {
        endWords(to: &events)
        lineup.closeAll(to: &events)
    }

    private mutating func nextKey() -> Int {
        keys += 1
        openItems += 1
        return keys
    }
}

// Words.
extension Composition {
    /// Words of a kind, which are not empty; those of another kind end before.
    package mutating func say(_ kind: Item, _ text: String, to events: inout [Event]) {
        if words != kind { begin(kind, to: &events) }
        guard let wordsKey else { return }
        hasSpoken = true
        if openItems > 1 { hold(text) }
        if !isTooLarge { lineup.add(.text(text), to: wordsKey, &events) }
    }

    /// Begins an item of words, though none came.
    package mutating func begin(_ kind: Item, to events: inout [Event]) {
        endWords(to: &events)
        closeWholeCalls(to: &events)
        let key = nextKey()
        lineup.open(key, kind, to: &events)
        (words, wordsKey) = (kind, key)
    }

    /// Something that belongs to the words that are open; nothing happens where none are.
    package mutating func note(_ delta: Delta, to events: inout [Event]) {
        if let wordsKey { lineup.add(delta, to: wordsKey, &events) }
    }

    /// Ends the words that are open.
    package mutating func endWords(to events: inout [Event]) {
        guard let key = wordsKey else { return }
        lineup.close(key, to: &events)
        openItems -= 1
        (words, wordsKey) = (nil, nil)
    }
}

// Calls, each by its place among them.
extension Composition {
    /// Takes a piece of a call's arguments, perhaps empty, and opens the call when it can be: its id and name
    /// are known, and `mayOpen`.
    package mutating func take(
        _ text: String, ofCall place: Int, mayOpen: @autoclosure () -> Bool = true, to events: inout [Event]
    ) {
        if openItems > 1 || calls[place].key == nil { hold(text) }
        guard !isTooLarge else { return }
        if !text.isEmpty { calls[place].arguments.feed(text) }
        if let key = calls[place].key {
            lineup.add(.text(text), to: key, &events)
        } else {
            calls[place].held += text
            if !calls[place].id.isEmpty, !calls[place].name.isEmpty, mayOpen() { open(place, to: &events) }
        }
        if openItems > 1 { closeWholeCalls(to: &events) }
    }

    /// Opens a call, whose name and id are not empty, with what came of it; another call of that id gets
    /// another one.
    package mutating func open(_ place: Int, to events: inout [Event]) {
        endWords(to: &events)
        closeWholeCalls(except: place, to: &events)
        var held = ""
        swap(&held, &calls[place].held)
        let key = nextKey()
        calls[place].key = key
        let call = calls[place]
        lineup.open(
            key, .call(id: ids.name(call.id), name: call.name, isCustom: call.isCustom), to: &events)
        lineup.add(.text(held), to: key, &events)
    }

    /// A whole call that is none of those that come in pieces.
    package mutating func insert(_ call: ToolCall, to events: inout [Event]) {
        endWords(to: &events)
        let key = nextKey()
        lineup.open(
            key, .call(id: ids.name(call.id), name: call.name, isCustom: call.isCustom), to: &events)
        lineup.add(.text(call.arguments), to: key, &events)
        lineup.close(key, to: &events)
        openItems -= 1
    }

    /// Closes calls whose arguments are whole, since something else wants to go on.
    private mutating func closeWholeCalls(except place: Int? = nil, to events: inout [Event]) {
        guard openItems > 0 else { return }
        for index in calls.indices where index != place && !calls[index].isClosed {
            guard calls[index].isWhole, let key = calls[index].key else { continue }
            calls[index].isClosed = true
            openItems -= 1
            lineup.close(key, to: &events)
        }
    }
}
