// SPDX-License-Identifier: MIT

import JSON
import Model

/// Tells the calls of an answer apart.
struct Calls {
    /// Which of them an index, or a place in its array, leads to.
    private var places: [Int: Int] = [:]
    /// Of each call what came last of its arguments, where a stream repeats itself.
    var latest: [String] = []

    /// The place of the call that a piece belongs to; a new one where it begins one.
    mutating func place(_ index: Int, id: String, in composition: inout Composition) -> Int {
        if let known = places[index], !begins(id, after: composition.calls[known].id) { return known }
        composition.calls.append(Composition.Call())
        latest.append("")
        places[index] = latest.count - 1
        return latest.count - 1
    }

    /// Whether an id is another call's: one that grows is not.
    private func begins(_ id: String, after known: String) -> Bool {
        !id.isEmpty && !known.isEmpty && !id.hasPrefix(known)
    }
}

// Of a stream that repeats itself a call becomes an item at the end.
extension AnswerReader {
    mutating func take(_ value: Value, at place: Int, to events: inout [Event]) {
        guard value.object != nil else { return }
        let (id, function) = (value["id"]?.string ?? "", value["function"])
        let place = calls.place(value["index"]?.int ?? place, id: id, in: &composition)
        guard place < Composition.callLimit else { return fail(.hugeAnswer, to: &events) }
        if composition.calls[place].id.isEmpty || isCumulative, !id.isEmpty {
            composition.calls[place].id = id
        }
        let name = function?["name"]?.string ?? ""
        if composition.calls[place].name.isEmpty || isCumulative, !name.isEmpty {
            composition.calls[place].name = name
        }
        let text = function?["arguments"].map(\.words) ?? ""
        if isCumulative {
            if !text.isEmpty { calls.latest[place] = text }
        } else {
            composition.take(text, ofCall: place, to: &events)
            checkSize(to: &events)
        }
    }

    /// Opens what waits, for an id that never came or for the end; calls without a name are none.
    mutating func finishCalls(to events: inout [Event]) {
        for place in composition.calls.indices where !isOver {
            if composition.calls[place].isNameless { lose(.tools) }
            guard !composition.calls[place].name.isEmpty else { continue }
            if composition.calls[place].id.isEmpty {
                composition.calls[place].id = Names.callID(of: id, place)
            }
            if !composition.calls[place].isOpened {
                composition.take(calls.latest[place], ofCall: place, to: &events)
            }
            checkSize(to: &events)
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
