// SPDX-License-Identifier: MIT

package import Unix

/// What is left to prove of a day of the log.
package struct DayProof: Sendable {
    /// Of which day.
    package let day: Day
    /// nil: the segment was removed.
    package fileprivate(set) var lines: Lines?
    /// How its totals stand.
    package fileprivate(set) var totals: Standing

    /// How totals stand to their segment.
    package enum Standing: String, Sendable {
        /// They were never made: nobody asked.
        case none
        /// They are what a fresh sum of the lines gives.
        case equal
        /// They are all that is left of the day, and whole.
        case sealed
        /// They are of another segment than the one that is there.
        case foreign
        /// A fresh sum of the lines they cover gives something else.
        case unequal
        /// They are torn, altered or no totals.
        case damaged
    }

    /// What the lines were.
    package struct Lines: Sendable {
        /// All that are not empty.
        package let all: Int
        /// Cut off in the middle, by a death or a full disk.
        package let torn: Int
        /// Whole, with a wrong sum: somebody changed them.
        package let altered: Int
        /// Written on behalf of a dead handler, perhaps a second time.
        package let again: Int
        /// Those of them that were written before, and count nowhere.
        package let twins: Int

        init(_ counts: Counts) {
            (all, torn, altered) = (counts.lines, counts.torn, counts.altered)
            (again, twins) = (counts.again, counts.twins)
        }
    }

    /// Whether nothing is wrong that a death or a full disk does not explain.
    package var isSound: Bool {
        lines?.altered ?? 0 == 0 && [.none, .equal, .sealed].contains(totals)
    }
}

/// Proves the request log: every line by its sum, totals by a fresh sum.
package struct Verification: Sendable {
    private let log: RequestLog

    /// Of the state directory.
    package init(directory: String) { log = RequestLog(directory: directory) }

    /// Gives the proof of each day, oldest first; requests may be served meanwhile.
    package func each(_ take: (DayProof) -> Void) throws(Errno) {
        for day in try log.allDays() { take(try proof(of: day)) }
    }

    /// The files that are root's in a directory that is another's: its service may not be able to use them.
    package func rootsOwn() throws(Errno) -> [String] {
        guard let place = try Standing(at: log.directory), place.owner != 0 else { return [] }
        var names: [String] = []
        for name in try File.names(in: log.directory) where Verification.isOurs(name) {
            if try Standing(at: "\(log.directory)/\(name)")?.owner == 0 { names.append(name) }
        }
        return names
    }

    private static func isOurs(_ name: String) -> Bool {
        [RequestLog.prefix, TotalsFile.prefix, Budgets.prefix, "keys."].contains(where: name.hasPrefix)
    }

    private func proof(of day: Day) throws(Errno) -> DayProof {
        guard let file = try log.open(day) else {
            let isWhole = try TotalsFile.open(log, day)?.each { _, _ in } ?? false
            return DayProof(day: day, lines: nil, totals: isWhole ? .sealed : .damaged)
        }
        guard let totals = try TotalsFile.open(log, day) else {
            let isThere = File.exists(TotalsFile.path(log, day))
            return try proof(of: day, file, totals: isThere ? .damaged : .none)
        }
        let isFitting = try totals.head.cover.fits(file)
        if totals.head.isSealed {
            return try proof(of: day, file, totals: totals.each { _, _ in } ? .sealed : .damaged)
        }
        guard isFitting else { return try proof(of: day, file, totals: .foreign) }
        return try compare(totals, file, on: day)
    }

    private func proof(
        of day: Day, _ file: borrowing LineFile, totals: DayProof.Standing
    ) throws(Errno) -> DayProof {
        let outcome = try SegmentScan(log: log, day: day).run(file, from: 0) { _, _ in }
        return DayProof(day: day, lines: .init(outcome.all), totals: totals)
    }

    /// Sums anew what the totals cover.
    private func compare(
        _ totals: borrowing TotalsFile, _ file: borrowing LineFile, on day: Day
    ) throws(Errno) -> DayProof {
        var sums = DayTotals()
        var tag = Tag()
        let cover = totals.head.cover.bytes
        let scan = SegmentScan(log: log, day: day)
        let covered = try scan.run(file, from: 0, to: cover) { entry, line in
            entry.write(of: line, to: &tag)
            sums.add(entry.row, under: tag)
        }
        let rest = try scan.run(file, from: cover) { _, _ in }
        var (isSame, count) = (covered.counts == totals.head.counts, 0)
        let isWhole = try totals.each { tag, row in
            count += 1
            isSame = isSame && sums.row(of: tag) == row
        }
        let standing: DayProof.Standing =
            isWhole ? isSame && count == sums.count ? .equal : .unequal : .damaged
        return DayProof(day: day, lines: .init(covered.counts + rest.all), totals: standing)
    }
}

extension SegmentScan.Outcome {
    /// With the line that has no end yet.
    fileprivate var all: Counts {
        var all = counts
        guard !rest.isEmpty else { return all }
        all.lines += 1
        var entry = Entry()
        if !entry.read(rest.span) { all.note(broken: rest.span) }
        return all
    }
}
