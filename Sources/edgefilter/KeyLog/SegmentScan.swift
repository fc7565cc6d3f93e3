// SPDX-License-Identifier: MIT

import Unix

/// One reading of a segment, or of a part of it.
///
/// A line that is marked as written again counts when no line before it, of its day or of an earlier one
/// since the request began, bears its id: a dead handler's own line is older than the one that is written on
/// its behalf.
struct SegmentScan {
    let log: RequestLog
    let day: Day
    /// Called for each line that counts.
    typealias Take = (Entry, Span<UInt8>) -> Void

    /// So many lines that are marked as written again are looked into at once: as many as there are slots.
    private static let againLimit = LivePage.count

    /// What a reading found.
    struct Outcome {
        var counts = Counts()
        /// The place behind the last line that has its end.
        var covered = 0
        /// What stands behind it.
        var rest: [UInt8] = []
    }

    /// Reads from the beginning of a line to the end, or to another line's beginning.
    func run(
        _ file: borrowing LineFile, from start: Int, to end: Int = .max, _ take: Take
    ) throws(Errno) -> Outcome {
        var outcome = Outcome()
        var entry = Entry()
        var again: [Again] = []
        outcome.covered = try file.each(from: start, to: end) { line, place in
            guard place.isWhole else {
                // One that is too long to be given is torn like any other.
                outcome.rest = line.isEmpty ? [0] : line.array
                return true
            }
            outcome.counts.lines += 1
            guard entry.read(line) else {
                outcome.counts.note(broken: line)
                return true
            }
            guard entry.isAgain else {
                take(entry, line)
                return true
            }
            outcome.counts.again += 1
            if again.count < SegmentScan.againLimit {
                again.append(Again(entry, line, at: place.offset, on: day))
            }
            return true
        }
        try settle(again, &outcome, take)
        return outcome
    }

    /// Counts those of the lines written again that have no twin.
    private func settle(_ again: [Again], _ outcome: inout Outcome, _ take: Take) throws(Errno) {
        // What is more than can be is no handler's: none of it counts.
        outcome.counts.twins = outcome.counts.again
        guard !again.isEmpty else { return }
        let firsts = try Twins.firsts(of: again, log, on: day)
        var entry = Entry()
        for one in again where firsts[one.id] == Twins.Place(day: day, offset: one.offset) {
            guard entry.read(one.line.span) else { continue }
            outcome.counts.twins -= 1
            take(entry, one.line.span)
        }
    }
}

/// A line that may be another one's twin.
struct Again {
    let id: [UInt8]
    let line: [UInt8]
    let offset: Int
    /// No twin is older.
    let start: Day

    init(_ entry: Entry, _ line: Span<UInt8>, at offset: Int, on day: Day) {
        id = entry.id(in: line)
        self.line = line.array
        self.offset = offset
        start = entry.start(in: line, on: day)
    }
}

/// Where ids stand first.
enum Twins {
    /// A line's place in the log.
    struct Place: Equatable {
        let day: Day
        let offset: Int
    }

    /// The first line of each id, at or before that of the last.
    static func firsts(
        of again: [Again], _ log: RequestLog, on day: Day
    ) throws(Errno) -> [[UInt8]: Place] {
        var wanted = Set(again.map(\.id))
        var firsts: [[UInt8]: Place] = [:]
        let oldest = again.map(\.start).min() ?? day
        for other in try log.segments() where (oldest...day).contains(other) && !wanted.isEmpty {
            guard let file = try log.open(other) else { continue }
            var entry = Entry()
            let last = other == day ? again.map(\.offset).max() ?? 0 : .max
            _ = try file.each(from: 0) { line, place in
                guard place.offset <= last else { return false }
                guard entry.read(line) else { return true }
                let id = entry.id(in: line)
                if wanted.remove(id) != nil { firsts[id] = Place(day: other, offset: place.offset) }
                return !wanted.isEmpty
            }
        }
        return firsts
    }
}

extension Counts {
    /// A line that is no record.
    mutating func note(broken line: Span<UInt8>) {
        if Checksum.wasWhole(line) { altered += 1 } else { torn += 1 }
    }
}
