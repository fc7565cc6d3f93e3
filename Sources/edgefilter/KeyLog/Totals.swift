// SPDX-License-Identifier: MIT

/// Sums over records, grouped by one property.
package struct Totals: Sendable {
    /// What may be grouped by.
    package enum Group: String, CaseIterable, Sendable {
        case key, model, endpoint, upstream, day

        func value(of record: Record) -> String {
            switch self {
            case .key: record.key
            case .model: record.model
            case .endpoint: record.endpoint
            case .upstream: record.upstream
            case .day: String(record.time.prefix(10))
            }
        }
    }

    /// The sums of one group.
    package struct Row: Equatable, Sendable {
        package var requests = 0
        package var failures = 0
        package var input = 0
        package var output = 0
        package var cached = 0
        package var reasoning = 0

        package init() {}

        mutating func add(_ record: Record) {
            requests += 1
            if record.status == 0 || record.status >= 400 || record.code != 0 || record.ended != "complete" {
                failures += 1
            }
            input += record.input
            output += record.output
            cached += record.cached
            reasoning += record.reasoning
        }
    }

    package let group: Group
    package private(set) var rows: [String: Row] = [:]
    /// All groups together.
    package private(set) var sum = Row()

    package init(by group: Group) { self.group = group }

    package mutating func add(_ record: Record) {
        rows[group.value(of: record), default: Row()].add(record)
        sum.add(record)
    }
}
