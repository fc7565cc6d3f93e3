// SPDX-License-Identifier: MIT

import Unix

/// Which keys or users are looked for, in the order of their numbers, and how much may be done for it.
package struct KeyQuery: Sendable {
    /// Only those behind this number.
    package var after: Int
    /// Only keys of this user; nil: of all.
    package var user: Int? { didSet { mark = KeyQuery.mark(user) } }
    /// Only those that bear this in their name or address, in any case, or as their number; empty: all.
    package let words: String
    /// What is done at most: a line that is looked at counts 1, a key that is looked up `lookUp`.
    package var toil: Int

    static let lookUp = 20

    /// Of all, with all the time in the world.
    package init(after: Int = 0, user: Int? = nil, words: String = "", toil: Int = .max) {
        self.after = after
        self.user = user
        self.words = words.lowercased()
        self.toil = toil
        let bytes = Array(self.words.utf8)
        // What is written in one way only, whatever the case.
        let isPlain = bytes.allSatisfy { (0x20..<0x7F).contains($0) && $0 != 0x22 && $0 != 0x5C }
        needle = isPlain ? bytes : []
        mark = KeyQuery.mark(user)
    }

    private static func mark(_ user: Int?) -> [UInt8]? { user.map { Array(#","user":\#($0),"#.utf8) } }

    private let needle: [UInt8]
    private var mark: [UInt8]?

    /// Whether a line may be about one of them, found out as cheaply as can be.
    func mayFit(_ line: Span<UInt8>, areKeys: Bool) -> Bool {
        guard line.has(areKeys ? KeyOutline.key : KeyOutline.user, at: 0) else { return false }
        if let mark, line.find(mark, from: 0) == nil { return false }
        if needle.isEmpty { return true }
        return line.bears(needle, from: line.find(KeyQuery.name, from: 0) ?? 0)
            || line.bears(needle, upTo: KeyQuery.idEnd)
    }

    private static let name = Array(#","name":""#.utf8)
    /// A number stands before it.
    private static let idEnd = 24

    /// Whether it is one of them, which what happens to it later does not change.
    func fits(_ event: KeyEvent) -> Bool {
        guard event.id > after, user == nil || event.grant?.user == user else { return false }
        if words.isEmpty || words == "\(event.id)" { return true }
        let texts = [event.grant?.name, event.user?.name, event.user?.email].compactMap { $0 }
        return texts.contains { $0.lowercased().contains(words) }
    }
}

extension Span<UInt8> {
    /// Whether a text in lower case stands somewhere, in any case.
    fileprivate func bears(_ text: [UInt8], from start: Int = 0, upTo end: Int = .max) -> Bool {
        let last = Swift.min(count, end) - text.count
        guard start <= last, let first = text.first else { return false }
        for at in start...last where KeyQuery.lowered(self[at]) == first {
            if text.indices.allSatisfy({ KeyQuery.lowered(self[at + $0]) == text[$0] }) { return true }
        }
        return false
    }
}

extension KeyQuery {
    fileprivate static func lowered(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }
}

extension KeyFiles {
    /// Gives how those stand now that a query wants, until `take` wants no more.
    ///
    /// The answer is the number behind which the rest begins where the query's toil is used up; nil: all were
    /// looked at, or `take` has enough.
    func each(_ query: KeyQuery, areKeys: Bool, _ take: (KeyEvent) -> Bool) throws(Errno) -> Int? {
        guard let (log, indexes, size) = try look() else { return nil }
        let mark: KeyPath<KeyEvent.Marks, Int> = areKeys ? \.keys : \.users
        if isSlow || size - indexes.covers > KeyFiles.slowTail {
            try eachSlowly(query, areKeys: areKeys, take)
            return nil
        }
        guard var place = try log.place(giving: query.after + 1, mark, before: size) else { return nil }
        var search = Search(query: query, areKeys: areKeys, mark: mark)
        while place < size, search.rest == nil {
            place = try search.gather(from: place, to: size, log)
            for first in search.batch {
                if isSlow {
                    var left = query
                    left.after = first.id - 1
                    try eachSlowly(left, areKeys: areKeys, take)
                    return nil
                }
                if let now = try event(of: first.hash), now.id == first.id, !take(now) { return nil }
            }
        }
        return search.rest
    }

    /// The same for want of an index, which each look-up would miss.
    private func eachSlowly(_ query: KeyQuery, areKeys: Bool, _ take: (KeyEvent) -> Bool) throws(Errno) {
        var isEnough = false
        try eachNow(areKeys: areKeys) { if !isEnough, query.fits($0) { isEnough = !take($0) } }
    }
}

/// A search on its way.
private struct Search {
    let query: KeyQuery
    let areKeys: Bool
    let mark: KeyPath<KeyEvent.Marks, Int>
    /// What was found and is not yet looked up, as it was when it got its number.
    private(set) var batch: [KeyEvent] = []
    /// Behind which number the rest begins; nil: the toil is not used up.
    private(set) var rest: Int?
    private var toil = 0

    private static let batchSize = 256

    init(query: KeyQuery, areKeys: Bool, mark: KeyPath<KeyEvent.Marks, Int>) {
        self.query = query
        self.areKeys = areKeys
        self.mark = mark
    }

    /// Looks on; the answer is where to go on.
    mutating func gather(from place: Int, to size: Int, _ log: KeyFile) throws(Errno) -> Int {
        batch.removeAll(keepingCapacity: true)
        var next = size
        var search = self
        try log.eachLine(from: place, to: size) { offset, line in
            next = offset
            return search.look(at: line)
        }
        self = search
        return rest == nil && batch.count < Search.batchSize ? size : next
    }

    /// Whether to go on with the next line.
    private mutating func look(at line: Span<UInt8>) -> Bool {
        if batch.count >= Search.batchSize { return false }
        toil += 1
        if toil > query.toil, let event = KeyEvent(line: line) {
            let gives = event.isKey == areKeys && [.issued, .added].contains(event.kind)
            rest = event.marks[keyPath: mark] - (gives ? 1 : 0)
            return false
        }
        guard query.mayFit(line, areKeys: areKeys), let outline = KeyOutline(line), outline.isFirst,
            let event = KeyEvent(line: line), query.fits(event)
        else { return true }
        batch.append(event)
        toil += KeyQuery.lookUp
        return true
    }
}
