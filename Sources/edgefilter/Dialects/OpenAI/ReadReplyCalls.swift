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
        let place = calls.place(of: piece, in: &composition)
        guard place < Composition.callLimit else {
            fail(.hugeAnswer, to: &events)
            return nil
        }
        if composition.calls[place].id.isEmpty { composition.calls[place].id = piece.id }
        if composition.calls[place].name.isEmpty { composition.calls[place].name = piece.name }
        if piece.isCustom { composition.calls[place].isCustom = true }
        if let signature { seal(signature, to: &events) }
        add(piece.text, at: place, to: &events)
        return place
    }

    /// What is new in a piece.
    private mutating func news(_ text: String, at place: Int) -> String {
        guard calls.isCumulative else { return text }
        let total = calls.totals[place]
        calls.totals[place] = text
        return text.utf8.starts(with: total.utf8)
            ? String(decoding: text.utf8.dropFirst(total.utf8.count), as: UTF8.self) : text
    }

    mutating func add(_ text: String, at place: Int, to events: inout [Event]) {
        let news = news(text, at: place)
        let isReady = !composition.calls[place].isOpened && mayOpen(composition.calls[place])
        // Thoughts end with what their maker wants back.
        if isReady { endWords(to: &events) }
        composition.take(news, ofCall: place, mayOpen: isReady, to: &events)
        checkSize(to: &events)
    }

    private func mayOpen(_ call: Composition.Call) -> Bool {
        !call.id.isEmpty && !call.name.isEmpty && !isWrapper(call)
    }

    private func isWrapper(_ call: Composition.Call) -> Bool {
        Wrapped.isMeant(call.name, declared)
    }

    /// Opens what waits for an id that never came; calls without a name are none.
    mutating func finishCalls(of answer: String, to events: inout [Event]) {
        for place in composition.calls.indices {
            let call = composition.calls[place]
            if call.isNameless { lose(.tools) }
            guard !call.isOpened, !call.name.isEmpty else { continue }
            if call.id.isEmpty { composition.calls[place].id = Names.callID(of: answer, place) }
            endWords(to: &events)
            if isWrapper(call), unwrap(composition.calls[place], to: &events) { continue }
            composition.open(place, to: &events)
        }
    }

    /// Opens the calls that a model wrapped in one; false: it is something else.
    private mutating func unwrap(_ call: Composition.Call, to events: inout [Event]) -> Bool {
        guard let inner = Wrapped.calls(in: call.held, declared) else { return false }
        for (index, (name, arguments)) in inner.enumerated() {
            let one = ToolCall(id: "\(call.id)_\(index)", name: name, arguments: arguments)
            composition.insert(one, to: &events)
        }
        return true
    }
}
