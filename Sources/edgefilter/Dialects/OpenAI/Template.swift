// SPDX-License-Identifier: MIT

import JSON
import Model

/// A chunk of which only one string changes: nearly all chunks of a stream are alike but for their text.
///
///     chunk = before string after
///
/// A chunk that begins and ends as the one before it, with the inside of a JSON string between, means the same but
/// for that string; so it need not be read again.
struct Template {
    /// What the string is.
    enum Meaning: Equatable { case text, thoughts, arguments(place: Int) }

    let meaning: Meaning
    /// Up to the string's opening quote, and from its closing quote on.
    private let before: [UInt8]
    private let after: [UInt8]

    /// The chunk in which `string` was found; nil: it is not where it seems to be.
    init?(_ chunk: [UInt8], _ string: Value, _ meaning: Meaning) {
        let end = string.offset + string.verbatim.count - 1
        guard string.kind == .string, end < chunk.count, chunk[string.offset] == UInt8(ascii: "\""),
            chunk[end] == UInt8(ascii: "\"")
        else { return nil }
        self.meaning = meaning
        before = Array(chunk[...string.offset])
        after = Array(chunk[end...])
    }

    /// The string of a chunk that is alike; nil: it is not.
    func string(in data: [UInt8]) -> String? {
        let fixed = before.count + after.count
        guard data.count >= fixed, Template.isAlike(data, before, at: 0),
            Template.isAlike(data, after, at: data.count - after.count)
        else { return nil }
        let inside = data[before.count..<data.count - after.count]
        if inside.allSatisfy(Template.isPlain) { return String(decoding: inside, as: UTF8.self) }
        // What has escapes, or is no ASCII, is checked as JSON; a quote in it would make it another chunk.
        var text: [UInt8] = [UInt8(ascii: "\"")]
        text.append(contentsOf: inside)
        text.append(UInt8(ascii: "\""))
        return (try? Document(text))?.root.string
    }

    private static func isAlike(_ data: [UInt8], _ part: [UInt8], at start: Int) -> Bool {
        let data = data.span
        let part = part.span
        for index in 0..<part.count where data[start + index] != part[index] { return false }
        return true
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        0x20..<0x80 ~= byte && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}

/// What is expected of the next chunk.
struct Habit {
    /// How often in a row the next chunk may be another until nothing is expected any more.
    private static let patience = 8

    private var template: Template?
    private var misses = 0
    /// The one string of the chunk at hand, and whether the chunk has nothing beside it.
    var candidate: (string: Value, meaning: Template.Meaning)?
    var isSimple = true

    /// The string of a chunk that is like the one before it.
    mutating func string(in data: [UInt8]) -> (String, Template.Meaning)? {
        guard let text = template?.string(in: data), let meaning = template?.meaning else { return nil }
        misses = 0
        return (text, meaning)
    }

    /// A chunk is read that is like none.
    mutating func begin() {
        (candidate, isSimple) = (nil, true)
        if template != nil { misses += 1 }
        template = nil
    }

    /// It was read; the next one will be like it, if it brought one string and nothing else.
    mutating func learn(from data: [UInt8]) {
        if isSimple, misses < Habit.patience, let (string, meaning) = candidate {
            template = Template(data, string, meaning)
        }
        candidate = nil
    }
}
