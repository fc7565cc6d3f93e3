// SPDX-License-Identifier: MIT

import JSON

/// The entries of OpenRouter's `reasoning_details`, joined as they come: pieces of one entry have its type
/// and index.
/// https://openrouter.ai/docs/use-cases/reasoning-tokens
struct ReasoningDetails {
    fileprivate struct Entry {
        let type: String
        let index: Int?
        /// Its words, in pieces.
        var text = ""
        var textName: String?
        /// Its other members, the last of each name.
        var others: [(name: String, value: Value)] = []
    }

    fileprivate var entries: [Entry] = []

    var isEmpty: Bool { entries.isEmpty }

    /// The words of an entry.
    static func text(of entry: Value) -> String {
        for name in texts { if let text = entry[name]?.string { return text } }
        return ""
    }

    private static let texts = ["text", "summary", "thinking"]

    mutating func take(_ value: Value) {
        let type = value["type"]?.string ?? ""
        let index = value["index"]?.int
        let place =
            entries.lastIndex { $0.type == type && $0.index == index && index != nil && $0.textName != nil }
            ?? entries.count
        if place == entries.count { entries.append(Entry(type: type, index: index)) }
        guard let object = value.object else { return }
        for member in object.members where !member.value.isNull { entries[place].take(member) }
        // An entry of a signature alone belongs to words, even if they do not come.
        if entries[place].textName == nil, type == "reasoning.text" { entries[place].textName = "text" }
    }

    func write(to writer: inout Writer) {
        writer.beginArray()
        for entry in entries {
            writer.beginObject()
            for (name, value) in entry.others { writer.member(name, value) }
            if let name = entry.textName, !entry.text.isEmpty { writer.member(name, entry.text) }
            writer.endObject()
        }
        writer.endArray()
    }
}

extension ReasoningDetails.Entry {
    fileprivate mutating func take(_ member: Member) {
        let name = member.name
        if name == "text" || name == "summary", let piece = member.value.string {
            text += piece
            textName = name
        } else if let place = others.firstIndex(where: { $0.name == name }) {
            others[place].value = member.value
        } else {
            others.append((name, member.value))
        }
    }
}
