// SPDX-License-Identifier: MIT

import Glibc
import Testing
import Unix

@testable import KeyLog

/// Days are closed and removed while others write, sum and do the same.
@Suite struct RetentionRaceTests {
    let scratch: Scratch
    let log: RequestLog
    /// Long ago by the machine's clock: nobody's draft is old enough to be swept up.
    let today = Day(number: 20_600)

    init() throws {
        scratch = try Scratch()
        log = RequestLog(directory: scratch.path)
    }

    private var ledger: Ledger { Ledger(directory: scratch.path) }

    private func append(_ id: String, on day: Day, second: Int = 0) throws {
        var record = fullRecord()
        (record.id, record.milliseconds) = (id, 1)
        try log.append(record, at: Moment(seconds: day.number * 86400 + second))
    }

    private func prune() throws -> Retention.Outcome {
        try Retention(directory: scratch.path, keep: 2 * 86_400_000, at: today.start).run()
    }

    private func requests(_ day: Day) throws -> Int {
        try ledger.sum(from: day, to: day, by: []).sum.requests
    }

    private static let writers = 32
    private static let each = 60

    /// Readers never see less than before, and at the end every record counts once.
    @Test func nothingIsLostWhileManyWriteAndPrune() throws {
        let yesterday = Day(number: today.number - 1)
        let old = (2...6).map { Day(number: today.number - $0) }
        for day in old { for number in 0..<40 { try append("req_\(day.number)_\(number)", on: day) } }
        let codes = try forked(RetentionRaceTests.writers + 6) { index in
            switch index {
            case ..<RetentionRaceTests.writers:
                for number in 0..<RetentionRaceTests.each {
                    try append("req_\(index)_\(number)", on: number % 3 == 0 ? yesterday : today)
                }
            case ..<(RetentionRaceTests.writers + 3):
                for _ in 0..<20 { _ = try prune() }
            default:
                var last = 0
                for _ in 0..<40 {
                    let sum = try ledger.sum(by: [])
                    // The last line of a segment may still be on its way.
                    guard sum.sum.requests >= last else { return 1 }
                    guard sum.broken <= 2, sum.damaged.isEmpty else { return sum.broken > 2 ? 2 : 3 }
                    last = sum.sum.requests
                }
            }
            return 0
        }
        #expect(codes == codes.map { _ in 0 })
        _ = try prune()
        for day in old { #expect(try requests(day) == 40) }
        let each = RetentionRaceTests.each
        #expect(try requests(yesterday) == RetentionRaceTests.writers * each / 3)
        #expect(try requests(today) == RetentionRaceTests.writers * each * 2 / 3)
        #expect(try log.segments() == [Day(number: today.number - 2), yesterday, today])
        try Verification(directory: scratch.path).each { #expect($0.isSound) }
        #expect(try File.names(in: scratch.path).allSatisfy { !$0.contains(".jsonl.") })
    }

    /// The clock of one that writes was set back by days: its records count, whoever removes the day meanwhile.
    @Test func recordsOfADayThatIsBeingRemovedCount() throws {
        let day = Day(number: today.number - 9)
        for number in 0..<500 { try append("req_\(number)", on: day) }
        let codes = try forked(8) { index in
            if index < 4 {
                for number in 0..<100 { try append("req_\(index)_late_\(number)", on: day) }
            } else {
                for _ in 0..<30 { _ = try prune() }
            }
            return 0
        }
        #expect(codes.allSatisfy { $0 == 0 })
        _ = try prune()
        #expect(try requests(day) == 900)
        #expect(try log.segments().isEmpty)
        try Verification(directory: scratch.path).each { #expect($0.isSound) }
    }

    /// One that opened the segment and writes late: either the segment stays, or the record goes where it is read.
    @Test func whoIsAboutToWriteLosesNothing() throws {
        let day = Day(number: today.number - 9)
        try append("req_1", on: day)
        do {
            let held = try log.held(day.compact)
            #expect(try prune() == Retention.Outcome())
            try File.write(line(of: fullRecord()) + [0x0A], to: held.number)
        }
        #expect(try requests(day) == 2)
        let early = try log.opened(day.compact)
        #expect(try prune().removed == 1)
        #expect(try !RequestLog.hold(early))
        try append("req_3", on: day)
        #expect(try requests(day) == 3 && log.segments() == [day])
    }

    /// What stands under a removed day's name by now is not what another prune has summed.
    @Test func whoComesSecondLeavesWhatCameLate() throws {
        let day = Day(number: today.number - 9)
        try append("req_1", on: day)
        let held = try Descriptor.open(log.path(of: day), O_RDWR)
        #expect(hold(held.number))
        #expect(try prune() == Retention.Outcome())
        #expect(try log.segments() == [day] && requests(day) == 1)
    }

    /// A step of the clock back over midnight: each record stands in the day that it names.
    @Test func aClockThatGoesBackOverMidnight() throws {
        let yesterday = Day(number: today.number - 1)
        try append("req_1", on: yesterday, second: 86_399)
        try append("req_2", on: today)
        _ = try prune()
        try append("req_3", on: yesterday, second: 86_398)
        try append("req_4", on: today, second: 1)
        for _ in 0..<2 {
            #expect(try requests(yesterday) == 2 && requests(today) == 2)
            _ = try prune()
        }
        let late = Bounds(from: Moment(seconds: today.number * 86400 - 2), to: yesterday.end)
        #expect(try ledger.sum(within: late, by: []).sum.requests == 2)
        try Verification(directory: scratch.path).each { #expect($0.isSound) }
    }

    @Test func aPipeInASegmentsPlaceHoldsNobodyUp() throws {
        try append("req_1", on: today)
        mkfifo("\(scratch.path)/requests-20261101.jsonl", 0o640)
        #expect(try ledger.sum(by: []).sum.requests == 1)
    }
}

/// Locks as another prune does; false: somebody has.
private func hold(_ number: Int32) -> Bool {
    var lock = flock()
    (lock.l_type, lock.l_whence) = (Int16(F_WRLCK), Int16(SEEK_SET))
    return fcntl(number, 37, &lock) == 0
}
