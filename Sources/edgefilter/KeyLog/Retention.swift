// SPDX-License-Identifier: MIT

import CUnix
import Glibc
package import Unix

/// How long the request log is kept: days are closed into totals, and old segments removed.
///
/// No segment is removed before its totals are on the disk and were read back. A crash anywhere is harmless:
/// what was done is done, and the rest is done the next time.
package struct Retention: Sendable {
    private let log: RequestLog
    private let now: Moment
    /// Of the days before this one the segment goes.
    private let oldest: Day

    /// Shorter than this no record is kept: one of a request that just ended may still be written to its day.
    package static let shortest = 86_400_000

    /// `keep`: milliseconds since a day's end.
    package init(directory: String, keep: Int, at now: Moment) {
        log = RequestLog(directory: directory)
        self.now = now
        let days = (max(keep, Retention.shortest) + 86_399_999) / 86_400_000
        oldest = Day(number: max(0, Day(of: now).number - days))
    }

    /// What was done.
    package struct Outcome: Equatable, Sendable {
        /// Days whose totals were brought up to their segment.
        package var closed = 0
        /// Segments that were removed.
        package var removed = 0
        /// Budgets of past days that were removed.
        package var budgets = 0
    }

    /// Closes, removes, and sweeps up.
    package func run() throws(Errno) -> Outcome {
        var outcome = Outcome()
        for day in try log.segments() {
            if day < oldest {
                if try remove(day) { outcome.removed += 1 }
            } else if try close(day) {
                outcome.closed += 1
            }
        }
        outcome.budgets = try removeBudgets()
        try TotalsWriter.sweep(log, at: now)
        return outcome
    }

    /// Brings totals up to the segment; false: they are.
    private func close(_ day: Day) throws(Errno) -> Bool {
        guard let file = try log.open(day) else { return false }
        let (book, size) = (DayBook(log: log, day: day), try file.size)
        if let saved = try TotalsFile.open(log, day), saved.head.cover.bytes == size,
            try saved.head.cover.fits(file)
        {
            return false
        }
        var (totals, rest) = (DayTotals(), [UInt8]())
        let head = try book.sum(file, into: &totals, &rest)
        return try book.keep(totals, head, of: file)
    }

    /// Removes a segment whose totals are safe; false: another one is at it, or was, or somebody writes to it.
    private func remove(_ day: Day) throws(Errno) -> Bool {
        guard let file = try log.open(day, O_RDWR), cunix_lock(file.file.number, 0, 0) == 0 else {
            return false
        }
        defer { cunix_unlock(file.file.number) }
        let book = DayBook(log: log, day: day)
        // What stands under the name by now may be of records that came late.
        guard try book.isInPlace(file) else { return false }
        var (totals, rest) = (DayTotals(), [UInt8]())
        var head = try book.sum(file, into: &totals, &rest)
        // Nobody writes to that day any more: a line without an end will not get one.
        totals.counts = totals.counts + book.rest(rest, where: .any) { totals.add($1, under: $0) }
        head.cover = try Cover(try file.size, of: file)
        head.isSealed = true
        try TotalsWriter.write(totals, head, of: day, in: log, isSafe: true)
        // Somebody is still writing to that day: the next time.
        guard try file.size == head.cover.bytes else { return false }
        guard try isSafe(day, file) else {
            throw Errno(Errno.damaged, in: TotalsFile.path(log, day))
        }
        if unsafe unlink(log.path(of: day)) < 0, errno != ENOENT { throw Errno(errno, in: "unlink") }
        try keepLate(file, behind: head.cover.bytes, of: day)
        try TotalsWriter.sync(directory: log.directory)
        return true
    }

    /// What was written to the segment after it was summed, by a clock that was set back, begins another one.
    private func keepLate(_ file: borrowing LineFile, behind place: Int, of day: Day) throws(Errno) {
        let late = try file.size - place
        guard late > 0 else { return }
        let other = try log.held(day.compact)
        try File.write(try file.bytes(late, at: place), to: other.number)
    }

    /// Whether the totals can be read back and are of this segment.
    private func isSafe(_ day: Day, _ file: borrowing LineFile) throws(Errno) -> Bool {
        guard let saved = try TotalsFile.open(log, day), saved.head.isSealed,
            try saved.head.cover.fits(file)
        else { return false }
        return try saved.each { _, _ in }
    }

    private static let budgets = "budgets-"

    /// Budgets are of one day; those of yesterday may still be settled.
    private func removeBudgets() throws(Errno) -> Int {
        var removed = 0
        let yesterday = Day(number: Day(of: now).number - 1)
        for name in try File.names(in: log.directory) where name.hasPrefix(Retention.budgets) {
            guard let day = Day(name.dropFirst(Retention.budgets.count).prefix(8)), day < yesterday else {
                continue
            }
            if unsafe unlink("\(log.directory)/\(name)") == 0 { removed += 1 }
        }
        return removed
    }
}
