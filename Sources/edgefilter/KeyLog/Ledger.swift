// SPDX-License-Identifier: MIT

package import Unix

/// The sums of the request log.
///
/// Memory grows with the groups that are asked for, not with the lines.
package struct Ledger: Sendable {
    private let log: RequestLog

    /// Of the log in a directory.
    package init(directory: String) { log = RequestLog(directory: directory) }

    /// Whose requests are summed: all that is set must fit.
    package struct Filter: Sendable {
        /// Public ids of an issued key and of a user; the hash of a key.
        package var keyID: Int?
        package var user: Int?
        package var key: String?

        package init(keyID: Int? = nil, user: Int? = nil, key: String? = nil) {
            (self.keyID, self.user, self.key) = (keyID, user, key)
        }

        /// Everybody's.
        package static let any = Filter()

        func takes(_ labels: Labels) -> Bool {
            (keyID.map { $0 == labels.keyID } ?? true) && (user.map { $0 == labels.user } ?? true)
                && (key.map { $0 == labels.key } ?? true)
        }
    }

    /// The sums of whole days, both included; nil: from the first, to the last.
    package func sum(
        from first: Day? = nil, to last: Day? = nil, where filter: Filter = .any, by groups: [Totals.Group]
    ) throws(Errno) -> Totals {
        try sum(within: Bounds(from: first?.start, to: last?.end), where: filter, by: groups)
    }

    /// The sums of what ended within bounds.
    package func sum(
        within bounds: Bounds, where filter: Filter = .any, by groups: [Totals.Group]
    ) throws(Errno) -> Totals {
        var totals = Totals(by: groups)
        var again: [String: Record] = [:]
        let days = try log.days().compactMap { Day($0) }.filter(bounds.touches)
        for day in days {
            totals.broken += try log.read(day: day.compact) { record in
                guard bounds.takes(record.time), filter.takes(Labels(of: record)) else { return }
                if record.isAgain { again[record.id] = record } else { totals.add(record, on: day) }
            }
        }
        // A record written a second time counts only where the first did not get through.
        if !again.isEmpty {
            for day in days {
                _ = try log.read(day: day.compact) { if !$0.isAgain { again[$0.id] = nil } }
            }
        }
        for record in again.values {
            if let day = Day(record.time.prefix(10)) { totals.add(record, on: day) }
        }
        return totals
    }

    /// The sums of each day that has any, oldest first.
    package func days(
        from first: Day? = nil, to last: Day? = nil, where filter: Filter = .any
    ) throws(Errno) -> [(day: Day, row: Row)] {
        let totals = try sum(from: first, to: last, where: filter, by: [.day])
        return totals.rows.compactMap { labels, row in labels.day.map { ($0, row) } }
            .sorted { $0.day < $1.day }
    }
}

/// From when to when, both included; nil: no bound.
package struct Bounds: Equatable, Sendable {
    package let from: Moment?
    package let to: Moment?

    package init(from: Moment?, to: Moment?) { (self.from, self.to) = (from, to) }

    func touches(_ day: Day) -> Bool {
        (from.map { Day(of: $0) <= day } ?? true) && (to.map { day <= Day(of: $0) } ?? true)
    }

    /// Whether the whole day lies within.
    func holds(_ day: Day) -> Bool {
        let start = day.start.seconds
        return (from.map { $0.seconds * 1000 + $0.milliseconds <= start * 1000 } ?? true)
            && (to.map { $0.seconds * 1000 + $0.milliseconds >= (start + 86400) * 1000 - 1 } ?? true)
    }

    /// Whether a record's time lies within: both are of the same width.
    func takes(_ time: String) -> Bool {
        (from.map { $0.iso8601 <= time } ?? true) && (to.map { time <= $0.iso8601 } ?? true)
    }
}
