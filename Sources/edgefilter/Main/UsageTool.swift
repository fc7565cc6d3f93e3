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
            let totals = try Ledger(directory: state).sum(
                from: day("--from", options), to: day("--to", options), by: [group])
            say(options.flags.contains("--json") ? json(totals, group) : table(totals, group))
            if totals.broken > 0 { complain("\(totals.broken) lines were torn or altered; skipped") }
        } catch {
            die(Exit.system, "\(state): \(error)")
        }
    }

    private static func day(_ flag: String, _ options: Options) -> Day? {
        guard let text = options.values[flag] else { return nil }
        guard let day = Day(text) else { die(Exit.usage, "\(flag) takes a day, as 2026-11-21, not \(text)") }
        return day
    }

    private static func label(_ labels: Labels, _ group: Totals.Group) -> String {
        switch group {
        case .key: labels.keyID == 0 ? labels.key : String(labels.keyID)
        case .user: labels.user == 0 ? "" : String(labels.user)
        case .model: labels.model
        case .endpoint: labels.endpoint
        case .upstream: labels.upstream
        case .day: labels.day?.dashed ?? ""
        }
    }

    private static func rows(_ totals: Totals, _ group: Totals.Group) -> [(key: String, value: Row)] {
        totals.rows.map { (label($0.key, group), $0.value) }.sorted { $0.0 < $1.0 }
    }

    private static let columns: [(name: String, value: @Sendable (Row) -> Int)] = [
        ("requests", { $0.requests }), ("failures", { $0.failures }), ("input", { $0.input }),
        ("output", { $0.output }), ("cached", { $0.cached }), ("written", { $0.written }),
        ("reasoning", { $0.reasoning }),
    ]

    private static func table(_ totals: Totals, _ group: Totals.Group) -> String {
        let body = rows(totals, group).map {
            line($0.key.isEmpty ? "-" : shown($0.key), $0.value)
        }
        let lines = [[group.rawValue] + columns.map(\.name)] + body + [line("total", totals.sum)]
        let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { cells in
            cells.enumerated().map { index, cell in
                let room = String(repeating: " ", count: widths[index] - cell.count)
                return index == 0 ? cell + room : room + cell
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    /// What a caller named without what would move a terminal's cursor.
    private static func shown(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }

    private static func line(_ name: String, _ row: Row) -> [String] {
        [name] + columns.map { String($0.value(row)) }
    }

    private static func json(_ totals: Totals, _ group: Totals.Group) -> String {
        var writer = Writer()
        writer.beginObject()
        writer.name("by_\(group.rawValue)")
        writer.beginArray()
        for (name, row) in rows(totals, group) {
            writer.beginObject()
            writer.member(group.rawValue, name)
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
