// SPDX-License-Identifier: MIT

import JSON
import Model

// The words of items.
extension AnswerReader {
    mutating func piece(
        _ step: EventMeaning, _ words: EventMeaning.Words, _ root: Value, _ key: Int, _ events: inout [Event]
    ) {
        let part = root[words.members.place]?.int ?? 0
        switch step {
        case .delta:
            guard let text = root["delta"]?.string else { return }
            say(text, words, key, part, &events)
            if words == .text, let logprobs = root["logprobs"] { note(logprobs, key, &events) }
        case .annotation:
            if let annotation = root["annotation"] { cite(annotation, key, &events) }
        default: sayWhole(words, root, key, part, &events)
        }
    }

    /// All words of a part, of which those that came before are no news.
    mutating func sayWhole(
        _ words: EventMeaning.Words, _ holder: Value, _ key: Int, _ part: Int, _ events: inout [Event]
    ) {
        guard let text = holder[words.members.whole]?.string else { return }
        if let said = slots[key].said[part] {
            // Some leave out pieces, and tell all at the end.
            if words.isSaidOnce, let rest = said.rest(of: text) { say(rest, words, key, part, &events) }
            return
        }
        say(text, words, key, part, &events)
        if words == .text, let logprobs = holder["logprobs"] { note(logprobs, key, &events) }
    }

    private mutating func say(
        _ text: String, _ words: EventMeaning.Words, _ key: Int, _ part: Int, _ events: inout [Event]
    ) {
        guard !text.isEmpty else { return }
        let kind = slots[key].kind
        switch (kind, words) {
        case (.message, .text), (.message, .refusal): sayMessage(text, words, key, part, &events)
        case (.reasoning, .summary), (.reasoning, .thought): think(text, words, key, part, &events)
        case (.call, .arguments), (.call, .input): add(.text(text), key, &events)
        case (.unnamed, .arguments), (.unnamed, .input):
            hold(text.utf8.count, &events)
            slots[key].buffer += text
        default: return
        }
        slots[key].said[part, default: Said()].add(text)
        if slots[key].said.count > AnswerReader.mostItems {
            fail(AnswerReader.tooLarge, &events)
        }
    }

    private mutating func sayMessage(
        _ text: String, _ words: EventMeaning.Words, _ key: Int, _ part: Int, _ events: inout [Event]
    ) {
        if slots[key].open == nil || slots[key].part != part || slots[key].words != words {
            open(key, words == .refusal ? .refusal : .text, &events)
            slots[key].words = words
            slots[key].part = part
        }
        if words == .refusal { hasRefusal = true }
        add(.text(text), key, &events)
    }

    /// Of a summary and the thoughts themselves the one that came first goes on, not both (T144).
    private mutating func think(
        _ text: String, _ words: EventMeaning.Words, _ key: Int, _ part: Int, _ events: inout [Event]
    ) {
        if slots[key].open == nil {
            open(key, .reasoning, &events)
            slots[key].words = words
            slots[key].part = part
        }
        guard slots[key].words == words else { return }
        if slots[key].part != part {
            slots[key].part = part
            add(.text(Names.thoughtJoint), key, &events)
        }
        add(.text(text), key, &events)
    }

    mutating func cite(_ annotation: Value, _ key: Int, _ events: inout [Event]) {
        guard annotation["type"]?.string == "url_citation", let url = annotation["url"]?.string else {
            return lose(.citations)
        }
        guard slots[key].open != nil, slots[key].words == .text else { return }
        slots[key].citations += 1
        add(.citation(Citation(url: url, title: annotation["title"]?.string ?? "")), key, &events)
    }

    private mutating func note(_ logprobs: Value, _ key: Int, _ events: inout [Event]) {
        guard wantsLogprobs, slots[key].open != nil, !logprobs.elements.isEmpty else { return }
        let elements = logprobs.elements.map(\.source)
        add(.logprobs(elements.joined(separator: ",")), key, &events)
    }
}

// Calls.
extension AnswerReader {
    mutating func addCall(_ item: Value, _ key: Int, isCustom: Bool, _ events: inout [Event]) {
        slots[key].kind = .unnamed(isCustom: isCustom)
        slots[key].callID = item["call_id"]?.string ?? ""
        let name = name(of: item)
        guard !name.isEmpty, !Wrapped.isMeant(name, declared) else { return }
        openCall(item, key, name, isCustom: isCustom, &events)
        slots[key].kind = .call(isCustom: isCustom)
    }

    private mutating func openCall(
        _ item: Value?, _ key: Int, _ name: String, isCustom: Bool, _ events: inout [Event]
    ) {
        hasCall = true
        open(key, .call(id: uniqueID(item, key), name: name, isCustom: isCustom), &events)
    }

    /// The id by which its result is told, or one made up.
    private mutating func uniqueID(_ item: Value?, _ key: Int) -> String {
        let given = [item?["call_id"]?.string, slots[key].callID, item?["id"]?.string]
        let id = given.compactMap { $0 }.first { !$0.isEmpty } ?? "call_\(key)"
        return callIDs.name(id)
    }

    /// The tool that a call names; of a namespace's the name that it has in the request.
    private func name(of item: Value?) -> String {
        let name = item?["name"]?.string ?? ""
        guard !name.isEmpty, let space = item?["namespace"]?.string, !space.isEmpty else { return name }
        return flatNames[Names.flatKey(space, name)] ?? Names.flat(space, name)
    }

    mutating func finishCall(_ item: Value?, _ key: Int, isCustom: Bool, _ events: inout [Event]) {
        if let item {
            sayWhole(isCustom ? .input : .arguments, item, key, 0, &events)
        }
        guard case .unnamed = slots[key].kind else { return }
        let text = slots[key].buffer
        let name = name(of: item)
        // A call whose name never came is none.
        guard !name.isEmpty else { return lose(.tools) }
        if Wrapped.isMeant(name, declared), unwrap(text, item, key, &events) { return }
        openCall(item, key, name, isCustom: isCustom, &events)
        add(.text(text), key, &events)
    }

    /// Opens the calls that one call stands for; false: it is not of that form.
    private mutating func unwrap(
        _ text: String, _ item: Value?, _ key: Int, _ events: inout [Event]
    ) -> Bool {
        guard let calls = Wrapped.calls(in: text, declared) else { return false }
        hasCall = true
        let id = uniqueID(item, key)
        for (index, call) in calls.enumerated() {
            let inner = callIDs.name("\(id)_\(index)")
            open(key, .call(id: inner, name: call.name, isCustom: false), &events)
            add(.text(call.arguments), key, &events)
            close(key, &events)
        }
        return true
    }
}
