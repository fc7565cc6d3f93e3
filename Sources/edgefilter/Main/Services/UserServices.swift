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
        return try .success { writer throws(Failure) in
            writer.member("user_id", user.id)
            writer.member("username", user.name)
            writer.member("message", "用户 \(user.name) 创建成功")
        }
    },
    Service("GET", "/admin/users", .admin) { visit throws(Failure) in
        var list = try Excerpt<User>(visit.given)
        let store = try visit.store
        if let id = list.exact {
            let user = try Failure.reading { () throws(Errno) in try store.user(id) }
            if let user, !user.isRemoved { _ = list.take(user, id) }
        } else {
            list.rest = try Failure.reading { () throws(Errno) in
                try store.eachUser(list.query) { $0.isRemoved || list.take($0, $0.id) }
            }
        }
        return try .object { writer throws(Failure) in
            list.write("users", to: &writer) { $1.user($0) }
        }
    },
    Service("DELETE", "/admin/users/#", .admin) { visit throws(Failure) in
        let store = try visit.store
        try Failure.atStore { () throws(KeyLogError) in try store.removeUser(visit.number, at: visit.now) }
        return try .success { writer throws(Failure) in
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
