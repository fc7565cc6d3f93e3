// SPDX-License-Identifier: MIT

import Testing
import Unix

@testable import KeyLog

@Suite struct WindowTests {
    private let window = Window(seconds: 60, limit: 3)

    private func passes(_ page: LivePage, _ key: Int, _ times: [Int]) -> [Bool] {
        times.map { page.take(key: key, window, at: 1000 + $0).passes }
    }

    @Test func letsSoManyPassAndThenAgain() throws {
        let page = try LivePage(in: nil)
        #expect(passes(page, 1, [0, 100, 599, 599]) == [true, true, true, false])
        #expect(passes(page, 1, [600]) == [true], "the window is over a minute after its first use")
        #expect(passes(page, 2, [0]) == [true], "another key has its own")
        let state = page.take(key: 3, window, at: 1000)
        #expect(state == Window.State(passes: true, limit: 3, left: 2, reset: 60))
        #expect(page.take(key: 3, window, at: 1595).reset == 1)
    }

    /// A burst across the turn of a minute meets one window.
    @Test func aBurstPassesExactly() throws {
        let page = try LivePage(in: nil)
        let fifty = Window(seconds: 60, limit: 50)
        let passed = (0..<200).count { page.take(key: 9, fifty, at: 590 + $0 / 10).passes }
        #expect(passed == 50)
    }

    @Test(arguments: [UInt64.max, 1 << 63, 0xFFFF_FFFF, 1]) func garbageIsNoWindow(word: UInt64) throws {
        let page = try LivePage(in: nil)
        page.words(Region.keys)[4] = word
        let state = page.take(key: 4, window, at: 1000)
        #expect((0...3).contains(state.left) && (1...60).contains(state.reset))
        #expect(page.take(key: 4, window, at: 5000).passes)
    }

    @Test func keysBeyondAllShare() throws {
        let page = try LivePage(in: nil)
        let beyond = Region.keys.count + 5
        #expect(passes(page, beyond, [0, 0, 0, 0]) == [true, true, true, false])
        #expect(passes(page, 5, [0]) == [false])
        #expect(page.take(key: -1, window, at: 0).passes && page.take(key: .max, window, at: 0).left >= 0)
    }
}

@Suite struct AddressTests {
    private func windows(_ minute: Int, _ hour: Int, _ day: Int) -> [Window] {
        zip([60, 3600, 86400], [minute, hour, day]).map { Window(seconds: $0, limit: $1) }
    }

    @Test func everySpanHasItsLimit() throws {
        let page = try LivePage(in: nil)
        let limits = windows(2, 3, 4)
        let take = { (tenths: Int) in page.take(address: "203.0.113.9", limits, at: tenths) }
        #expect([0, 1].allSatisfy { take($0)?.passes == true })
        #expect(take(2)?.limit == 2 && take(2)?.passes == false)
        #expect(take(600)?.passes == true, "the refused ones took nothing of the hour")
        #expect(take(601)?.passes == false && take(601)?.limit == 3)
        #expect(take(36_000)?.passes == true)
        #expect(take(36_001)?.passes == false && take(36_001)?.limit == 4)
        #expect(take(864_000)?.passes == true)
        #expect(page.take(address: "203.0.113.8", limits, at: 36_001)?.passes == true)
        #expect(page.take(address: "203.0.113.9", windows(0, 0, 0), at: 36_001) == nil)
    }

    /// Whoever comes from more addresses than fit never gets more than the limit from one of them.
    @Test func nobodyEscapesByCrowding() throws {
        let page = try LivePage(in: nil)
        let limits = windows(0, 0, 5)
        var passed: [String: Int] = [:]
        for round in 0..<10 {
            for host in 0..<1000 {
                let address = "10.0.\(host / 256).\(host % 256)"
                if page.take(address: address, limits, at: round)?.passes ?? true {
                    passed[address, default: 0] += 1
                }
            }
            for host in 0..<9000 {
                _ = page.take(address: "2001:db8:\(round):\(host)/64", limits, at: round)
            }
        }
        #expect(passed.values.allSatisfy { $0 <= 5 })
    }

    @Test func aFullTableForgetsNobodyBusy() throws {
        let page = try LivePage(in: nil)
        let limits = windows(0, 0, 3)
        for _ in 0..<3 { _ = page.take(address: "busy", limits, at: 0) }
        for host in 0..<100_000 { _ = page.take(address: "other\(host)", limits, at: 0) }
        #expect(page.take(address: "busy", limits, at: 0)?.passes == false)
        #expect(page.take(address: "busy", limits, at: 900_000)?.passes == true, "a day later all is new")
    }
}
