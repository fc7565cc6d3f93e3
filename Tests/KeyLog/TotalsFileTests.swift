// SPDX-License-Identifier: MIT

import Glibc
import Testing
import Unix

@testable import KeyLog

/// What is derived may be damaged in any way: sums stay right, and the damage is seen.
@Suite struct TotalsFileTests {
    let scratch: Scratch
    let log: RequestLog
    let day = Day(number: 20_778)
    let name = "totals-20261121.jsonl"
    var path: String { "\(scratch.path)/\(name)" }

    init() throws {
        scratch = try Scratch()
        log = RequestLog(directory: scratch.path)
        for number in 0..<40 {
            var record = fullRecord()
            (record.id, record.keyID, record.model) = ("req_\(number)", number % 5, "m\(number % 3)")
            try log.append(record, at: Moment(seconds: day.number * 86400 + number))
        }
        _ = try ledger.sum(by: [])
    }

    private var ledger: Ledger { Ledger(directory: scratch.path) }

    private func replace(_ bytes: [UInt8]) throws {
        unlink(path)
        try scratch.append(bytes, to: name)
    }

    private func standing() throws -> DayProof.Standing? {
        var standing: DayProof.Standing?
        try Verification(directory: scratch.path).each { standing = $0.totals }
        return standing
    }

    /// Sums are right, twice, and afterwards the totals are as they were.
    private func heals(_ whole: [UInt8]) throws -> Bool {
        let first = try ledger.sum(where: .init(keyID: 2), by: [.model])
        let all = try ledger.sum(by: [])
        let after = try File.read(path, limit: 1 << 20)
        return first.sum.requests == 8 && all.sum.requests == 40 && after == whole
    }

    @Test func everyCutHeals() throws {
        let whole = try File.read(path, limit: 1 << 20)
        for count in stride(from: 0, to: whole.count, by: 7) {
            try replace(Array(whole.prefix(count)))
            #expect(try standing() == .damaged)
            if !(try heals(whole)) { Issue.record("does not heal from a cut at \(count)") }
        }
    }

    @Test func everyFlippedByteHeals() throws {
        let whole = try File.read(path, limit: 1 << 20)
        for index in stride(from: 0, to: whole.count, by: 5) {
            var bytes = whole
            bytes[index] ^= 0x10
            try replace(bytes)
            #expect(try standing() == .damaged)
            // A key's own rows may be whole while others are not: all of them are read last.
            if !(try heals(whole)) { Issue.record("does not heal from a changed byte at \(index)") }
        }
    }

    @Test func linesThatAreMissingTwiceOrMovedHeal() throws {
        let whole = try File.read(path, limit: 1 << 20)
        let lines = whole.split(separator: 0x0A)
        var others: [[ArraySlice<UInt8>]] = []
        for index in lines.indices {
            var (missing, twice, moved) = (lines, lines, lines)
            missing.remove(at: index)
            twice.insert(lines[index], at: index)
            moved.swapAt(index, (index + 1) % lines.count)
            others += [moved, missing, twice]
        }
        for (number, other) in others.enumerated() {
            try replace(Array(other.joined(separator: [0x0A])) + [0x0A])
            #expect(try standing() == .damaged)
            // Only who reads all rows sees that they are not in their order.
            if number % 3 == 0 { #expect(try ledger.sum(by: []).sum.requests == 40) }
            #expect(try heals(whole))
        }
    }

    @Test func thoseOfAnotherSegmentAreMadeAnew() throws {
        let whole = try File.read(path, limit: 1 << 20)
        unlink(log.path(of: day))
        var record = fullRecord()
        record.model = "another"
        for _ in 0..<60 { try log.append(record, at: day.start) }
        #expect(try standing() == .foreign)
        #expect(try ledger.sum(by: []).sum.requests == 60)
        #expect(try File.read(path, limit: 1 << 20) != whole)
        #expect(try standing() == .equal)
        // A segment that became shorter is another one.
        unlink(log.path(of: day))
        try log.append(record, at: day.start)
        #expect(try ledger.sum(by: []).sum.requests == 1)
    }

    @Test func seesLinesThatWereChanged() throws {
        let segment = "requests-20261121.jsonl"
        let bytes = try File.read(log.path(of: day), limit: 1 << 20)
        // Another sum of tokens, with a sum that is right for it.
        var entry = fullRecord()
        entry.output = 1_000_000
        let lines = bytes.split(separator: 0x0A)
        unlink(log.path(of: day))
        try scratch.append(
            Array((lines.prefix(20) + [line(of: entry)[...]] + lines.dropFirst(21)).joined(separator: [0x0A]))
                + [0x0A], to: segment)
        #expect(try [.unequal, .foreign].contains(standing()))
        unlink(log.path(of: day))
        var changed = bytes
        changed[bytes.count / 2] ^= 1
        try scratch.append(changed, to: segment)
        var proof: DayProof?
        try Verification(directory: scratch.path).each { proof = $0 }
        #expect(proof?.isSound == false && proof?.lines?.altered == 1 && proof?.totals == .unequal)
    }

    @Test func tornLinesAreNoFault() throws {
        try scratch.append(Array("\n{\"time\":\"2026".utf8), to: "requests-20261121.jsonl")
        var proof: DayProof?
        try Verification(directory: scratch.path).each { proof = $0 }
        #expect(proof?.isSound == true && proof?.lines?.torn == 1 && proof?.totals == .equal)
    }

    /// Bisection finds every key, and none that is not there.
    @Test func findsEveryKeyAmongMany() throws {
        var totals = DayTotals()
        for key in 1...500 {
            for model in 0..<(key % 4) {
                var tag = Tag()
                tag.begin(keyID: key * 2, user: 1)
                let long = String(repeating: "x", count: key % 100)
                for text in ["k", "/v1", "m\(model)\(long)", "u"] { tag.append(Array(text.utf8)) }
                var row = Row()
                row.requests = key
                totals.add(row, under: tag)
            }
        }
        try TotalsWriter.write(totals, TotalsFile.Head(), of: day, in: log)
        guard let file = try TotalsFile.open(log, day) else {
            Issue.record("the totals are not whole")
            return
        }
        for key in 0...1003 {
            var found: [Int] = []
            let isWhole = try file.each(ofKey: key) { found.append($1.requests) }
            #expect(isWhole)
            let count = key % 2 == 0 && (1...500).contains(key / 2) ? key / 2 % 4 : 0
            #expect(found == [Int](repeating: key / 2, count: count))
        }
    }

    /// Many sum while many write; nobody is hurt.
    @Test func processesSumWhileOthersWrite() throws {
        var running: Set<Int32> = []
        for child in 0..<8 {
            let pid = try Processes.fork()
            if pid == 0 {
                alarm(120)
                var last = 40
                for number in 0..<40 {
                    var record = fullRecord()
                    (record.id, record.model) = ("req_\(child)_\(number)", "c\(child)")
                    for _ in 0..<(child % 2 == 0 ? 10 : 0) { try? log.append(record, at: day.start) }
                    guard let sum = try? ledger.sum(by: [.model]).sum.requests, sum >= last else {
                        Processes.leave(1)
                    }
                    last = sum
                }
                Processes.leave(0)
            }
            running.insert(pid)
        }
        for pid in running {
            var status: Int32 = 0
            #expect(waitpid(pid, &status, 0) == pid && status == 0)
        }
        #expect(try ledger.sum(by: []).sum.requests == 40 + 4 * 400)
        #expect(try standing() == .equal)
        #expect(try File.names(in: scratch.path).count == 2)
    }
}
