// SPDX-License-Identifier: MIT

import KeyLog
import Unix

/// `edgefilter keys`: what is issued to users.
enum KeysTool {
    private static let usage = """
        edgefilter keys issue --user NAME --name LABEL [--expires WHEN] [--models A,B*] \
        [--default-model M] [--rpm N] [--tpd N] [--count N] | list [--user NAME] [--all] | revoke ID... | limit ID ...
        """
    /// What a key may be given.
    private static let limits: Set<String> = ["--expires", "--models", "--default-model", "--rpm", "--tpd"]

    static func run(_ options: Options) {
        let clerk = Clerk(options)
        switch options.arguments.first {
        case "issue": issue(clerk)
        case "list": KeysList(clerk).run()
        case "revoke": revoke(clerk)
        case "limit": limit(clerk)
        default: die(Exit.usage, "usage: \(usage)")
        }
    }

    private static func issue(_ clerk: Clerk) {
        clerk.expect(0...0, usage, limits.union(["--user", "--name", "--count"]))
        guard let name = clerk.options.values["--user"], let label = clerk.options.values["--name"] else {
            die(Exit.usage, "a key needs --user NAME, whose it is, and --name LABEL, what you call it")
        }
        clerk.run { () throws(KeyLogError) in
            var order = KeyOrder()
            order.user = try clerk.user(name).id
            order.name = label
            order.count = number(clerk.options, "--count", orNone: false) ?? 1
            apply(clerk, to: &order.allowance, &order.defaultModel)
            var handed = KeysHanded(isJSON: clerk.isJSON)
            try clerk.store.issue(order, random: randomBytes, at: clerk.now) { handed.give($0, $1) }
            handed.end()
        }
    }

    private static func revoke(_ clerk: Clerk) {
        clerk.expect(1...1000, "edgefilter keys revoke ID...")
        clerk.run { () throws(KeyLogError) in
            for word in clerk.options.arguments.dropFirst() {
                let grant = try clerk.grant(word)
                try clerk.store.revoke(grant.id, at: clerk.now)
                if !clerk.isJSON { say("Key \(grant.id), \(shown(grant.name)), is revoked.") }
            }
        }
    }

    private static func limit(_ clerk: Clerk) {
        clerk.expect(
            1...1,
            "edgefilter keys limit ID [--expires WHEN] [--models A,B*] [--default-model M] [--rpm N] [--tpd N]",
            limits)
        if limits.isDisjoint(with: clerk.options.values.keys) {
            die(Exit.usage, "say what changes: \(limits.sorted().joined(separator: ", "))")
        }
        clerk.run { () throws(KeyLogError) in
            let grant = try clerk.grant(clerk.options.arguments[1])
            try clerk.store.amend(grant.id, at: clerk.now) { apply(clerk, to: &$0, &$1) }
            if !clerk.isJSON { say("Key \(grant.id), \(shown(grant.name)), is changed.") }
        }
    }

    /// Puts what the command line says in the place of what there is.
    private static func apply(_ clerk: Clerk, to allowance: inout Allowance, _ model: inout String) {
        let given = clerk.options.values
        if let when = given["--expires"] { allowance.expires = expiry(when, clerk.now) }
        if let models = given["--models"] {
            allowance.models = models == "*" ? [] : models.split(separator: ",").map { String(trimmed($0)) }
        }
        if let chosen = given["--default-model"] { model = chosen == "none" ? "" : chosen }
        if let rate = number(clerk.options, "--rpm") { allowance.requestsPerMinute = rate }
        if let budget = number(clerk.options, "--tpd") { allowance.tokensPerDay = budget }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
    }

    private static func expiry(_ text: String, _ now: Int) -> Int {
        guard let expires = Expiry.read(text, now: now) else {
            die(Exit.usage, "--expires \(shown(text)): say when, \(Expiry.form)")
        }
        if expires != 0, expires <= now { die(Exit.usage, "--expires \(shown(text)): that is past") }
        return expires
    }

    /// A number from 1 on; 0 for `none`.
    private static func number(_ options: Options, _ flag: String, orNone: Bool = true) -> Int? {
        guard let text = options.values[flag] else { return nil }
        if orNone, text == "none" { return 0 }
        guard let number = Int(text), number > 0 else {
            die(Exit.usage, "\(flag) \(shown(text)): say a number from 1 on\(orNone ? ", or none" : "")")
        }
        return number
    }
}

/// Issued keys on their way to whoever asked: shown once.
private struct KeysHanded {
    let isJSON: Bool
    private var printer = Printer()
    private var ids: (first: Int, last: Int)?

    init(isJSON: Bool) { self.isJSON = isJSON }

    mutating func give(_ key: String, _ grant: Grant) {
        ids = (ids?.first ?? grant.id, grant.id)
        printer.line(isJSON ? KeysList.json(grant, key: key) : key)
    }

    /// A key that nobody saw is of no use to anybody.
    mutating func end() {
        printer.flush()
        guard let ids else { return }
        let range = ids.first == ids.last ? "Key \(ids.first)" : "Keys \(ids.first) to \(ids.last)"
        if !printer.isTaken {
            die(
                Exit.system,
                "\(range): issued, but standard output did not take all of it; revoke and issue again")
        }
        if Terminal.isThere(1), !isJSON {
            complain("\(range). Only a hash is kept: this will not be shown again, so copy it now.")
        }
    }
}
