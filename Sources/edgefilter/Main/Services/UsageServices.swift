// SPDX-License-Identifier: MIT

import JSON
import KeyLog
import Model
import Unix

/// Usage, as InfiniProxy documents it, and as the page shows it.
let usageServices = [
    Service("GET", "/usage/me", .holder) { visit throws(Failure) in
        let user = visit.grant?.user ?? 0
        let used = try visit.used(of: Ledger.Filter(user: user), by: [.endpoint, .model])
        let names = try visit.names(of: [user])
        return try .object { writer throws(Failure) in
            writer.member("user_id", user)
            writer.member("username", names[user] ?? "")
            writer.documented(used)
        }
    },
    Service("GET", "/usage/api-key/#", .admin) { visit throws(Failure) in
        let grant = try visit.grant(visit.number)
        let used = try visit.used(of: Ledger.Filter(keyID: grant.id), by: [.endpoint, .model])
        return try .object { writer throws(Failure) in
            writer.member("api_key_id", grant.id)
            writer.member("api_key_name", grant.name)
            writer.member("user_id", grant.user)
            writer.documented(used)
        }
    },
    Service("GET", "/admin/usage", .admin) { visit throws(Failure) in
        let filter = Ledger.Filter(
            keyID: try visit.given.count("api_key_id"), user: try visit.given.count("user_id"))
        let used = try visit.used(of: filter, by: [.day, .endpoint, .model])
        return try .object { writer throws(Failure) in
            writer.sums(used.sum)
            writer.table("usage_by_day", "day", used) { $0.day?.dashed ?? "" }
            writer.table("usage_by_model", "model", used) { $0.model }
            writer.table("usage_by_endpoint", "endpoint", used) { $0.endpoint }
            writer.member("damaged_lines", used.broken)
        }
    },
]

extension Visit {
    fileprivate func used(of filter: Ledger.Filter, by groups: [Totals.Group]) throws(Failure) -> Used {
        let bounds = Bounds(
            from: try given.moment("start_date"), to: try given.moment("end_date", isEnd: true))
        let ledger = try ledger
        return Used(
            try Failure.reading { () throws(Errno) in
                try ledger.sum(within: bounds, where: filter, by: groups)
            })
    }
}

/// What was used, without what was asked of ourselves.
private struct Used {
    let rows: [(labels: Labels, row: Row)]
    let sum: Sum
    /// Lines that could not be read.
    let broken: Int

    init(_ totals: Totals) {
        rows = totals.rows.filter { !Exchange.isOurs($0.key.endpoint) }.map { ($0.key, $0.value) }
        sum = rows.reduce(into: Sum()) { $0.add($1.row) }
        broken = totals.broken
    }
}

/// Requests and tokens that are told.
private struct Sum {
    var requests = 0
    var failures = 0
    var input = 0
    var output = 0

    init() {}

    init(_ row: Row) {
        (requests, failures, input, output) = (row.requests, row.failures, row.input, row.output)
    }

    mutating func add(_ sum: Sum) {
        requests += sum.requests
        failures += sum.failures
        input += sum.input
        output += sum.output
    }

    mutating func add(_ row: Row) {
        requests += row.requests
        failures += row.failures
        input += row.input
        output += row.output
    }
}

extension Writer {
    fileprivate mutating func sums(_ sum: Sum, failures: Bool = true) {
        member("total_requests", sum.requests)
        if failures { member("total_failures", sum.failures) }
        member("total_input_tokens", sum.input)
        member("total_output_tokens", sum.output)
        member("total_tokens", sum.input + sum.output)
    }

    /// The members that the original has.
    fileprivate mutating func documented(_ used: Used) {
        sums(used.sum, failures: false)
        name("usage_by_endpoint")
        beginArray()
        let rows = used.rows.sorted {
            ($1.row.requests, $0.labels.endpoint, $0.labels.model)
                < ($0.row.requests, $1.labels.endpoint, $1.labels.model)
        }
        for (labels, row) in rows {
            beginObject()
            member("endpoint", labels.endpoint)
            member("model", labels.model)
            sums(Sum(row), failures: false)
            endObject()
        }
        endArray()
    }

    /// Callers name models and paths as they like; what the least used of them come to is one row.
    private static var mostRows: Int { 500 }

    /// The sums by one of their labels, days in their order, others by what they used.
    fileprivate mutating func table(
        _ name: String, _ column: String, _ used: Used, _ label: (Labels) -> String
    ) {
        var sums: [String: Sum] = [:]
        for (labels, row) in used.rows { sums[label(labels), default: Sum()].add(row) }
        let isByName = column == "day"
        var order = sums.map { ($0.key, $0.value) }
        order.sort { isByName ? $0.0 < $1.0 : ($1.1.requests, $0.0) < ($0.1.requests, $1.0) }
        if !isByName, order.count > Writer.mostRows {
            let rest = order[Writer.mostRows...].reduce(into: Sum()) { $0.add($1.1) }
            order = order.prefix(Writer.mostRows) + [("other", rest)]
        }
        self.name(name)
        beginArray()
        for (label, sum) in order {
            beginObject()
            member(column, label)
            self.sums(sum)
            endObject()
        }
        endArray()
    }
}
