// SPDX-License-Identifier: MIT

import JSON
import KeyLog
import Model
import Unix

/// Users, as InfiniProxy documents them.
let userServices = [
    Service("POST", "/admin/users", .admin) { visit throws(Failure) in
        let name = try visit.given.needed("username")
        let email = try visit.given.text("email") ?? ""
        let store = try visit.store
        let user = try Failure.atStore { () throws(KeyLogError) in
            try store.addUser(name: name, email: email, at: visit.now)
        }
        return try .object { writer throws(Failure) in
            writer.member("success", true)
            writer.member("user_id", user.id)
            writer.member("username", user.name)
            writer.member("message", "用户 \(user.name) 创建成功")
        }
    },
    Service("GET", "/admin/users", .admin) { visit throws(Failure) in
        var list = try Excerpt<User>(visit.given)
        let store = try visit.store
        try Failure.reading { () throws(Errno) in
            try store.eachUser { user in
                guard !user.isRemoved, list.isWanted(user.name, user.email) else { return }
                list.take(user, user.id)
            }
        }
        return try .object { writer throws(Failure) in
            list.write("users", to: &writer) { $1.user($0) }
        }
    },
    Service("DELETE", "/admin/users/#", .admin) { visit throws(Failure) in
        let store = try visit.store
        try Failure.atStore { () throws(KeyLogError) in try store.removeUser(visit.number, at: visit.now) }
        return try .object { writer throws(Failure) in
            writer.member("success", true)
            writer.member("message", "User \(visit.number) deleted")
        }
    },
]

extension Writer {
    fileprivate mutating func user(_ user: User) {
        beginObject()
        member("id", user.id)
        member("username", user.name)
        member("email", orNull: user.email)
        member("created_at", Moment(seconds: user.created).zoneless)
        member("is_active", !user.isRemoved)
        endObject()
    }

    /// A text; an empty one is null.
    mutating func member(_ name: String, orNull text: String) {
        self.name(name)
        if text.isEmpty { null() } else { string(text) }
    }

    /// A number; 0 is null.
    mutating func member(_ name: String, orNull number: Int) {
        self.name(name)
        if number == 0 { null() } else { int(number) }
    }
}

extension Moment {
    /// `2026-11-21T08:00:00`: ISO 8601 in UTC without saying so, as the original does.
    var zoneless: String { plain.replacing(" ", with: "T") }
}

/// A part of a list that may be long: so many entries behind a number, of those that bear a text.
struct Excerpt<Entry> {
    private let after: Int
    private let limit: Int
    private let words: String
    private var entries: [Entry] = []
    /// The number behind which the rest begins; 0: there is none.
    private var next = 0
    private var last = 0

    private static var usual: Int { 1000 }
    private static var most: Int { 10_000 }

    init(_ given: Given) throws(Failure) {
        after = try given.count("after") ?? 0
        limit = min(try given.count("limit") ?? Excerpt.usual, Excerpt.most)
        words = try given.text("q")?.lowercased() ?? ""
    }

    var all: [Entry] { entries }

    /// Whether one of these texts bears what was asked for.
    func isWanted(_ texts: String...) -> Bool {
        words.isEmpty || texts.contains { $0.lowercased().contains(words) }
    }

    /// Entries come in the order of their numbers.
    mutating func take(_ entry: Entry, _ number: Int) {
        guard number > after, next == 0 else { return }
        if entries.count >= limit {
            next = max(last, after)
        } else {
            entries.append(entry)
            last = number
        }
    }

    func write(_ name: String, to writer: inout Writer, _ each: (Entry, inout Writer) -> Void) {
        writer.name(name)
        writer.beginArray()
        for entry in entries { each(entry, &writer) }
        writer.endArray()
        writer.member("next", orNull: next)
    }
}
