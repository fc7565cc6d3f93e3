// SPDX-License-Identifier: MIT

import Glibc
import Testing
import Unix

@testable import KeyLog

@Suite struct LivePageTests {
    private let start = Moment(seconds: 1000, milliseconds: 500)
    private let end = Moment(seconds: 1002, milliseconds: 250)

    @Test func settlesWhatIsOwed() throws {
        let slot = try LivePage(in: nil).slot(5)
        #expect(slot.state == .closed && slot.settle("killed", at: end) == nil)
        slot.open(fullRecord(), at: start)
        #expect(slot.state == .open)
        var more = fullRecord()
        more.output = 77
        slot.noteNumbers(more)
        let record = try #require(slot.settle("killed", at: end)).record
        #expect(
            record.ended == "killed" && record.milliseconds == 1750 && record.output == 77 && !record.isAgain)
        #expect(record.model == "gpt-5" && record.endpoint == "/v1/chat/completions" && record.status == 200)
        #expect(slot.state == .closed && slot.settle("killed", at: end) == nil)
    }

    @Test func marksWhatMayBeWritten() throws {
        let slot = try LivePage(in: nil).slot(0)
        slot.open(fullRecord(), at: start)
        slot.write()
        #expect(slot.state == .writing)
        let record = try #require(slot.settle("killed", at: end)).record
        #expect(record.isAgain)
        slot.open(fullRecord(), at: start)
        slot.write()
        slot.close()
        #expect(slot.settle("killed", at: end) == nil)
    }

    /// A record of hostile content is still a record, on one line.
    @Test func garbageHarmsNothing() throws {
        let slot = try LivePage(in: nil).slot(LivePage.count - 1)
        var record = Record()
        (record.input, record.output, record.status) = (.max, .min, -1)
        record.model = String(repeating: "世\n\"", count: 100)
        record.id = "\u{0}x"
        for moment in [start, Moment(seconds: 1 << 50), Moment(seconds: -(1 << 50))] {
            slot.open(record, at: moment)
            let settled = try #require(slot.settle("lost\n", at: end)).record
            #expect(
                settled.milliseconds >= 0 && settled.input >= 0 && settled.output == 0 && settled.status == 0)
            let bytes = line(of: settled)
            #expect(bytes.allSatisfy { $0 >= 0x20 } && Record(line: bytes) != nil)
        }
    }

    @Test func slotsDoNotOverlap() throws {
        let page = try LivePage(in: nil)
        for index in 0..<20 {
            var record = fullRecord()
            record.id = "req_\(index)"
            record.upstream = String(repeating: "u", count: 500)
            page.slot(index).open(record, at: start)
        }
        for index in 0..<20 {
            #expect(page.slot(index).settle("killed", at: end)?.record.id == "req_\(index)")
        }
    }

    @Test func isSharedByName() throws {
        let scratch = try Scratch()
        let (one, other) = (try LivePage(in: scratch.path), try LivePage(in: scratch.path))
        one.slot(3).open(fullRecord(), at: start)
        #expect(other.slot(3).state == .open && other.slot(4).state == .closed)
        #expect(!other.isLocked(3) && one.lock(3) && other.isLocked(3) && !other.isLocked(4))
        #expect(!other.lock(3))
    }

    /// What a killed handler owes is all there: whose it was, what it had reserved, what was lost.
    @Test func slotsTellWhoseTheyWere() throws {
        let slot = try LivePage(in: nil).slot(1)
        var record = fullRecord()
        (record.keyID, record.user) = (7, 3)
        slot.open(record, at: start)
        let reservation = Reservation(day: 20_783, tokens: 500, generation: 99)
        slot.hold(reservation)
        let settled = try #require(slot.settle("killed", at: end))
        #expect(settled.reservation == reservation && settled.record.keyID == 7 && settled.record.user == 3)
        #expect(settled.record.losses == ["top_k", "seed"] && settled.record.written == 3)
        #expect(settled.record.attempts == ["zhipu:429", "zhipu:e401", "other:200"])
        slot.open(record, at: start)
        #expect(slot.settle("killed", at: end)?.reservation == nil, "a new request has reserved nothing")
        record.losses = (0..<16).map { "a_long_name_\($0)" }
        slot.open(record, at: start)
        #expect(
            slot.settle("killed", at: end)?.record.losses == [
                "a_long_name_0", "a_long_name_1", "a_long_name_2",
            ])
    }

    /// A reservation that nobody can have made is none.
    @Test func garbageReservesNothing() throws {
        let slot = try LivePage(in: nil).slot(1)
        for (day, tokens) in [(-1, 5), (5, -1), (.max, 5), (.min, .min), (0, 0)] {
            slot.open(fullRecord(), at: start)
            slot.hold(Reservation(day: day, tokens: tokens, generation: 1))
            #expect(slot.settle("killed", at: end)?.reservation == nil)
        }
        slot.open(fullRecord(), at: start)
        slot.hold(Reservation(day: 5, tokens: .max, generation: 1))
        #expect(slot.settle("killed", at: end)?.reservation?.tokens == 1 << 40)
    }

    /// What is no page of ours is put out of the way.
    @Test func replacesAnotherVersion() throws {
        let scratch = try Scratch()
        try scratch.append(Array("something else".utf8), to: "live")
        let page = try LivePage(in: scratch.path)
        page.slot(0).open(fullRecord(), at: start)
        #expect(try LivePage(in: scratch.path).slot(0).state == .open)
    }

    /// Many that start at once share one page, whatever stood there before.
    @Test(arguments: [nil, "something else"]) func isOneForAllWhoStartAtOnce(before: String?) throws {
        let scratch = try Scratch()
        if let before { try scratch.append(Array(before.utf8), to: "live") }
        let passed = try forked(16) { _ in
            let page = try LivePage(in: scratch.path)
            return page.take(key: 1, Window(seconds: 60, limit: 5), at: 1000).passes ? 1 : 0
        }
        #expect(passed.reduce(0, +) == 5)
        #expect(try File.names(in: scratch.path) == ["live"], "no draft is left")
    }
}
