// SPDX-License-Identifier: MIT

import JSON
import Model

/// A chunk of which only one string changes: nearly all chunks of a stream are alike but for their text.
///
///     chunk = before text middle [ padding after ]
///
/// A chunk with the same three pieces means the same but for its text, so it need not be read again. The text
/// ends at its closing quote, with which `middle` begins; the padding is OpenAI's `obfuscation`.
struct Template {
    /// What the text is.
    enum Meaning: Equatable { case text, thoughts, arguments(place: Int) }

    let meaning: Meaning
    private let before: [UInt8]
    private let middle: [UInt8]
    /// From the padding's closing quote on; nil: there is no padding.
    private var after: [UInt8]?

    /// The chunk in which `text` and `padding` were found; nil: they are not where they seem to be.
    init?(_ chunk: [UInt8], _ text: Value, padding: Value?, _ meaning: Meaning) {
        guard let inside = Template.inside(text, of: chunk) else { return nil }
        self.meaning = meaning
        before = Array(chunk[..<inside.lowerBound])
        guard let padding = padding.flatMap({ Template.inside($0, of: chunk) }) else {
            middle = Array(chunk[inside.upperBound...])
            return
        }
        guard padding.lowerBound > inside.upperBound else { return nil }
        middle = Array(chunk[inside.upperBound..<padding.lowerBound])
        after = Array(chunk[padding.upperBound...])
    }

    /// Where the inside of a string stands.
    private static func inside(_ string: Value, of chunk: [UInt8]) -> Range<Int>? {
        let start = string.offset + 1
        let end = string.offset + string.verbatim.count - 1
        guard string.kind == .string, end < chunk.count, chunk[start - 1] == UInt8(ascii: "\""),
            chunk[end] == UInt8(ascii: "\"")
        else { return nil }
        return start..<end
    }

    /// The text of a chunk that is alike; nil: it is not.
    func text(of chunk: [UInt8]) -> String? {
        guard chunk.span.holds(before.span, at: 0) else { return nil }
        let start = before.count
        var isPlain = true
        guard let end = Template.end(of: chunk, from: start, &isPlain), isRest(of: chunk, from: end) else {
            return nil
        }
        if isPlain { return String(decoding: chunk[start..<end], as: UTF8.self) }
        // What has escapes, or is no ASCII, is checked as JSON.
        return (try? Document(Array(chunk[start - 1...end])))?.root.string
    }

    private func isRest(of chunk: [UInt8], from end: Int) -> Bool {
        guard chunk.span.holds(middle.span, at: end) else { return false }
        let next = end + middle.count
        guard let after else { return next == chunk.count }
        var isPlain = true
        guard let last = Template.end(of: chunk, from: next, &isPlain), isPlain else { return false }
        return last + after.count == chunk.count && chunk.span.holds(after.span, at: last)
    }

    /// Where the closing quote of a string stands.
    private static func end(of chunk: [UInt8], from start: Int, _ isPlain: inout Bool) -> Int? {
        let bytes = chunk.span
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") { return index }
            if byte == UInt8(ascii: "\\") { index += 1 }
            if byte == UInt8(ascii: "\\") || !(0x20..<0x80 ~= byte) { isPlain = false }
            index += 1
        }
        return nil
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
    /// A string beside it that means nothing.
    var padding: Value?
    var isSimple = true

    /// The string of a chunk that is like the one before it.
    mutating func string(in data: [UInt8]) -> (String, Template.Meaning)? {
        guard let text = template?.text(of: data), let meaning = template?.meaning else { return nil }
        misses = 0
        return (text, meaning)
    }

    /// A chunk is read that is like none.
    mutating func begin() {
        (candidate, padding, isSimple) = (nil, nil, true)
        if template != nil { misses += 1 }
        template = nil
    }

    /// It was read; the next one will be like it, if it brought one string and nothing else.
    mutating func learn(from data: [UInt8]) {
        if isSimple, misses < Habit.patience, let (string, meaning) = candidate {
            template = Template(data, string, padding: padding, meaning)
        }
        (candidate, padding) = (nil, nil)
    }
}
