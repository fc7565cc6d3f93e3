// SPDX-License-Identifier: MIT

import Settings
import Testing

@testable import edgefilter

@Suite struct CrowdTests {
    private func crowd(_ connections: Int, perSource: Int) -> Crowd {
        var limits = settings().limits
        (limits.connections, limits.perSource) = (connections, perSource)
        return Crowd(limits)
    }

    @Test func holdsToItsLimits() throws {
        var crowd = crowd(3, perSource: 2)
        for pid in 1...2 {
            let slot = try #require(crowd.takeSlot { _ in false })
            crowd.add(Int32(pid), Crowd.Seat(source: "a", slot: slot))
        }
        #expect(!crowd.hasRoom(for: "a") && crowd.hasRoom(for: "b") && crowd.count == 2)
        crowd.add(3, Crowd.Seat(source: "b", slot: 2))
        #expect(!crowd.hasRoom(for: "c") && crowd.hasRoom(for: "admin", isAdmin: true))
        #expect(crowd.remove(1) == Crowd.Seat(source: "a", slot: 0) && crowd.remove(1) == nil)
        #expect(crowd.hasRoom(for: "a") && crowd.takeSlot { _ in false } == 0)
        crowd.giveBack(0)
        #expect(crowd.takeSlot { _ in false } == 0 && crowd.takeSlot { _ in false } == 3)
    }

    /// Slots that others hold are passed over; when all are held, there is none.
    @Test func passesOverTakenSlots() {
        var crowd = crowd(100, perSource: 100)
        #expect(crowd.takeSlot { $0 < 5 } == 5)
        #expect(crowd.takeSlot { _ in true } == nil)
    }

    @Test func resumes() {
        var limits = settings().limits
        limits.perSource = 1
        let seats: [Int32: Crowd.Seat] = [7: .init(source: "a", slot: 3), 8: .init(source: "b", slot: 0)]
        var crowd = Crowd(limits, resuming: seats)
        #expect(crowd.count == 2 && crowd.seats == seats && !crowd.hasRoom(for: "a"))
        var slots: Set<Int> = []
        for _ in 0..<3 { slots.insert(crowd.takeSlot { _ in false } ?? -1) }
        #expect(slots == [1, 2, 4])
    }
}

@Suite struct PenaltiesTests {
    private let second = 1_000_000_000

    @Test func forgivesALittle() {
        var penalties = Penalties()
        penalties.note(.none, of: "a", at: 0)
        #expect(penalties.ends.isEmpty)
        for _ in 0..<2 { penalties.note(.key, of: "a", at: 0) }
        #expect(penalties.wait(of: "a", at: 0) == nil)
        penalties.note(.key, of: "a", at: 0)
        #expect(penalties.wait(of: "a", at: 0) == 1 && penalties.wait(of: "b", at: 0) == nil)
        #expect(penalties.wait(of: "a", at: second) == nil)
        #expect(penalties.wait(of: "a", at: second * 100) == nil)
    }

    /// What has gone by is paid; nobody waits longer than the most.
    @Test func timeGoesBy() {
        var penalties = Penalties()
        penalties.note(.crash, of: "a", at: 0)
        #expect(penalties.wait(of: "a", at: 0) == 16)
        penalties.note(.crash, of: "a", at: second * 1000)
        #expect(penalties.wait(of: "a", at: second * 1000) == 16)
        for _ in 0..<1000 { penalties.note(.crash, of: "a", at: second * 1000) }
        #expect(penalties.ends["a"] == second * (1000 + Penalties.most))
    }

    @Test func remembersSoManyOnly() {
        var penalties = Penalties()
        penalties.note(.crash, of: "worst", at: 0)
        for index in 0..<(Penalties.room * 2) { penalties.note(.silence, of: "\(index)", at: index) }
        #expect(penalties.ends.count <= Penalties.room && penalties.ends["worst"] != nil)
        #expect(Penalties(penalties.ends).ends == penalties.ends)
    }
}
