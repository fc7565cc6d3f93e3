// SPDX-License-Identifier: MIT

import Glibc
import Testing
import Unix

@testable import KeyLog

@Suite struct RequestLogTests {
    /// The instant 2026-11-21T02:19:00.123Z.
    let moment = Moment(seconds: 1_795_227_540, milliseconds: 123)

    private func records(_ log: RequestLog, _ day: String) throws -> (records: [Record], broken: Int) {
        var records: [Record] = []
        let broken = try log.read(day: day) { records.append($0) }
        return (records, broken)
    }

    @Test func keepsWhatIsAppended() throws {
        let scratch = try Scratch()
        let log = RequestLog(directory: scratch.path)
        var record = fullRecord()
        for number in 0..<3 {
            record.output = number
            try log.append(record, at: moment)
        }
        try log.append(record, at: Moment(seconds: moment.seconds + 86_400))
        #expect(try log.days() == ["20261121", "20261122"])
        let (first, broken) = try records(log, "20261121")
        #expect(first.map(\.output) == [0, 1, 2] && broken == 0)
        #expect(first.allSatisfy { $0.time == "2026-11-21T02:19:00.123Z" && $0.model == "gpt-5" })
        #expect(try records(log, "20261122").records.count == 1)
    }

    @Test func skipsAndCountsWhatIsTorn() throws {
        let scratch = try Scratch()
        let log = RequestLog(directory: scratch.path)
        let name = "requests-20261121.jsonl"
        let whole = line(of: fullRecord())
        try log.append(fullRecord(), at: moment)
        // A write that was cut off swallows neither the line before nor the one after it.
        try scratch.append([0x0A] + whole.prefix(100), to: name)
        try log.append(fullRecord(), at: moment)
        try scratch.append(Array("garbage\n\n\n{}\n\u{0}\u{0}".utf8), to: name)
        try log.append(fullRecord(), at: moment)
        try scratch.append([UInt8](repeating: 0x61, count: 70_000), to: name)
        try log.append(fullRecord(), at: moment)
        try scratch.append(Array("last".utf8), to: name)
        let (found, broken) = try records(log, "20261121")
        #expect(found.count == 4 && broken >= 6)
        #expect(found.allSatisfy { $0.upstream == "zhipu" })
    }

    @Test func takesALastLineWithoutItsEnd() throws {
        let scratch = try Scratch()
        try scratch.append(line(of: fullRecord()), to: "requests-20261121.jsonl")
        let (found, broken) = try records(RequestLog(directory: scratch.path), "20261121")
        #expect(found == [fullRecord()] && broken == 0)
    }

    @Test func knowsItsSegments() throws {
        let scratch = try Scratch()
        for name in [
            "requests-20261123.jsonl", "requests-20261121.jsonl", "totals-20261121.jsonl", "keys.log",
        ] {
            try scratch.append([], to: name)
        }
        let log = RequestLog(directory: scratch.path)
        #expect(try log.days() == ["20261121", "20261123"])
        #expect(try records(log, "20261121").records.isEmpty)
        #expect(throws: Errno(ENOENT, in: "open")) { try log.read(day: "19990101") { _ in } }
    }

    @Test func saysWhenARecordIsLost() throws {
        let log = RequestLog(directory: "/nonexistent")
        #expect(throws: Errno(ENOENT, in: "open")) { try log.append(fullRecord(), at: moment) }
        #expect(try log.days() == [])
    }

    /// Handlers are processes, and nothing but O_APPEND keeps their lines apart.
    @Test func processesLoseNothing() throws {
        let scratch = try Scratch()
        let log = RequestLog(directory: scratch.path)
        let (children, each) = (8, 200)
        var record = fullRecord()
        // Once before any fork, so that no child has to prepare what this needs.
        try log.append(record, at: moment)
        var running: Set<Int32> = []
        for child in 0..<children {
            let pid = try Processes.fork()
            if pid == 0 {
                alarm(60)
                record.input = child + 1
                record.model = String(repeating: "m", count: child * 16)
                for number in 0..<each {
                    record.output = number
                    if (try? log.append(record, at: moment)) == nil { Processes.leave(1) }
                }
                Processes.leave(0)
            }
            running.insert(pid)
        }
        for pid in running {
            var status: Int32 = 0
            #expect(waitpid(pid, &status, 0) == pid && status == 0)
        }
        let (found, broken) = try records(log, "20261121")
        #expect(broken == 0 && found.count == children * each + 1)
        for child in 1...children {
            let outputs = found.dropFirst().filter { $0.input == child }.map(\.output)
            #expect(outputs == Array(0..<each))
        }
    }
}

@Suite struct KeyHashTests {
    @Test func isAKnownDigest() {
        let key = Array("abc".utf8)
        #expect(KeyHash.sha256.hash(of: key) == "ba7816bf8f01cfea")
        #expect(KeyHash.md5.hash(of: key) == "90015098")
        #expect(KeyHash.hmac(pepper: []).hash(of: key) == "fd7adb152c05ef80")
    }

    @Test func noKeyHasNoHash() {
        for form in [KeyHash.sha256, .md5, .hmac(pepper: [1])] { #expect(form.hash(of: []).isEmpty) }
    }
}

@Suite struct TotalsTests {
    private func record(_ key: String, _ model: String, status: Int, code: Int = 0) -> Record {
        var record = fullRecord()
        (record.key, record.model, record.status, record.code) = (key, model, status, code)
        record.keyID = 0
        return record
    }

    @Test func sumsByGroup() {
        let records = [
            record("a", "x", status: 200), record("a", "y", status: 500),
            record("b", "x", status: 200, code: 601),
            record("b", "x", status: 0), record("b", "x", status: 399),
        ]
        var byKey = Totals(by: [.key])
        var byModel = Totals(by: [.model])
        for record in records {
            byKey.add(record, on: day)
            byModel.add(record, on: day)
        }
        let keys = Dictionary(uniqueKeysWithValues: byKey.rows.map { ($0.key.key, $0.value) })
        #expect(keys.mapValues(\.requests) == ["a": 2, "b": 3])
        #expect(keys.mapValues(\.failures) == ["a": 1, "b": 2])
        let models = Dictionary(uniqueKeysWithValues: byModel.rows.map { ($0.key.model, $0.value) })
        #expect(models.mapValues(\.requests) == ["x": 4, "y": 1])
        #expect(byKey.sum == byModel.sum && byKey.sum.requests == 5 && byKey.sum.failures == 3)
        #expect(byKey.sum.input == 45 && byKey.sum.output == 10 && byKey.sum.written == 15)
        #expect(byKey.sum.cached == 20 && byKey.sum.reasoning == 5 && byKey.sum.estimated == 5)
    }

    private let day = Day(number: 20_778)

    @Test func keepsWhatIsGroupedBy() {
        var totals = Totals(by: [.key, .endpoint, .day])
        totals.add(fullRecord(), on: day)
        let labels = totals.rows.keys.first
        #expect(labels?.keyID == 17 && labels?.key == "" && labels?.endpoint == "/v1/chat/completions")
        #expect(labels?.day?.dashed == "2026-11-21" && labels?.model == "" && labels?.user == 0)
    }
}
