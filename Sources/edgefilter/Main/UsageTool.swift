// SPDX-License-Identifier: MIT

import JSON
import KeyLog
import Unix

/// `edgefilter usage`: totals from the records.
enum UsageTool {
    static func run(_ options: Options) {
        let word = options.values["--by"] ?? "model"
        guard let group = Totals.Group(rawValue: word) else {
            let known = Totals.Group.allCases.map(\.rawValue).joined(separator: ", ")
            die(Exit.usage, "cannot group by \(word); known: \(known)")
        }
        guard let state = options.values["--state"] ?? stateDirectory() else {
            die(Exit.system, "there is no state directory; set STATE_DIRECTORY")
        }
        do throws(Errno) {
            let (totals, broken) = try sum(RequestLog(directory: state), options, group)
            say(options.flags.contains("--json") ? json(totals) : table(totals))
            if broken > 0 { complain("\(broken) lines were torn or altered; skipped") }
        } catch {
            die(Exit.system, "\(state): \(error)")
        }
    }

    private static func sum(
        _ log: RequestLog, _ options: Options, _ group: Totals.Group
    ) throws(Errno) -> (Totals, Int) {
        var totals = Totals(by: group)
        var broken = 0
        var again: [String: Record] = [:]
        let days = try log.days().filter { isWanted($0, options) }
        for day in days {
            broken += try log.read(day: day) { record in
                if record.isAgain { again[record.id] = record } else { totals.add(record) }
            }
        }
        // A record written a second time counts only where the first did not get through.
        if !again.isEmpty {
            for day in days { _ = try log.read(day: day) { if !$0.isAgain { again[$0.id] = nil } } }
        }
        for record in again.values { totals.add(record) }
        return (totals, broken)
    }

    /// Both bounds are days, included: `2026-11-21` or `20261121`.
    private static func isWanted(_ day: String, _ options: Options) -> Bool {
        let plain = { (name: String) in options.values[name].map { $0.filter { $0 != "-" } } }
        return plain("--from").map { $0 <= day } ?? true && plain("--to").map { day <= $0 } ?? true
    }

    private static let columns: [(name: String, value: @Sendable (Totals.Row) -> Int)] = [
        ("requests", { $0.requests }), ("failures", { $0.failures }), ("input", { $0.input }),
        ("output", { $0.output }), ("cached", { $0.cached }), ("reasoning", { $0.reasoning }),
    ]

    private static func table(_ totals: Totals) -> String {
        let body = totals.rows.sorted { $0.key < $1.key }.map {
            line($0.key.isEmpty ? "-" : shown($0.key), $0.value)
        }
        let lines = [[totals.group.rawValue] + columns.map(\.name)] + body + [line("total", totals.sum)]
        let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { cells in
            cells.enumerated().map { index, cell in
                let room = String(repeating: " ", count: widths[index] - cell.count)
                return index == 0 ? cell + room : room + cell
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    private static func line(_ name: String, _ row: Totals.Row) -> [String] {
        [name] + columns.map { String($0.value(row)) }
    }

    private static func json(_ totals: Totals) -> String {
        var writer = Writer()
        writer.beginObject()
        writer.name("by_\(totals.group.rawValue)")
        writer.beginArray()
        for (name, row) in totals.rows.sorted(by: { $0.key < $1.key }) {
            writer.beginObject()
            writer.member(totals.group.rawValue, name)
            for column in columns { writer.member(column.name, column.value(row)) }
            writer.endObject()
        }
        writer.endArray()
        writer.name("total")
        writer.beginObject()
        for column in columns { writer.member(column.name, column.value(totals.sum)) }
        writer.endObject()
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
