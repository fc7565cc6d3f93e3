// SPDX-License-Identifier: MIT

import JSON
import Model

// Calls become items when both their id and their name are known, or at the end.
extension AnswerReader {
    /// `isOnly`: the chunk has nothing beside it.
    mutating func take(call value: Value, isOnly: Bool, to events: inout [Event]) {
        guard let piece = Piece(value, isWhole: isWhole) else { return }
        let signature = value["extra_content"]?["google"]?["thought_signature"]
        let place = take(piece, signature, to: &events)
        if isOnly, signature == nil, let place, let string = piece.string {
            habit.candidate = (string, .arguments(place: place))
        }
    }

    mutating func take(legacy value: Value, to events: inout [Event]) {
        take(Piece(legacy: value, isWhole: isWhole), nil, to: &events)
    }

    /// The place of the piece's call; nil: there are too many.
    @discardableResult
    private mutating func take(_ piece: Piece, _ signature: Value?, to events: inout [Event]) -> Int? {
        let place = calls.place(of: piece)
        guard place < Calls.limit else {
            fail(.hugeAnswer, to: &events)
            return nil
        }
        if calls.all[place].id.isEmpty { calls.all[place].id = piece.id }
        if calls.all[place].name.isEmpty { calls.all[place].name = piece.name }
        if piece.isCustom { calls.all[place].isCustom = true }
        if let signature { seal(signature, to: &events) }
        add(news(piece.text, at: place), at: place, to: &events)
        return place
    }

    /// What is new in a piece.
    mutating func news(_ text: String, at place: Int) -> String {
        guard calls.isCumulative else { return text }
        let total = calls.all[place].total
        calls.all[place].total = text
        return text.utf8.starts(with: total.utf8)
            ? String(decoding: text.utf8.dropFirst(total.utf8.count), as: UTF8.self) : text
    }

    mutating func add(_ text: String, at place: Int, to events: inout [Event]) {
        if openItems > 1 || calls.all[place].key == nil { hold(text, to: &events) }
        guard !isOver else { return }
        if !text.isEmpty { calls.all[place].arguments.feed(text) }
        if calls.all[place].key == nil {
            calls.all[place].held += text
            let call = calls.all[place]
            if !call.id.isEmpty, !call.name.isEmpty, !isWrapper(call) { open(place, to: &events) }
        } else if let key = calls.all[place].key {
            lineup.add(.text(text), to: key, &events)
        }
        if openItems > 1 { closeFinishedCalls(to: &events) }
    }

    private func isWrapper(_ call: Calls.Call) -> Bool {
        Wrapped.isMeant(call.name, declared)
    }

    private mutating func open(_ place: Int, to events: inout [Event]) {
        closeWords(to: &events)
        closeFinishedCalls(except: place, to: &events)
        var held = ""
        swap(&held, &calls.all[place].held)
        let key = nextKey()
        calls.all[place].key = key
        let call = calls.all[place]
        begin(to: &events)
        lineup.open(
            key, .call(id: calls.ids.name(call.id), name: call.name, isCustom: call.isCustom), to: &events)
        openItems += 1
        lineup.add(.text(held), to: key, &events)
    }

    /// Closes calls whose arguments are whole, since something else wants to go on.
    mutating func closeFinishedCalls(except place: Int? = nil, to events: inout [Event]) {
        guard openItems > 0 else { return }
        for index in calls.all.indices where index != place && !calls.all[index].isClosed {
            let isDone = calls.all[index].isCustom || calls.all[index].arguments.isComplete
            guard isDone, let key = calls.all[index].key else { continue }
            calls.all[index].isClosed = true
            openItems -= 1
            lineup.close(key, to: &events)
        }
    }

    /// Opens what waits for an id that never came; calls without a name are none.
    mutating func finishCalls(of answer: String, to events: inout [Event]) {
        for place in calls.all.indices where calls.all[place].key == nil && !calls.all[place].name.isEmpty {
            if calls.all[place].id.isEmpty { calls.all[place].id = Names.callID(of: answer, place) }
            if isWrapper(calls.all[place]), unwrap(place, to: &events) { continue }
            open(place, to: &events)
        }
    }

    /// Opens the calls that a model wrapped in one; false: it is something else.
    private mutating func unwrap(_ place: Int, to events: inout [Event]) -> Bool {
        let call = calls.all[place]
        guard let inner = Wrapped.calls(in: call.held, declared) else { return false }
        for (index, (name, arguments)) in inner.enumerated() {
            closeWords(to: &events)
            let key = nextKey()
            let id = calls.ids.name("\(call.id)_\(index)")
            lineup.open(key, .call(id: id, name: name, isCustom: false), to: &events)
            lineup.add(.text(arguments), to: key, &events)
            lineup.close(key, to: &events)
        }
        return true
    }
}
