// SPDX-License-Identifier: MIT

import Glibc
import KeyLog
import Unix

/// `driver DIRECTORY COUNT`: issues so many keys there and times what is done with them.
@main
struct Driver {
    let store: KeyStore
    let count: Int
    var user = User()
    /// A few of the keys, from all over.
    var sample: [IssuedKey] = []

    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let count = Int(arguments[2]) else {
            print("usage: driver DIRECTORY COUNT")
            exit(100)
        }
        var driver = Driver(store: KeyStore(directory: arguments[1]), count: count)
        driver.user = try driver.store.addUser(name: "ann", email: "", at: 1)
        try driver.issue()
        try driver.look(at: "index, no tail")
        try driver.change()
        try driver.look(at: "index, what changed since, and a tail of \(try driver.tail()) bytes")
        try driver.lookUpNumbers()
        try driver.single()
        try driver.verify()
    }

    private mutating func issue() throws {
        var texts: [String] = []
        let seconds = try Driver.time {
            defer { store.tend() }
            try store.issue(order("bench", count), random: randomBytes, at: 2) { key, grant in
                if grant.id % max(1, count / 20_000) == 0 { texts.append(key) }
            }
        }
        sample = texts.compactMap(IssuedKey.init)
        print(
            "issue \(count) keys in one batch, index made: \(Int(seconds * 1000)) ms, peak \(Driver.peak()) MiB"
        )
    }

    /// As many changes as come together before the large index is made anew, and a tail that is full.
    private func change() throws {
        var id = 1
        while try !store.wantsTending || tail() < Driver.fullTail {
            try store.setDefaultModel(id % count + 1, "glm-4.6", at: 3)
            id += 7
        }
        print("changes before the large index is to be made anew: \(id / 7)")
    }

    private static let fullTail = 7800

    private func tail() throws -> Int { try store.tailLength() }

    private func look(at what: String) throws {
        let memory = Driver.resident()
        print("find, \(what): \(try Driver.spread(sample) { _ = try store.find($0) })")
        let unknown = (0..<10_000).compactMap { _ in IssuedKey(IssuedKey.make(random: randomBytes(32))) }
        print("find, unknown keys: \(try Driver.spread(unknown) { _ = try store.find($0) })")
        print("memory grew by \(Driver.resident() - memory) KiB")
    }

    private func lookUpNumbers() throws {
        let ids = (0..<2000).map { _ in Int.random(in: 1...count) }
        print("grant by number: \(try Driver.spread(ids) { _ = try store.grant($0) })")
    }

    private func order(_ name: String, _ count: Int) -> KeyOrder {
        var order = KeyOrder()
        (order.user, order.name, order.count) = (user.id, name, count)
        return order
    }

    private func single() throws {
        let once = {
            try store.issue(order("one", 1), random: randomBytes, at: 4) { _, _ in }
        }
        let spread = try Driver.spread(Array(0..<1000)) { _ in try once() }
        print("issue one, 1000 times, with a recent part that is full: \(spread)")
        print("the large index, made anew when nobody waits: \(Int(Driver.time { store.tend() } * 1000)) ms")
    }

    private func verify() throws {
        let seconds = try Driver.time { print("\(try store.verify())") }
        print("verify: \(Int(seconds * 1000)) ms")
        print("rebuild: \(Int(try Driver.time { try store.mend() } * 1000)) ms")
    }

    private static func time(_ work: () throws -> Void) rethrows -> Double {
        let start = now()
        try work()
        return now() - start
    }

    private static func spread<T>(_ items: [T], _ work: (T) throws -> Void) rethrows -> String {
        let times = try items.shuffled().map { item in try time { try work(item) } }.sorted()
        let at = { (share: Double) in
            let hundredths = Int(times[min(times.count - 1, Int(share * Double(times.count)))] * 1e8)
            return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
        }
        return
            "p10 \(at(0.1)) µs, p50 \(at(0.5)) µs, p99 \(at(0.99)) µs, p99.9 \(at(0.999)) µs, most \(at(1)) µs"
    }

    private static func now() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func peak() -> Int {
        var usage = rusage()
        unsafe getrusage(0, &usage)
        return usage.ru_maxrss / 1024
    }

    /// KiB that the process holds now.
    private static func resident() -> Int {
        let text = (try? File.read("/proc/self/statm", limit: 4096)) ?? []
        let words = String(decoding: text, as: UTF8.self).split(separator: " ")
        return (words.count > 1 ? Int(words[1]) ?? 0 : 0) * 4
    }
}
