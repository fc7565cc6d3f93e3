// SPDX-License-Identifier: MIT

import JSON
import KeyLog
import Model

/// A part of a list that may be long: so many entries behind a number, of those that bear a text.
struct Excerpt<Entry> {
    /// What is looked for.
    var query: KeyQuery
    /// The one number that is asked for, as `#7`; nil: a text is, or all.
    let exact: Int?
    /// Behind which number the rest begins, where it was too long a search; nil: it came to its end.
    var rest: Int?
    private let limit: Int
    private var entries: [Entry] = []
    /// The number behind which what had no room begins; 0: there was room.
    private var next = 0
    private var last = 0

    private static var usual: Int { 1000 }
    private static var most: Int { 10_000 }
    /// Lines of `keys.log`: no request takes longer, however many keys there are.
    private static var toil: Int { 300_000 }

    init(_ given: Given) throws(Failure) {
        let words = try given.text("q") ?? ""
        exact = words.hasPrefix("#") ? Int(words.dropFirst()) : nil
        limit = min(try given.count("limit") ?? Excerpt.usual, Excerpt.most)
        query = KeyQuery(after: try given.count("after") ?? 0, words: words, toil: Excerpt.toil)
    }

    var all: [Entry] { entries }

    /// Entries come in the order of their numbers; false: there is no room for more.
    mutating func take(_ entry: Entry, _ number: Int) -> Bool {
        guard entries.count < limit else {
            next = max(last, query.after)
            return false
        }
        entries.append(entry)
        last = number
        return true
    }

    func write(_ name: String, to writer: inout Writer, _ each: (Entry, inout Writer) -> Void) {
        writer.name(name)
        writer.beginArray()
        for entry in entries { each(entry, &writer) }
        writer.endArray()
        writer.member("next", orNull: next == 0 ? rest ?? 0 : next)
    }
}
