// SPDX-License-Identifier: MIT

import Glibc
import Testing
import Unix

@testable import KeyLog

@Suite struct RetentionTests {
    let scratch: Scratch
    let log: RequestLog
    let day = Day(number: 20_778)

    init() throws {
        scratch = try Scratch()
        log = RequestLog(directory: scratch.path)
    }

    private var ledger: Ledger { Ledger(directory: scratch.path) }

    private func append(_ count: Int, on day: Day, model: String = "m") throws {
        for number in 0..<count {
            var record = fullRecord()
            (record.id, record.model) = ("req_\(day.number)_\(model)_\(number)", model)
            try log.append(record, at: Moment(seconds: day.number * 86400 + number))
        }
    }

    private func prune(_ days: Int, on day: Day) throws -> Retention.Outcome {
        try Retention(directory: scratch.path, keep: days * 86_400_000, at: day.start).run()
    }

    private func proofs() throws -> [DayProof] {
        var proofs: [DayProof] = []
        try Verification(directory: scratch.path).each { proofs.append($0) }
        return proofs
    }

    @Test func removesWhatIsSummed() throws {
        for number in 0..<5 { try append(number + 1, on: Day(number: day.number + number)) }
        try scratch.append(Array("torn".utf8), to: "requests-20261121.jsonl")
        let before = try ledger.days().map(\.row)
        let now = Day(number: day.number + 4)
        #expect(try prune(2, on: now) == Retention.Outcome(removed: 2))
        #expect(try log.segments() == (2...4).map { Day(number: day.number + $0) })
        #expect(try ledger.days().map(\.row) == before)
        #expect(try ledger.sum(by: []).broken == 1)
        #expect(try prune(2, on: now) == Retention.Outcome())
        #expect(try proofs().map(\.totals) == [.sealed, .sealed, .equal, .equal, .equal])
        #expect(try proofs().allSatisfy(\.isSound))
    }

    @Test func keepsADayAtLeast() throws {
        try append(1, on: day)
        #expect(try prune(0, on: day) == Retention.Outcome(closed: 1))
        #expect(try prune(0, on: Day(number: day.number + 1)) == Retention.Outcome())
        #expect(try prune(0, on: Day(number: day.number + 2)) == Retention.Outcome(removed: 1))
    }

    /// A record that comes after its day was removed counts in addition, before and after the next removal.
    @Test func aLateRecordCounts() throws {
        let now = Day(number: day.number + 9)
        try append(10, on: day)
        _ = try prune(3, on: now)
        try append(2, on: day, model: "late")
        for _ in 0..<2 {
            #expect(try ledger.sum(by: [.model]).rows.values.map(\.requests).sorted() == [2, 10])
        }
        #expect(try proofs().map(\.totals) == [.sealed])
        #expect(try prune(3, on: now).removed == 1)
        #expect(try ledger.sum(by: []).sum.requests == 12)
        // And a death between the seal and the removal changes nothing.
        try append(1, on: day, model: "later")
        let segment = try File.read(log.path(of: day), limit: 1 << 20)
        _ = try prune(3, on: now)
        try scratch.append(segment, to: "requests-20261121.jsonl")
        for _ in 0..<2 {
            #expect(try ledger.sum(by: []).sum.requests == 13)
            _ = try prune(3, on: now)
        }
    }

    @Test func aRemovedDayIsNeverSummedToNothing() throws {
        try append(10, on: day)
        try append(10, on: Day(number: day.number + 1))
        _ = try prune(1, on: Day(number: day.number + 9))
        let path = "\(scratch.path)/totals-20261121.jsonl"
        var bytes = try File.read(path, limit: 1 << 20)
        bytes[bytes.count / 2] ^= 1
        unlink(path)
        try scratch.append(bytes, to: "totals-20261121.jsonl")
        let sums = try ledger.sum(by: [])
        #expect(sums.damaged == [day] && sums.sum.requests == 10)
        #expect(try File.read(path, limit: 1 << 20) == bytes)
        #expect(try proofs().map(\.totals) == [.damaged, .sealed])
    }

    @Test func removesOldBudgets() throws {
        for name in ["budgets-20261119", "budgets-20261120", "budgets-20261121", "budgets-x"] {
            try scratch.append([], to: name)
        }
        #expect(try prune(90, on: day) == Retention.Outcome(budgets: 1))
        #expect(try File.names(in: scratch.path).count == 3)
    }

    @Test func leavesTheSegmentWhenTotalsCannotBeWritten() throws {
        try append(3, on: day)
        // A directory in the place of the totals: nothing can be renamed onto it.
        try File.makeDirectory("\(scratch.path)/totals-20261121.jsonl")
        defer { rmdir("\(scratch.path)/totals-20261121.jsonl") }
        #expect(throws: Errno.self) { try prune(1, on: Day(number: day.number + 5)) }
        #expect(try log.segments() == [day])
        #expect(try File.names(in: scratch.path).count == 2)
    }
}
