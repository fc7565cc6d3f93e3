// SPDX-License-Identifier: MIT

import JSON
import KeyLog
import Unix

/// `edgefilter users`: who holds issued keys.
enum UsersTool {
    private static let usage = "edgefilter users add NAME [--email E] | list [--all] | remove NAME"

    static func run(_ options: Options) {
        let clerk = Clerk(options)
        switch options.arguments.first {
        case "add": add(clerk)
        case "list": list(clerk)
        case "remove": remove(clerk)
        default: die(Exit.usage, "usage: \(usage)")
        }
    }

    private static func add(_ clerk: Clerk) {
        clerk.expect(1...1, "edgefilter users add NAME [--email E]", ["--email"])
        clerk.run { () throws(KeyLogError) in
            try clerk.look { () throws(Errno) in try File.makeDirectory(clerk.store.directory) }
            let user = try clerk.store.addUser(
                name: clerk.options.arguments[1], email: clerk.options.values["--email"] ?? "", at: clerk.now)
            if clerk.isJSON { return say(json(user, keys: 0)) }
            say("\(user.id)")
            if Terminal.isThere(1) {
                complain(
                    "That is the number of \(user.name). A key: edgefilter keys issue --user \(user.id) --name LABEL"
                )
            }
        }
    }

    private static func remove(_ clerk: Clerk) {
        clerk.expect(1...1, "edgefilter users remove NAME-or-NUMBER")
        clerk.run { () throws(KeyLogError) in
            let user = try clerk.user(clerk.options.arguments[1])
            try clerk.store.removeUser(user.id, at: clerk.now)
            if clerk.isJSON { return say(json(user, keys: 0)) }
            say("User \(user.id), \(user.name), is removed; every key is revoked.")
        }
    }

    private static func list(_ clerk: Clerk) {
        clerk.expect(0...0, "edgefilter users list [--all] [--json]", ["--all"])
        clerk.run { () throws(KeyLogError) in
            try clerk.look { () throws(Errno) in try list(clerk.store, clerk) }
        }
    }

    private static func list(_ store: KeyStore, _ clerk: Clerk) throws(Errno) {
        var held: [Int: Int] = [:]
        try store.eachGrant { if $0.isLive(at: clerk.now) { held[$0.user, default: 0] += 1 } }
        let isAll = clerk.options.flags.contains("--all")
        var users: [User] = []
        try store.eachUser { if isAll || !$0.isRemoved { users.append($0) } }
        clerk.isJSON ? say(users, held) : tabulate(users, held)
    }

    private static func tabulate(_ users: [User], _ held: [Int: Int]) {
        var table = Table(["id", "name", "email", "created", "keys", "state"], numbers: [0, 4])
        let rows = users.map { user in
            [
                "\(user.id)", shown(user.name), user.email.isEmpty ? "-" : shown(user.email),
                String(Moment(seconds: user.created).plain.prefix(10)), "\(held[user.id] ?? 0)",
                user.isRemoved ? "removed" : "live",
            ]
        }
        for row in rows { table.fit(row) }
        var printer = Printer()
        for line in [table.head] + rows.map(table.row) { printer.line(line) }
        printer.flush()
    }

    private static func say(_ users: [User], _ held: [Int: Int]) {
        var printer = Printer()
        printer.line("{\"users\":[")
        for (index, user) in users.enumerated() {
            printer.line(json(user, keys: held[user.id] ?? 0) + (index == users.count - 1 ? "" : ","))
        }
        printer.line("]}")
        printer.flush()
    }

    private static func say(_ text: String) {
        var printer = Printer()
        printer.line(text)
        printer.flush()
    }

    private static func json(_ user: User, keys: Int) -> String {
        var writer = Writer()
        writer.beginObject()
        writer.member("id", user.id)
        writer.member("name", user.name)
        writer.member("email", user.email)
        writer.member("created", user.created)
        writer.member("removed", user.isRemoved)
        writer.member("keys", keys)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
