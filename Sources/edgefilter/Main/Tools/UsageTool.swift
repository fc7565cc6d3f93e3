// SPDX-License-Identifier: MIT

import JSON
import KeyLog
import Unix

/// `edgefilter usage`: sums over the records, for a person, a spreadsheet or a program.
struct UsageTool {
    private let totals: Totals
    private let names: HolderNames

    static func run(_ options: Options) {
        guard let state = options.values["--state"] ?? stateDirectory() else {
            die(Exit.system, "there is no state directory; set STATE_DIRECTORY")
        }
        let groups = groups(options.values["--by"] ?? Totals.Group.model.rawValue)
        do throws(Errno) {
            let tool = try UsageTool(state, groups, options)
            tool.show(options.flags)
        } catch {
            die(Exit.system, "\(state): \(error)\(advice(error))")
        }
    }

    private init(_ state: String, _ groups: [Totals.Group], _ options: Options) throws(Errno) {
        let store = KeyStore(directory: state)
        let all = try Ledger(directory: state, rowLimit: .max).sum(
            from: UsageTool.day("--from", options), to: UsageTool.day("--to", options),
            where: try UsageTool.filter(store, options),
            by: groups.contains(.endpoint) ? groups : groups + [.endpoint])
        let isAll = options.flags.contains("--all")
        totals = all.sums(by: groups) { isAll || !Exchange.isOurs($0.endpoint) }
        names = try HolderNames(of: totals, store)
    }

    private static func groups(_ words: String) -> [Totals.Group] {
        var groups: [Totals.Group] = []
        for word in words.split(separator: ",", omittingEmptySubsequences: false) {
            guard let group = Totals.Group(rawValue: String(word)), !groups.contains(group) else {
                let known = Totals.Group.allCases.map(\.rawValue).joined(separator: ", ")
                die(Exit.usage, "cannot group by \(words); known: \(known), or several with commas between")
            }
            groups.append(group)
        }
        return groups
    }

    private static func day(_ flag: String, _ options: Options) -> Day? {
        guard let text = options.values[flag] else { return nil }
        guard let day = Day(text) else { die(Exit.usage, "\(flag) takes a day, as 2026-11-21, not \(text)") }
        return day
    }

    private static func filter(_ store: KeyStore, _ options: Options) throws(Errno) -> Ledger.Filter {
        var filter = Ledger.Filter()
        if let key = options.values["--key"] {
            // 16 digits are a hash that happens to have no letters: no id is that long.
            if key.utf8.count < 16, let id = Int(key), id > 0 { filter.keyID = id } else { filter.key = key }
        }
        if let name = options.values["--user"] { filter.user = try user(name, store) }
        return filter
    }

    /// By number or by name.
    private static func user(_ name: String, _ store: KeyStore) throws(Errno) -> Int {
        var id = Int(name)
        if id == nil { try store.eachUser { if $0.name == name { id = $0.id } } }
        guard let id else { die(Exit.usage, "there is no user \(name)") }
        return id
    }

    private func show(_ flags: Set<String>) {
        if flags.contains("--json") {
            say(json)
        } else if flags.contains("--csv") {
            write(csv)
        } else {
            if totals.groups == [.day], Terminal.isThere(1), !totals.rows.isEmpty { say(chart + "\n") }
            say(table)
        }
        for complaint in complaints { complain(complaint) }
    }

    private var complaints: [String] {
        let damaged = totals.damaged.map {
            "the totals of \($0.dashed), all that is left of that day, are damaged; it is missing"
        }
        return (totals.broken > 0 ? ["\(totals.broken) lines were torn or altered; skipped"] : []) + damaged
    }
}

// The forms.
extension UsageTool {
    private static let columns: [(name: String, value: @Sendable (Row) -> Int)] = [
        ("requests", { $0.requests }), ("failures", { $0.failures }), ("input", { $0.input }),
        ("output", { $0.output }), ("cached", { $0.cached }), ("written", { $0.written }),
        ("reasoning", { $0.reasoning }), ("estimated", { $0.estimated }), ("received", { $0.received }),
        ("sent", { $0.sent }), ("ms", { $0.milliseconds }),
    ]
    /// What a person looks at first.
    private static let first = columns.prefix(7)

    /// Ids and dates come in their order, everything else by the alphabet.
    private var rows: [(labels: Labels, row: Row)] {
        totals.rows.map { ($0.key, $0.value) }.sorted { UsageTool.order($0.0) < UsageTool.order($1.0) }
    }

    private static func order(_ labels: Labels) -> Order {
        Order(
            numbers: [labels.day?.number ?? 0, labels.keyID, labels.user],
            texts: [labels.key, labels.model, labels.endpoint, labels.upstream])
    }

    private var head: [String] { totals.groups.flatMap(names.head) }
    private func cells(_ labels: Labels) -> [String] { totals.groups.flatMap { names.cells(labels, $0) } }

    private var table: String {
        let (head, numbers) = (head, UsageTool.first.map(\.name))
        let body = rows.map { labels, row in
            cells(labels).map { $0.isEmpty ? "-" : shown($0) } + UsageTool.first.map { "\($0.value(row))" }
        }
        let last =
            ["total"] + [String](repeating: "", count: head.count - 1)
            + UsageTool.first.map { "\($0.value(totals.sum))" }
        var table = Table(head + numbers, numbers: Set(head.count..<head.count + numbers.count))
        for row in body + [last] { table.fit(row) }
        table.narrow()
        return ([table.head] + (body + [last]).map(table.row)).joined(separator: "\n")
    }

    private var csv: String {
        let head = CSV.row(head + UsageTool.columns.map(\.name), [])
        return rows.reduce(into: head) { text, one in
            text += CSV.row(cells(one.labels), UsageTool.columns.map { $0.value(one.row) })
        }
    }

    /// A bar for each day from the first to the last, those without a request too.
    private var chart: String {
        let days = totals.rows.compactMap { labels, row in labels.day.map { ($0, row) } }
        let byDay = Dictionary(days) { first, _ in first }
        guard let first = byDay.keys.min(), let last = byDay.keys.max() else { return "" }
        let hasTokens = totals.sum.input + totals.sum.output > 0
        let range = max(first.number, last.number - UsageTool.longestChart + 1)...last.number
        let bars = range.map { number in
            let row = byDay[Day(number: number)] ?? Row()
            return (Day(number: number).dashed, hasTokens ? row.input + row.output : row.requests)
        }
        let chart = Chart(width: Terminal.columns(of: 1), isUTF8: Terminal.isUTF8)
        return (hasTokens ? "tokens, in and out\n" : "requests\n") + chart.text(bars)
    }

    /// Days.
    private static let longestChart = 366

    private var json: String {
        var writer = Writer()
        writer.beginObject()
        writer.name("by_" + totals.groups.map(\.rawValue).joined(separator: "_"))
        writer.beginArray()
        for (labels, row) in rows {
            writer.beginObject()
            for group in totals.groups { names.write(labels, group, to: &writer) }
            for column in UsageTool.columns { writer.member(column.name, column.value(row)) }
            writer.endObject()
        }
        writer.endArray()
        writer.name("total")
        writer.beginObject()
        for column in UsageTool.columns { writer.member(column.name, column.value(totals.sum)) }
        writer.endObject()
        writer.member("broken", totals.broken)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

/// Numbers before texts.
private struct Order: Comparable {
    let numbers: [Int]
    let texts: [String]

    static func < (one: Order, other: Order) -> Bool {
        if one.numbers != other.numbers { return one.numbers.lexicographicallyPrecedes(other.numbers) }
        return one.texts.lexicographicallyPrecedes(other.texts)
    }
}
