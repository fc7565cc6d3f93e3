// SPDX-License-Identifier: MIT

import Testing
import Unix

@testable import KeyLog

@Suite struct BudgetTests {
    private let noon = Moment(seconds: 20_783 * 86400 + 43200)
    private var day: Day { Day(of: noon) }

    @Test func reservesAndSettles() throws {
        let scratch = try Scratch()
        let budgets = Budgets(directory: scratch.path)
        #expect(budgets.used(by: 1, on: day) == nil)
        let (first, state) = try budgets.reserve(300, upTo: 400, of: 1, limit: 1000, at: noon)
        #expect(first?.tokens == 400 && state == Budgets.State(limit: 1000, left: 600, reset: 43200))
        let (second, _) = try budgets.reserve(300, upTo: 900, of: 1, limit: 1000, at: noon)
        #expect(second?.tokens == 600, "what is left, when that is enough")
        let (third, full) = try budgets.reserve(1, upTo: 1, of: 1, limit: 1000, at: noon)
        #expect(third == nil && full.left == 0)
        budgets.settle(first, used: 100, of: 1, at: noon)
        budgets.settle(second, used: 0, of: 1, at: noon)
        #expect(budgets.used(by: 1, on: day) == 100 && budgets.used(by: 2, on: day) == 0)
        // More than was reserved counts too.
        let (fourth, _) = try budgets.reserve(10, upTo: 10, of: 1, limit: 1000, at: noon)
        budgets.settle(fourth, used: 5000, of: 1, at: noon)
        #expect(budgets.used(by: 1, on: day) == 5100)
        #expect(try budgets.reserve(1, upTo: 1, of: 1, limit: 1000, at: noon).reservation == nil)
    }

    /// A file that is gone is made anew of what was written down.
    @Test func isMadeOfTheRecords() throws {
        let scratch = try Scratch()
        let log = RequestLog(directory: scratch.path)
        for (key, tokens) in [(1, 100), (1, 50), (5_000_000, 7), (0, 999)] {
            var record = fullRecord()
            (record.keyID, record.input, record.output) = (key, tokens, 1)
            try log.append(record, at: noon)
        }
        let budgets = Budgets(directory: scratch.path)
        let (reservation, state) = try budgets.reserve(10, upTo: 10, of: 1, limit: 1000, at: noon)
        #expect(state.left == 1000 - 152 - 10)
        try scratch.remove("budgets-\(day.compact)")
        // The records know nothing of what was reserved.
        #expect(try budgets.reserve(1, upTo: 1, of: 1, limit: 1000, at: noon).state.left == 1000 - 152 - 1)
        budgets.settle(reservation, used: 30, of: 1, at: noon)
        #expect(budgets.used(by: 1, on: day) == 152 + 1 + 30)
        #expect(budgets.used(by: 5_000_000, on: day) == 8)
    }

    @Test func whatEndsTomorrowCountsTomorrow() throws {
        let scratch = try Scratch()
        let budgets = Budgets(directory: scratch.path)
        let next = Moment(seconds: noon.seconds + 86400)
        let (reservation, _) = try budgets.reserve(100, upTo: 100, of: 1, limit: 1000, at: noon)
        _ = try budgets.reserve(1, upTo: 1, of: 2, limit: 10, at: next)
        budgets.settle(reservation, used: 70, of: 1, at: next)
        #expect(budgets.used(by: 1, on: day) == 0 && budgets.used(by: 1, on: Day(of: next)) == 70)
    }

    @Test(arguments: ["", "something else", String(repeating: "\u{0}", count: 5000)])
    func anotherFileIsReplaced(content: String) throws {
        let scratch = try Scratch()
        try scratch.append(Array(content.utf8), to: "budgets-\(day.compact)")
        let budgets = Budgets(directory: scratch.path)
        #expect(try budgets.reserve(5, upTo: 5, of: 1, limit: 10, at: noon).reservation?.tokens == 5)
        #expect(try File.names(in: scratch.path) == ["budgets-\(day.compact)"], "no draft is left")
    }

    @Test func throwsWhereNothingCanBeKept() throws {
        let budgets = Budgets(directory: "/nonexistent")
        #expect(throws: Errno.self) { try budgets.reserve(1, upTo: 1, of: 1, limit: 10, at: noon) }
        budgets.settle(Reservation(day: 5, tokens: 5, generation: 5), used: 5, of: 1, at: noon)
    }

    /// Many at once: exactly what is there is given out.
    @Test func manyAtOnceTakeNoMoreThanThereIs() throws {
        let scratch = try Scratch()
        let results = try forked(8) { _ in
            let budgets = Budgets(directory: scratch.path)
            return (0..<50).count { _ in
                (try? budgets.reserve(10, upTo: 10, of: 1, limit: 1000, at: noon).reservation) != nil
            }
        }
        #expect(results.reduce(0, +) == 100)
    }
}
