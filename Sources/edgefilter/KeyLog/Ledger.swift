// SPDX-License-Identifier: MIT

package import Unix

/// The sums of the request log.
///
/// Closed days come from their totals, the open one from its totals and what was written since; totals that
/// are missing, damaged or far behind are made anew on the way, beside everybody else. Memory grows with the
/// groups that are asked for, not with the lines.
package struct Ledger: Sendable {
    private let log: RequestLog
    private let rowLimit: Int

    /// So many groups of a day are held to write totals of it down, unless one asks for more.
    package static let modest = 16384

    /// Of the log in a directory.
    ///
    /// `rowLimit`: with more groups a day its lines are read each time: memory is worth more than time.
    package init(directory: String, rowLimit: Int = Ledger.modest) {
        log = RequestLog(directory: directory)
        self.rowLimit = rowLimit
    }

    /// Whose requests are summed: all that is set must fit.
    package struct Filter: Sendable {
        /// The public id of an issued key.
        package var keyID: Int?
        /// The public id of a user.
        package var user: Int?
        /// The hash of a key.
        package var key: String?

        package init(keyID: Int? = nil, user: Int? = nil, key: String? = nil) {
            (self.keyID, self.user, self.key) = (keyID, user, key)
        }

        /// Everybody's.
        package static let any = Filter()
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
        for day in try log.allDays() where bounds.touches(day) {
            do throws(Errno) {
                try add(day, bounds, filter, to: &totals)
            } catch {
                guard error.number == Errno.damaged else { throw error }
                totals.damaged.append(day)
            }
        }
        return totals
    }

    private func add(
        _ day: Day, _ bounds: Bounds, _ filter: Filter, to totals: inout Totals
    ) throws(Errno) {
        let book = DayBook(log: log, day: day)
        var sums: [Labels: Row] = [:]
        let groups = totals.groups
        let take = { (tag: Tag, row: Row) in
            sums[tag.labels(for: groups, on: day), default: Row()].add(row)
        }
        var counts = Counts()
        if bounds.holds(day) {
            counts = try book.sum(where: filter, rowLimit: rowLimit, take)
        } else if let file = try log.open(day) {
            counts = try book.read(file, from: 0, within: bounds, where: filter, take)
        } else {
            counts = try book.sum(where: filter, rowLimit: rowLimit, take)
            totals.coarse.append(day)
        }
        totals.broken += counts.broken
        for (labels, row) in sums { totals.add(row, grouped: labels) }
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

extension Ledger.Filter {
    func takes(_ tag: Tag) -> Bool {
        (keyID.map { $0 == tag.keyID } ?? true) && (user.map { $0 == tag.user } ?? true)
            && (key.map { $0 == Tag.plain(tag.escaped(.key)) } ?? true)
    }

    func takes(_ entry: Entry, _ line: Span<UInt8>) -> Bool {
        (keyID.map { $0 == entry.keyID } ?? true) && (user.map { $0 == entry.user } ?? true)
            && (key.map { $0 == entry.key(in: line) } ?? true)
    }
}

extension RequestLog {
    /// The days that have a segment or totals, oldest first.
    func allDays() throws(Errno) -> [Day] {
        Set(try segments() + days(TotalsFile.prefix)).sorted()
    }
}
