// SPDX-License-Identifier: MIT

import Unix

/// Reads a line of `keys.log` exactly as `KeyEvent` writes it, without making a document of it; a look-up has
/// no time for more.
///
/// Whatever is written otherwise, be it an escape in a name, is for a real reader of JSON.
struct KeyLine: ~Escapable {
    private let line: Span<UInt8>
    private var place = 0

    @_lifetime(copy line)
    init(_ line: Span<UInt8>) { self.line = line }

    /// Nil: it is written otherwise.
    mutating func event() -> KeyEvent? {
        let isKey = take(Word.key)
        guard isKey || take(Word.user), let id = number(), take(Word.hash), let hash = digits(64),
            take(Word.event), let kind = text().flatMap(KeyEvent.Kind.init), take(Word.keys),
            let keys = number(),
            take(Word.users), let users = number(), let subject = isKey ? grant(id) : user(id),
            take(Word.at), let time = number(), take(Word.end)
        else { return nil }
        let marks = KeyEvent.Marks(keys: keys, users: users)
        return KeyEvent(kind: kind, subject: subject, hash: hash, marks: marks, time: time)
    }

    private mutating func user(_ id: Int) -> KeyEvent.Subject? {
        var user = User()
        guard take(Word.name), let name = text(), let email = take(Word.email) ? text() : "",
            take(Word.created), let created = number()
        else { return nil }
        (user.id, user.name, user.email, user.created) = (id, name, email, created)
        user.isRemoved = take(Word.removed)
        return .user(user)
    }

    private mutating func grant(_ id: Int) -> KeyEvent.Subject? {
        var grant = Grant()
        guard take(Word.holder), let user = number(), take(Word.name), let name = text(),
            take(Word.created), let created = number()
        else { return nil }
        (grant.id, grant.user, grant.name, grant.created) = (id, user, name, created)
        grant.isRevoked = take(Word.revoked)
        guard let expires = optional(Word.expires), let models = take(Word.models) ? texts() : [],
            let rate = optional(Word.rate), let budget = optional(Word.budget),
            let model = take(Word.model) ? text() : ""
        else { return nil }
        grant.allowance.expires = expires
        grant.allowance.models = models
        (grant.allowance.requestsPerMinute, grant.allowance.tokensPerDay) = (rate, budget)
        grant.defaultModel = model
        return .key(grant)
    }

    private mutating func take(_ word: [UInt8]) -> Bool {
        guard line.has(word, at: place) else { return false }
        place += word.count
        return true
    }

    private mutating func optional(_ name: [UInt8]) -> Int? { take(name) ? number() : 0 }

    private mutating func number() -> Int? {
        let start = place
        while place < line.count, line[place] &- UInt8(ascii: "0") < 10 { place += 1 }
        return place > start && place - start < 18 ? line.decimal(start..<place) : nil
    }

    private mutating func digits(_ count: Int) -> [UInt8]? {
        guard place + count <= line.count else { return nil }
        place += count
        return line.extracting((place - count)..<place).array
    }

    /// A text after its first quote, which ends behind the second.
    private mutating func text() -> String? {
        let start = place
        while place < line.count, line[place] != UInt8(ascii: "\"") {
            if line[place] == UInt8(ascii: "\\") { return nil }
            place += 1
        }
        guard place < line.count else { return nil }
        place += 1
        return line.extracting(start..<(place - 1)).string
    }

    /// Texts after the first one's first quote.
    private mutating func texts() -> [String]? {
        var texts: [String] = []
        repeat {
            guard let text = text() else { return nil }
            texts.append(text)
        } while take(Word.comma)
        return take(Word.bracket) ? texts : nil
    }

    private enum Word {
        static let key = Array(#"{"key":"#.utf8)
        static let user = Array(#"{"user":"#.utf8)
        static let hash = Array(#","hash":""#.utf8)
        static let event = Array(#"","event":""#.utf8)
        static let keys = Array(#","keys":"#.utf8)
        static let users = Array(#","users":"#.utf8)
        static let holder = Array(#","user":"#.utf8)
        static let name = Array(#","name":""#.utf8)
        static let email = Array(#","email":""#.utf8)
        static let created = Array(#","created":"#.utf8)
        static let removed = Array(#","removed":true"#.utf8)
        static let revoked = Array(#","revoked":true"#.utf8)
        static let expires = Array(#","expires":"#.utf8)
        static let models = Array(#","models":[""#.utf8)
        static let rate = Array(#","rpm":"#.utf8)
        static let budget = Array(#","tpd":"#.utf8)
        static let model = Array(#","default_model":""#.utf8)
        static let at = Array(#","at":"#.utf8)
        static let end = Array(#","crc":""#.utf8)
        static let comma = Array(#",""#.utf8)
        static let bracket = Array("]".utf8)
    }
}

extension Span<UInt8> {
    /// What the bytes mean as UTF-8.
    fileprivate var string: String {
        unsafe withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
