// SPDX-License-Identifier: MIT

import JSON
import Model

// Where an event belongs.
extension ReplyItems {
    /// The slot of an item that is announced.
    func newKey(_ root: Value) -> Int {
        index(of: root) ?? (slots.keys.max() ?? -1) + 1
    }

    /// The place that an event names, if it is one.
    private func index(of root: Value) -> Int? {
        root["output_index"]?.int.flatMap { 0...ReplyItems.lastIndex ~= $0 ? $0 : nil }
    }

    /// The slot of an item that ends: one that was announced, else a new one.
    private func doneKey(_ root: Value) -> Int {
        if index(of: root) == nil {
            if let id = root["item"]?["id"]?.string, let key = keys[id] { return key }
            if let latest, slots[latest]?.isDone == false { return latest }
        }
        return newKey(root)
    }

    /// The slot that words belong to; one that nothing announced is made now.
    mutating func key(of root: Value, _ words: Step.Words) -> Int? {
        let key: Int
        if let index = index(of: root) {
            key = index
        } else if let id = root["item_id"]?.string, let known = keys[id] {
            key = known
        } else {
            key = latest ?? 0
        }
        if slots[key] == nil {
            guard slots.count < ReplyItems.mostItems else { return nil }
            slots[key] = Slot(kind: words.kind)
        }
        return slots[key]?.isDone == true ? nil : key
    }
}

// Whole items.
extension ReplyItems {
    mutating func add(_ item: Value, at key: Int, _ events: inout [Event]) {
        guard slots[key] == nil else { return }
        guard slots.count < ReplyItems.mostItems else { return fail(ReplyItems.tooLarge, &events) }
        if let id = item["id"]?.string { keys[id] = key }
        latest = key
        switch item["type"]?.string {
        case Names.Kind.message?: slots[key] = Slot(kind: .message)
        case Names.Kind.reasoning?: slots[key] = Slot(kind: .reasoning)
        case Names.Kind.call?: addCall(item, key, isCustom: false, &events)
        case Names.Kind.customCall?: addCall(item, key, isCustom: true, &events)
        default:
            slots[key] = Slot(kind: .foreign)
            lose(.hostedCalls)
        }
    }

    mutating func finish(_ item: Value, _ root: Value, _ events: inout [Event]) {
        let key = doneKey(root)
        add(item, at: key, &events)
        guard !isOver else { return }
        finish(item, at: key, &events)
    }

    private mutating func finish(_ item: Value, at key: Int, _ events: inout [Event]) {
        guard let slot = slots[key], !slot.isDone else { return }
        switch slot.kind {
        case .message: finishMessage(item, key, &events)
        case .reasoning: finishReasoning(item, key, &events)
        case .call(let isCustom), .unnamed(let isCustom): finishCall(item, key, isCustom: isCustom, &events)
        case .foreign: break
        }
        close(key, &events)
        slots[key]?.isDone = true
        slots[key]?.buffer = ""
    }

    private mutating func finishMessage(_ item: Value, _ key: Int, _ events: inout [Event]) {
        let isCited = slots[key]?.citations != 0
        var part = 0
        for content in item.list("content") {
            let words: Step.Words = content["type"]?.string == Names.Part.refusal ? .refusal : .text
            sayWhole(words, content, key, part, &events)
            if !isCited, slots[key]?.part == part {
                for annotation in content.list("annotations") {
                    cite(annotation, key, &events)
                }
            }
            part += 1
        }
    }

    private mutating func finishReasoning(_ item: Value, _ key: Int, _ events: inout [Event]) {
        if slots[key]?.said.isEmpty == true {
            let hasSummary = item.list("summary").contains { $0["text"]?.string?.isEmpty == false }
            let words: Step.Words = hasSummary ? .summary : .thought
            var part = 0
            for content in item.list(hasSummary ? "summary" : "content") {
                sayWhole(words, content, key, part, &events)
                part += 1
            }
        }
        guard let encrypted = item["encrypted_content"]?.string, !encrypted.isEmpty,
            !provider.has(Quirks.noSeals)
        else { return }
        let seal = seal(encrypted, item)
        if slots[key]?.open != nil {
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
            let key = known(item, place) ?? (slots.keys.max() ?? -1) + 1
            add(item, at: key, &events)
            finish(item, at: key, &events)
            place += 1
        }
        for key in slots.keys.sorted() where !isOver {
            if case .unnamed(let isCustom)? = slots[key]?.kind, slots[key]?.isDone == false {
                finishCall(nil, key, isCustom: isCustom, &events)
                close(key, &events)
            }
        }
    }

    private func known(_ item: Value, _ place: Int) -> Int? {
        if let slot = slots[place], slot.isOf(item["type"]?.string) { return place }
        if let id = item["id"]?.string, let key = keys[id] { return key }
        guard let callID = item["call_id"]?.string, !callID.isEmpty else { return nil }
        return slots.first { $0.value.callID == callID }?.key
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
