// SPDX-License-Identifier: MIT

import JSON
import Model

/// The calls of an answer.
struct Calls {
    struct Call {
        var id = ""
        var name = ""
        /// What came before it was opened; where a stream repeats itself, what came last.
        var held = ""
        /// Whether what came is whole.
        var arguments = Arguments()
        /// Of its item; nil: it is not open yet.
        var key: Int?
        var isClosed = false
    }

    /// More calls than any answer has.
    static let limit = 1_024

    var all: [Call] = []
    /// Which of them an index, or a place in its array, leads to.
    private var places: [Int: Int] = [:]
    /// Ids of calls that were opened.
    var ids = Distinct()

    var hasStarted: Bool { ids.count > 0 }

    /// The place of the call that a piece belongs to; a new one where it begins one.
    mutating func place(_ index: Int, id: String) -> Int {
        if let known = places[index], !begins(id, after: all[known].id) { return known }
        all.append(Call())
        places[index] = all.count - 1
        return all.count - 1
    }

    /// Whether an id is another call's: one that grows is not.
    private func begins(_ id: String, after known: String) -> Bool {
        !id.isEmpty && !known.isEmpty && !id.hasPrefix(known)
    }
}

// A call becomes an item when both its id and its name are known; of a stream that repeats itself, at the
// end.
extension AnswerReader {
    mutating func take(_ value: Value, at place: Int, to events: inout [Event]) {
        guard value.object != nil else { return }
        let (id, function) = (value["id"]?.string ?? "", value["function"])
        let place = calls.place(value["index"]?.int ?? place, id: id)
        guard place < Calls.limit else { return fail(.hugeAnswer, to: &events) }
        if calls.all[place].id.isEmpty || isCumulative, !id.isEmpty { calls.all[place].id = id }
        let name = function?["name"]?.string ?? ""
        if calls.all[place].name.isEmpty || isCumulative, !name.isEmpty { calls.all[place].name = name }
        let text = function?["arguments"].map(\.words) ?? ""
        if isCumulative {
            if !text.isEmpty { calls.all[place].held = text }
        } else {
            add(text, at: place, to: &events)
        }
    }

    private mutating func add(_ text: String, at place: Int, to events: inout [Event]) {
        if openItems > 1 || calls.all[place].key == nil { hold(text, to: &events) }
        guard !isOver else { return }
        if !text.isEmpty { calls.all[place].arguments.feed(text) }
        if let key = calls.all[place].key {
            lineup.add(.text(text), to: key, &events)
        } else {
            calls.all[place].held += text
            if !calls.all[place].id.isEmpty, !calls.all[place].name.isEmpty { open(place, to: &events) }
        }
        if openItems > 1 { closeFinishedCalls(to: &events) }
    }

    private mutating func open(_ place: Int, to events: inout [Event]) {
        closeWords(to: &events)
        closeFinishedCalls(except: place, to: &events)
        var held = ""
        swap(&held, &calls.all[place].held)
        let key = nextKey()
        calls.all[place].key = key
        let id = calls.ids.name(calls.all[place].id)
        lineup.open(key, .call(id: id, name: calls.all[place].name, isCustom: false), to: &events)
        openItems += 1
        lineup.add(.text(held), to: key, &events)
    }

    /// Closes calls whose arguments are whole, since something else wants to go on.
    mutating func closeFinishedCalls(except place: Int? = nil, to events: inout [Event]) {
        guard openItems > 0 else { return }
        for index in calls.all.indices where index != place && !calls.all[index].isClosed {
            guard calls.all[index].arguments.isComplete, let key = calls.all[index].key else { continue }
            calls.all[index].isClosed = true
            openItems -= 1
            lineup.close(key, to: &events)
        }
    }

    /// Opens what waits, for an id that never came or for the end; calls without a name are none.
    mutating func finishCalls(to events: inout [Event]) {
        for place in calls.all.indices where calls.all[place].key == nil && !calls.all[place].name.isEmpty {
            if calls.all[place].id.isEmpty { calls.all[place].id = Names.callID(of: id, place) }
            if isCumulative { calls.all[place].arguments.feed(calls.all[place].held) }
            open(place, to: &events)
        }
    }
}

extension Value {
    /// A string's meaning, an object's text; nothing of others.
    fileprivate var words: String {
        if let string { return string }
        return kind == .object ? source : ""
    }
}
