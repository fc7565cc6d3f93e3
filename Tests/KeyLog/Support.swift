// SPDX-License-Identifier: MIT

import Glibc
import KeyLog
import Testing
import Unix

/// A directory of its own for each test, gone with it.
final class Scratch {
    let path: String

    init() throws {
        path = "/tmp/edgefilter-keylog-" + randomBytes(8).map { String($0, radix: 16) }.joined()
        try File.makeDirectory(path)
    }

    deinit {
        for name in (try? File.names(in: path)) ?? [] { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    func remove(_ name: String) throws { try #require(unlink("\(path)/\(name)") == 0) }

    func append(_ bytes: [UInt8], to name: String) throws {
        let file = try Descriptor.open("\(path)/\(name)", O_WRONLY | O_APPEND | O_CREAT)
        try #require(write(file.number, bytes, bytes.count) == bytes.count)
    }
}

extension KeyStore {
    /// Issues keys, their order written out.
    func issue(
        user: Int, name: String, _ allowance: Allowance, count: Int, random: (Int) -> [UInt8], at time: Int,
        _ each: (String, Grant) -> Void
    ) throws(KeyLogError) {
        var order = KeyOrder()
        (order.user, order.name, order.allowance, order.count) = (user, name, allowance, count)
        try issue(order, random: random, at: time, each)
    }
}

/// A record with something in every member.
func fullRecord() -> Record {
    var record = Record()
    record.time = "2026-11-21T02:19:00.123Z"
    record.id = "req_abc"
    record.key = "0123456789abcdef"
    (record.keyID, record.user, record.isEstimated) = (17, 3, true)
    record.method = "POST"
    record.endpoint = "/v1/chat/completions"
    (record.client, record.dialect) = ("openai", "echo")
    (record.model, record.used, record.upstream) = ("gpt-5", "glm-4.6", "zhipu")
    (record.status, record.stop, record.ended) = (200, "finished", "complete")
    (record.input, record.output, record.cached, record.reasoning) = (9, 2, 4, 1)
    (record.received, record.sent, record.first, record.milliseconds) = (1000, 20_000, 300, 4567)
    record.code = 409
    record.written = 3
    record.attempts = ["zhipu:429", "zhipu:e401", "other:200"]
    record.losses = ["top_k", "seed"]
    return record
}

/// The record's line without the newlines around it.
func line(of record: Record) -> [UInt8] {
    var bytes: [UInt8] = []
    record.write(to: &bytes)
    return Array(bytes.dropFirst().dropLast())
}

/// What so many processes come to that do the same at once: each gives a number below 256.
func forked(_ count: Int, _ work: (Int) throws -> Int) throws -> [Int] {
    let pids = try (0..<count).map { index in
        let pid = try Processes.fork()
        if pid == 0 { Processes.leave(Int32((try? work(index)) ?? 255)) }
        return pid
    }
    return pids.map { pid in
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        return Int(status >> 8 & 255)
    }
}
