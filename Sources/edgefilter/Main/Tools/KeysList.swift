// SPDX-License-Identifier: MIT

import JSON
import KeyLog
import Unix

/// `edgefilter keys list`: keys as a table or as JSON, however many there are.
struct KeysList {
    private let clerk: Clerk

    init(_ clerk: Clerk) { self.clerk = clerk }

    func run() {
        clerk.expect(0...0, "edgefilter keys list [--user NAME] [--all] [--json]", ["--user", "--all"])
        clerk.run { () throws(KeyLogError) in
            let word = clerk.options.values["--user"]
            let owner = try word.map { word throws(KeyLogError) in try clerk.user(word).id }
            try clerk.look { () throws(Errno) in
                try clerk.isJSON ? say(of: owner) : tabulate(of: owner)
            }
        }
    }

    private func each(of owner: Int?, _ take: (Grant) -> Void) throws(Errno) {
        let isAll = clerk.options.flags.contains("--all")
        try clerk.store.eachGrant { grant in
            guard owner == nil || grant.user == owner, isAll || grant.isLive(at: clerk.now) else { return }
            take(grant)
        }
    }

    private func tabulate(of owner: Int?) throws(Errno) {
        var names: [Int: String] = [:]
        try clerk.store.eachUser { names[$0.id] = $0.name }
        var table = Table(
            ["id", "user", "name", "created", "expires", "rpm", "tpd", "state", "default", "models"],
            numbers: [0, 5, 6])
        // Twice, rather than hold them all.
        try each(of: owner) { table.fit(cells($0, names)) }
        table.narrow()
        var printer = Printer()
        printer.line(table.head)
        try each(of: owner) { printer.line(table.row(cells($0, names))) }
        printer.flush()
    }

    private func cells(_ grant: Grant, _ names: [Int: String]) -> [String] {
        let count = { (number: Int) in number == 0 ? "-" : "\(number)" }
        let text = { (text: String) in text.isEmpty ? "-" : shown(text) }
        let state = grant.isRevoked ? "revoked" : grant.hasExpired(at: clerk.now) ? "expired" : "live"
        return [
            "\(grant.id)", text(names[grant.user] ?? ""), text(grant.name),
            String(Moment(seconds: grant.created).plain.prefix(10)), Expiry.write(grant.allowance.expires),
            count(grant.allowance.requestsPerMinute), count(grant.allowance.tokensPerDay), state,
            text(grant.defaultModel),
            grant.allowance.models.isEmpty ? "*" : shown(grant.allowance.models.joined(separator: ",")),
        ]
    }

    private func say(of owner: Int?) throws(Errno) {
        var printer = Printer()
        var last: String?
        printer.line("{\"keys\":[")
        try each(of: owner) {
            if let last { printer.line(last + ",") }
            last = KeysList.json($0)
        }
        if let last { printer.line(last) }
        printer.line("]}")
        printer.flush()
    }

    /// One key as an object; the key itself only when it has just been issued.
    static func json(_ grant: Grant, key: String? = nil) -> String {
        var writer = Writer()
        writer.beginObject()
        writer.member("id", grant.id)
        if let key { writer.member("key", key) }
        writer.member("user", grant.user)
        writer.member("name", grant.name)
        writer.member("created", grant.created)
        writer.member("revoked", grant.isRevoked)
        writer.member("expires", grant.allowance.expires)
        writer.name("models")
        writer.beginArray()
        for model in grant.allowance.models { writer.string(model) }
        writer.endArray()
        writer.member("default_model", grant.defaultModel)
        writer.member("rpm", grant.allowance.requestsPerMinute)
        writer.member("tpd", grant.allowance.tokensPerDay)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
