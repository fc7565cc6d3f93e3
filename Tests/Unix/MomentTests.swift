// SPDX-License-Identifier: MIT

import Testing

@testable import Unix

@Suite struct MomentTests {
    @Test(arguments: [
        (0, "1970-01-01 00:00:00"), (-1, "1969-12-31 23:59:59"), (86_399, "1970-01-01 23:59:59"),
        (-86_400, "1969-12-31 00:00:00"), (-86_401, "1969-12-30 23:59:59"),
        (951_868_799, "2000-02-29 23:59:59"), (951_868_800, "2000-03-01 00:00:00"),
        (1_735_689_599, "2024-12-31 23:59:59"), (1_709_251_199, "2024-02-29 23:59:59"),
        (4_107_542_399, "2100-02-28 23:59:59"), (4_107_542_400, "2100-03-01 00:00:00"),
        (-2_203_891_201, "1900-02-28 23:59:59"), (-2_203_891_200, "1900-03-01 00:00:00"),
        (-11_670_912_001, "1600-02-29 23:59:59"), (13_574_649_599, "2400-02-29 23:59:59"),
        (253_402_300_799, "9999-12-31 23:59:59"), (-62_135_596_800, "0001-01-01 00:00:00"),
    ])
    func isCivil(seconds: Int, plain: String) {
        let moment = Moment(seconds: seconds)
        #expect(moment.plain == plain)
        #expect(moment.compactDate == String(plain.prefix(10).filter { $0 != "-" }))
        #expect(moment.iso8601 == plain.replacing(" ", with: "T") + ".000Z")
    }

    @Test(arguments: [(0, "000"), (7, "007"), (42, "042"), (999, "999")])
    func padsMilliseconds(milliseconds: Int, digits: String) {
        #expect(Moment(seconds: 0, milliseconds: milliseconds).iso8601 == "1970-01-01T00:00:00.\(digits)Z")
    }

    /// Each day follows the one before it, over the 400 years after which the calendar repeats itself.
    @Test func countsEveryDay() {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        var (year, month, day) = (1800, 1, 1)
        for number in 0..<146_097 {
            let date = Moment(seconds: (number - 62_091) * 86400).date
            guard date == (year, month, day) else {
                Issue.record("\(date) instead of \((year, month, day))")
                return
            }
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            day += 1
            if day > lengths[month - 1] + (month == 2 && isLeap ? 1 : 0) { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
        #expect((year, month, day) == (2200, 1, 1))
    }
}

@Suite struct DeadlineTests {
    @Test func zeroIsNever() {
        for deadline in [Deadline(in: 0), Deadline(in: -5), .never] {
            #expect(deadline == .never && !deadline.isOver && deadline.pollTimeout == -1)
        }
    }

    @Test func pastIsOver() {
        #expect(Deadline.past.isOver)
        #expect(Deadline.past.pollTimeout == 0)
    }

    @Test func isOrdered() {
        let (soon, late) = (Deadline(in: 1000), Deadline(in: 1_000_000))
        #expect(Deadline.past < soon && soon < late && late < .never)
        #expect(min(late, soon) == soon && !late.isOver)
    }

    @Test func pollsRoundedUp() {
        let timeout = Deadline(in: 1_000_000).pollTimeout
        #expect(timeout > 0 && timeout <= 1_000_000)
        #expect(Deadline(in: Int(Int32.max) * 4).pollTimeout == Int32.max)
    }

    @Test func theClockGoesForward() {
        let first = Monotonic.now()
        #expect(Monotonic.now() >= first)
    }
}
