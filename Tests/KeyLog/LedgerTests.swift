// SPDX-License-Identifier: MIT

import Glibc
import Testing
import Unix

@testable import KeyLog

@Suite struct LedgerTests {
    let scratch: Scratch
    let log: RequestLog
    let day = Day(number: 20_778)

    init() throws {
        scratch = try Scratch()
        log = RequestLog(directory: scratch.path)
    }

    private var ledger: Ledger { Ledger(directory: scratch.path) }
    private var totalsPath: String { "\(scratch.path)/totals-20261121.jsonl" }

    private func append(
        _ count: Int, on day: Day? = nil, _ change: (inout Record, Int) -> Void = { _, _ in }
    )
        throws
    {
        let day = day ?? self.day
        for number in 0..<count {
            var record = fullRecord()
            record.id = "req_\(day.number)_\(number)"
            change(&record, number)
            try log.append(record, at: Moment(seconds: day.number * 86400 + number % 86400))
        }
    }

    /// What a reader that keeps nothing finds.
    private func fresh() throws -> Row {
        var sum = Row()
        for day in try log.segments() { _ = try log.read(day: day.compact) { sum.add(Row(of: $0)) } }
        return sum
    }

    @Test func sumsAgreeWithRecords() throws {
        try append(300) { record, number in
            (record.keyID, record.model, record.output) = (number % 3, "m\(number % 5)", number)
            record.status = number % 7 == 0 ? 500 : 200
        }
        try append(20, on: Day(number: 20_779))
        let first = try ledger.sum(by: [.key, .model])
        let all = try fresh()
        #expect(first.sum == all && first.sum.requests == 320 && first.broken == 0)
        #expect(first.rows.count == 3 * 5 + 1)
        #expect(File.exists(totalsPath))
        let second = try ledger.sum(by: [.key, .model])
        #expect(second.rows == first.rows && second.sum == first.sum)
    }

    @Test func filtersAndGroups() throws {
        try append(60) { record, number in
            (record.keyID, record.user) = (number % 4, number % 2)
            record.endpoint = "/v\(number % 3)"
        }
        for _ in 0..<2 {
            let one = try ledger.sum(where: .init(keyID: 2), by: [.endpoint])
            #expect(one.sum.requests == 15 && one.rows.count == 3)
            #expect(try ledger.sum(where: .init(user: 1), by: []).sum.requests == 30)
            #expect(try ledger.sum(where: .init(keyID: 3, user: 0), by: []).sum.requests == 0)
            #expect(try ledger.sum(where: .init(key: "0123456789abcdef"), by: []).sum.requests == 60)
            #expect(try ledger.sum(where: .init(keyID: 99), by: []).rows.isEmpty)
        }
    }

    @Test func boundsAreIncluded() throws {
        for number in 0..<4 { try append(10, on: Day(number: day.number + number)) }
        let second = Day(number: day.number + 1)
        #expect(try ledger.sum(from: second, to: Day(number: day.number + 2), by: []).sum.requests == 20)
        #expect(try ledger.sum(from: second, by: []).sum.requests == 30)
        let from = Moment(seconds: second.start.seconds + 3)
        let to = Moment(seconds: second.start.seconds + 86400 + 4)
        let part = try ledger.sum(within: Bounds(from: from, to: to), by: [.day])
        #expect(part.sum.requests == 7 + 5 && part.rows.count == 2 && part.coarse.isEmpty)
        #expect(try ledger.days(from: second).map(\.row.requests) == [10, 10, 10])
    }

    /// A second reading must not read what is summed: the lines could be gone, and the sums would stand.
    @Test func readsOnlyTheTail() throws {
        try append(200)
        #expect(try ledger.sum(by: []).sum.requests == 200)
        try append(5) { record, _ in record.model = "late" }
        let before = try File.read(totalsPath, limit: 1 << 20)
        let sums = try ledger.sum(by: [.model])
        #expect(sums.sum.requests == 205 && sums.rows.count == 2)
        // A short tail is not worth new totals; a long one is.
        #expect(try File.read(totalsPath, limit: 1 << 20) == before)
        try append(300)
        #expect(try ledger.sum(by: []).sum.requests == 505)
        #expect(try File.read(totalsPath, limit: 1 << 20) != before)
        let (last, all) = (try ledger.sum(by: []), try fresh())
        #expect(last.sum == all)
    }

    @Test func aLineWithoutItsEndCountsOnce() throws {
        try append(3)
        let whole = line(of: fullRecord())
        try scratch.append(whole, to: "requests-20261121.jsonl")
        for _ in 0..<2 { #expect(try ledger.sum(by: []).sum.requests == 4) }
        try append(1)
        for _ in 0..<2 { #expect(try ledger.sum(by: []).sum.requests == 5) }
        try scratch.append(Array(whole.prefix(50)), to: "requests-20261121.jsonl")
        for _ in 0..<2 { #expect(try ledger.sum(by: []).broken == 1) }
        try append(1)
        let last = try ledger.sum(by: [])
        #expect(last.sum.requests == 6 && last.broken == 1)
    }

    @Test func aTwinCountsOnce() throws {
        let second = Day(number: day.number + 1)
        try append(2)
        var record = fullRecord()
        record.isAgain = true
        // Its twin is before it, on the day before it, nowhere, nowhere but written again twice.
        record.id = "req_20778_0"
        try log.append(record, at: Moment(seconds: day.start.seconds + 10))
        (record.id, record.milliseconds) = ("req_20778_1", 86_400_000)
        try log.append(record, at: Moment(seconds: second.start.seconds + 10))
        record.id = "req_alone"
        for _ in 0..<2 { try log.append(record, at: Moment(seconds: second.start.seconds + 11)) }
        for _ in 0..<2 {
            #expect(try ledger.days().map(\.row.requests) == [2, 1])
            #expect(try ledger.days(where: .init(keyID: 17)).map(\.row.requests) == [2, 1])
        }
        // After its first line is summed, another one of it is still a twin.
        try log.append(record, at: Moment(seconds: second.start.seconds + 12))
        #expect(try ledger.days().map(\.row.requests) == [2, 1])
    }

    @Test func modestyChangesNothing() throws {
        try append(100) { record, number in record.model = "m\(number)" }
        let modest = Ledger(directory: scratch.path, rowLimit: 10)
        #expect(try modest.sum(by: [.model]).rows.count == 100)
        #expect(!File.exists(totalsPath))
        let (one, other) = (try ledger.sum(by: [.model]), try modest.sum(by: [.model]))
        #expect(one.rows == other.rows)
    }

    @Test func oneCallerCannotFillADay() throws {
        try append(DayTotals.perKey + 50) { record, number in
            (record.keyID, record.model) = (7, "m\(number)")
        }
        try append(3) { record, _ in record.keyID = 8 }
        for _ in 0..<2 {
            let (sums, all) = (try ledger.sum(by: [.key, .model]), try fresh())
            #expect(sums.rows.count == DayTotals.perKey + 2 && sums.sum == all)
            let other = sums.rows.first { $0.key.model == "other" }
            #expect(other?.key.keyID == 7 && other?.value.requests == 50)
        }
    }

    @Test func strangersTogetherCannotFillADay() {
        var totals = DayTotals()
        var row = Row()
        row.requests = 1
        for number in 0..<DayTotals.foreign + 100 {
            var tag = Tag()
            tag.begin(keyID: 0, user: 0)
            for text in ["k\(number)", "/v1", "m", "u"] { tag.append(Array(text.utf8)) }
            totals.add(row, under: tag)
        }
        #expect(totals.count == DayTotals.foreign + 1)
        var again = DayTotals()
        for (tag, row) in totals.sorted { again.load(row, under: tag) }
        #expect(again.sorted.map(\.row) == totals.sorted.map(\.row))
    }

    @Test func textsComeBackAsTheyWere() throws {
        let models = ["a\"b", "c\\d", "e\nf", "世界", "\u{1}", ",{}[]", "other", ""]
        for model in models { try append(1) { record, _ in record.model = model } }
        for _ in 0..<2 {
            #expect(Set(try ledger.sum(by: [.model]).rows.keys.map(\.model)) == Set(models))
        }
    }

    @Test func noSumOverflows() throws {
        try append(3) { record, _ in record.input = .max }
        var row = Row()
        row.input = .max
        row.add(row)
        #expect(row.input == Row.limit)
        #expect(try ledger.sum(by: []).sum.input == 3 * Record.sane(.max))
    }
}
