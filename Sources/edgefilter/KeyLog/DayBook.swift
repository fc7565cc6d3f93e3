// SPDX-License-Identifier: MIT

import CUnix
import Unix

/// One day of the log: its segment, and what is summed of it already.
///
/// The segment is the truth for as long as it is there; of a sealed day, whose segment was removed, the
/// totals are. A segment that comes to be behind a seal (a record that is written very late) counts in
/// addition.
struct DayBook {
    let log: RequestLog
    let day: Day

    /// Totals of less than this much of a segment are not worth writing.
    private static let tailLimit = 64 << 10
    /// Nor totals that would cost more to read and write than the rest of the segment.
    private static let tailShare = 8

    /// From where on the segment must be read when the totals are taken for what is before; nil: they do not
    /// fit it.
    static func start(of totals: borrowing TotalsFile, _ file: borrowing LineFile) throws(Errno) -> Int? {
        if try totals.head.cover.fits(file) { return totals.head.cover.bytes }
        return totals.head.isSealed ? 0 : nil
    }

    /// Gives the sums of the day by label, and says what its lines were.
    ///
    /// `rowLimit`: with more groups than these nothing is written, and lines are given one by one.
    func sum(
        where filter: Ledger.Filter, rowLimit: Int, _ take: (Tag, Row) -> Void
    ) throws(Errno) -> Counts {
        guard let file = try log.open(day) else {
            return try sealed(where: filter, take)
        }
        if let counts = try saved(file, where: filter, take) { return counts }
        var (totals, rest) = (DayTotals(), [UInt8]())
        if try build(file, &totals, &rest, rowLimit: rowLimit) {
            totals.each { if filter.takes($0) { take($0, $1) } }
            return totals.counts + self.rest(rest, where: filter, take)
        }
        return try read(file, from: 0, where: filter, take)
    }

    /// The totals alone: there is no segment any more.
    private func sealed(where filter: Ledger.Filter, _ take: (Tag, Row) -> Void) throws(Errno) -> Counts {
        var kept: [(Tag, Row)] = []
        guard let totals = try TotalsFile.open(log, day),
            try give(totals, where: filter, { kept.append(($0, $1)) })
        else { throw Errno(Errno.damaged, in: TotalsFile.path(log, day)) }
        for (tag, row) in kept { take(tag, row) }
        return totals.head.counts
    }

    /// What is summed, and the segment's tail; nil: the sums do not fit, are damaged, or far behind.
    private func saved(
        _ file: borrowing LineFile, where filter: Ledger.Filter, _ take: (Tag, Row) -> Void
    ) throws(Errno) -> Counts? {
        guard let totals = try TotalsFile.open(log, day), let start = try DayBook.start(of: totals, file)
        else { return nil }
        guard try file.size - start <= max(DayBook.tailLimit, totals.size / DayBook.tailShare) else {
            return nil
        }
        var kept: [(Tag, Row)] = []
        guard try give(totals, where: filter, { kept.append(($0, $1)) }) else { return nil }
        for (tag, row) in kept { take(tag, row) }
        return totals.head.counts + (try read(file, from: start, where: filter, take))
    }

    private func give(
        _ totals: borrowing TotalsFile, where filter: Ledger.Filter, _ take: (Tag, Row) -> Void
    ) throws(Errno) -> Bool {
        let fitting = { (tag: Tag, row: Row) in if filter.takes(tag) { take(tag, row) } }
        if let keyID = filter.keyID, keyID > 0 { return try totals.each(ofKey: keyID, fitting) }
        return try totals.each(fitting)
    }

    /// Gives lines one by one from a place on, the last one without its end too.
    func read(
        _ file: borrowing LineFile, from start: Int, within bounds: Bounds? = nil,
        where filter: Ledger.Filter, _ take: (Tag, Row) -> Void
    ) throws(Errno) -> Counts {
        var tag = Tag()
        let outcome = try SegmentScan(log: log, day: day).run(file, from: start) { entry, line in
            guard filter.takes(entry, line), bounds?.takes(entry.time(in: line)) ?? true else { return }
            entry.write(of: line, to: &tag)
            take(tag, entry.row)
        }
        let late = rest(outcome.rest, where: filter) { tag, row in take(tag, row) }
        return outcome.counts + late
    }

    /// Counts the line without an end.
    func rest(_ line: [UInt8], where filter: Ledger.Filter, _ take: (Tag, Row) -> Void) -> Counts {
        var counts = Counts()
        guard !line.isEmpty else { return counts }
        var entry = Entry()
        counts.lines = 1
        guard entry.read(line.span) else {
            counts.note(broken: line.span)
            return counts
        }
        var tag = Tag()
        entry.write(of: line.span, to: &tag)
        if filter.takes(entry, line.span) { take(tag, entry.row) }
        return counts
    }

    /// Sums the segment, from where fitting totals end, and writes the totals down if that is possible.
    ///
    /// False: there are too many groups.
    private func build(
        _ file: borrowing LineFile, _ totals: inout DayTotals, _ rest: inout [UInt8], rowLimit: Int
    ) throws(Errno) -> Bool {
        var head = try sum(file, into: &totals, &rest, rowLimit: rowLimit)
        guard totals.count <= rowLimit else { return false }
        head.counts = totals.counts
        // Who may not write here, or finds the disk full, has its sums all the same.
        _ = try? keep(totals, head, of: file)
        return true
    }

    /// Writes totals down; false: the segment is being removed or was, by whoever has sealed its own.
    ///
    /// `file`: the segment as it was summed.
    func keep(
        _ totals: DayTotals, _ head: TotalsFile.Head, of file: borrowing LineFile
    ) throws(Errno) -> Bool {
        guard cunix_lock_shared(file.file.number) == 0 else { return false }
        defer { cunix_unlock(file.file.number) }
        guard try isInPlace(file) else { return false }
        try TotalsWriter.write(totals, head, of: day, in: log)
        return true
    }

    /// Whether a file is still the day's segment.
    func isInPlace(_ file: borrowing LineFile) throws(Errno) -> Bool {
        let held = try Standing(of: file.file.number)
        return try Standing(at: log.path(of: day))?.isSame(as: held) ?? false
    }

    /// Sums the segment up to its last whole line; the head says how far.
    func sum(
        _ file: borrowing LineFile, into totals: inout DayTotals, _ rest: inout [UInt8], rowLimit: Int = .max
    ) throws(Errno) -> TotalsFile.Head {
        var head = TotalsFile.Head()
        let start = try base(file, &totals, &head)
        var sums = totals
        totals = DayTotals()
        var tag = Tag()
        let outcome = try SegmentScan(log: log, day: day).run(file, from: start) { entry, line in
            guard sums.count <= rowLimit else { return }
            entry.write(of: line, to: &tag)
            sums.add(entry.row, under: tag)
        }
        sums.counts = sums.counts + outcome.counts
        totals = sums
        rest = outcome.rest
        head.cover = try Cover(outcome.covered, of: file)
        return head
    }

    /// Takes over totals that fit; from where on the segment is still to be summed.
    private func base(
        _ file: borrowing LineFile, _ totals: inout DayTotals, _ head: inout TotalsFile.Head
    ) throws(Errno) -> Int {
        guard let saved = try TotalsFile.open(log, day), let start = try DayBook.start(of: saved, file)
        else { return 0 }
        var base = DayTotals()
        guard try saved.each({ base.load($1, under: $0) }) else {
            // Of a sealed day nothing else is left: it is not summed over.
            if saved.head.isSealed { throw Errno(Errno.damaged, in: TotalsFile.path(log, day)) }
            return 0
        }
        base.counts = saved.head.counts
        totals = base
        head.isSealed = saved.head.isSealed
        return start
    }
}

extension Errno {
    /// What is there cannot be used (EUCLEAN, "structure needs cleaning").
    static let damaged: Int32 = 117
}
