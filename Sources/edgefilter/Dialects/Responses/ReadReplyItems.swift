// SPDX-License-Identifier: MIT

import JSON
import Model

// Where an event belongs.
extension AnswerReader {
    /// The index of an item that is announced.
    func newIndex(_ root: Value) -> Int { index(of: root) ?? topIndex + 1 }

    /// The place that an event names, if it is one.
    private func index(of root: Value) -> Int? {
        root["output_index"]?.int.flatMap { 0...AnswerReader.lastIndex ~= $0 ? $0 : nil }
    }

    /// The slot of an index; nil: none so far.
    private mutating func key(at index: Int) -> Int? {
        if lookedUp.index == index { return lookedUp.key }
        guard let key = places[index] else { return nil }
        lookedUp = (index, key)
        return key
    }

    /// The slot of an item that ends, where it was announced.
    private mutating func doneKey(_ root: Value) -> Int? {
        if let index = index(of: root) { return key(at: index) }
        if let id = root["item"]?["id"]?.string, let key = keys[id] { return key }
        return latest.flatMap { slots[$0].isDone ? nil : $0 }
    }

    /// The slot that words belong to; one that nothing announced is made now.
    mutating func key(of root: Value, _ words: EventMeaning.Words, _ events: inout [Event]) -> Int? {
        let known: Int?
        let index = index(of: root)
        if let index {
            known = key(at: index)
        } else if let id = root["item_id"]?.string, let key = keys[id] {
            known = key
        } else {
            known = latest
        }
        if let known { return slots[known].isDone ? nil : known }
        return append(Slot(kind: words.kind), at: index ?? topIndex + 1, &events)
    }

    /// A new slot; nil: there are too many, and the answer has failed.
    private mutating func append(_ slot: Slot, at index: Int, _ events: inout [Event]) -> Int? {
        guard slots.count < AnswerReader.mostItems else {
            fail(AnswerReader.tooLarge, &events)
            return nil
        }
        places[index] = slots.count
        topIndex = max(topIndex, index)
        slots.append(slot)
        return slots.count - 1
    }
}

// Whole items.
extension AnswerReader {
    /// The slot of an item, which is made if there is none.
    mutating func add(_ item: Value, at index: Int, _ events: inout [Event]) -> Int? {
        if let key = key(at: index) { return key }
        guard let key = append(Slot(kind: .foreign), at: index, &events) else { return nil }
        if let id = item["id"]?.string { keys[id] = key }
        latest = key
        switch item["type"]?.string {
        case Names.Kind.message?: slots[key].kind = .message
        case Names.Kind.reasoning?: slots[key].kind = .reasoning
        case Names.Kind.call?: addCall(item, key, isCustom: false, &events)
        case Names.Kind.customCall?: addCall(item, key, isCustom: true, &events)
        default: lose(.hostedCalls)
        }
        return key
    }

    mutating func finish(_ item: Value, _ root: Value, _ events: inout [Event]) {
        let known = doneKey(root)
        guard let key = known ?? add(item, at: newIndex(root), &events) else { return }
        finish(item, at: key, &events)
    }

    private mutating func finish(_ item: Value, at key: Int, _ events: inout [Event]) {
        guard !slots[key].isDone else { return }
        switch slots[key].kind {
        case .message: finishMessage(item, key, &events)
        case .reasoning: finishReasoning(item, key, &events)
        case .call(let isCustom), .unnamed(let isCustom): finishCall(item, key, isCustom: isCustom, &events)
        case .foreign: break
        }
        close(key, &events)
        slots[key].isDone = true
        slots[key].buffer = ""
    }

    private mutating func finishMessage(_ item: Value, _ key: Int, _ events: inout [Event]) {
        let isCited = slots[key].citations != 0
        var part = 0
        for content in item.list("content") {
            let words: EventMeaning.Words = content["type"]?.string == Names.Part.refusal ? .refusal : .text
            sayWhole(words, content, key, part, &events)
            if !isCited, slots[key].part == part {
                for annotation in content.list("annotations") {
                    cite(annotation, key, &events)
                }
            }
            part += 1
        }
    }

    private mutating func finishReasoning(_ item: Value, _ key: Int, _ events: inout [Event]) {
        if slots[key].said.isEmpty {
            let hasSummary = item.list("summary").contains { $0["text"]?.string?.isEmpty == false }
            let words: EventMeaning.Words = hasSummary ? .summary : .thought
            var part = 0
            for content in item.list(hasSummary ? "summary" : "content") {
                sayWhole(words, content, key, part, &events)
                part += 1
            }
        }
        guard let encrypted = item["encrypted_content"]?.string, !encrypted.isEmpty,
            !provider.has(.noSeals)
        else { return }
        let seal = seal(encrypted, item)
        if slots[key].open != nil {
            add(.seal(seal), key, &events)
        } else {
            open(key, .redacted(seal), &events)
        }
    }

    /// What this provider wants back, for the caller to carry.
    private func seal(_ encrypted: String, _ item: Value) -> String {
        if Seal.isOurs(encrypted) { return encrypted }
        var writer = Writer()
        writer.beginObject()
        if let id = item["id"]?.string { writer.member("id", id) }
        writer.member("encrypted_content", encrypted)
        writer.endObject()
        return Seal.make(upstream: provider.name, value: writer.bytes.span)
    }

    /// The response as it ends: items that never came, or never ended, are taken from it.
    ///
    /// An item is known by its place, if one of its kind came there, or by an id (T192).
    mutating func complete(_ output: Value?, _ events: inout [Event]) {
        var place = 0
        for item in output.map({ Array($0.elements) }) ?? [] {
            guard !isOver else { return }
            let known = known(item, place)
            guard let key = known ?? add(item, at: topIndex + 1, &events) else { return }
            finish(item, at: key, &events)
            place += 1
        }
        for key in slots.indices where !isOver && !slots[key].isDone {
            if case .unnamed(let isCustom) = slots[key].kind {
                finishCall(nil, key, isCustom: isCustom, &events)
                close(key, &events)
            }
        }
    }

    private mutating func known(_ item: Value, _ place: Int) -> Int? {
        if let key = key(at: place), slots[key].isOf(item["type"]?.string) { return key }
        if let id = item["id"]?.string, let key = keys[id] { return key }
        guard let callID = item["call_id"]?.string, !callID.isEmpty else { return nil }
        return slots.firstIndex { $0.callID == callID }
    }
}

extension Slot {
    /// Whether it is an item of that type.
    fileprivate func isOf(_ type: String?) -> Bool {
        switch kind {
        case .message: type == Names.Kind.message
        case .reasoning: type == Names.Kind.reasoning
        case .call(let isCustom), .unnamed(let isCustom):
            type == (isCustom ? Names.Kind.customCall : Names.Kind.call)
        case .foreign: Names.own.contains(type ?? "") == false
        }
    }
}

extension Names {
    /// Items that become items of a reply.
    static let own: Set<String> = [Kind.message, Kind.reasoning, Kind.call, Kind.customCall]
}

extension Value {
    /// The elements of a member; none if it is no array.
    fileprivate func list(_ name: String) -> [Value] { self[name].map { Array($0.elements) } ?? [] }
}
