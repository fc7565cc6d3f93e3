// SPDX-License-Identifier: MIT

import Glibc
import Testing
import Unix

@testable import KeyLog

/// The two indexes beside one log: whatever stands in either's place, and however old, the log is told right.
@Suite struct KeyRecentTests {
    let scratch: Scratch
    let store: KeyStore

    init() throws {
        scratch = try Scratch()
        store = KeyStore(directory: scratch.path)
    }

    private static let names = ["keys.log", "keys.index", "keys.recent"]

    /// What the files held at one time; nil: there was none.
    private typealias Snapshot = [String: [UInt8]]

    private func snapshot() -> Snapshot {
        var files: Snapshot = [:]
        for name in KeyRecentTests.names {
            files[name] = try? File.read("\(scratch.path)/\(name)", limit: 1 << 24)
        }
        return files
    }

    private func put(_ bytes: [UInt8]?, _ name: String) throws {
        unlink("\(scratch.path)/\(name)")
        if let bytes { try scratch.append(bytes, to: name) }
    }

    /// Issued without making the large index anew.
    private func issue(_ count: Int, to user: User) throws -> [(key: IssuedKey, grant: Grant)] {
        var keys: [(key: IssuedKey, grant: Grant)] = []
        try store.issue(
            user: user.id, name: "label", Allowance(), count: count, random: randomBytes, at: 2
        ) { text, grant in IssuedKey(text).map { keys.append(($0, grant)) } }
        return keys
    }

    private func check(
        _ now: [(key: IssuedKey, grant: Grant)], of all: [(key: IssuedKey, grant: Grant)]
    ) throws {
        let reader = KeyStore(directory: scratch.path)
        for (key, grant) in now { #expect(try reader.find(key) == grant) }
        for (key, _) in all.dropFirst(now.count) { #expect(try reader.find(key) == nil) }
    }

    @Test func aChangeLeavesTheLargeIndexAlone() throws {
        let ann = try store.addUser(name: "ann", email: "", at: 1)
        var keys = try issue(2000, to: ann)
        #expect(store.wantsTending && !File.exists(store.files.recentPath))
        store.tend()
        #expect(!store.wantsTending && !File.exists(store.files.recentPath))
        let large = try #require(try Standing(at: store.files.indexPath))
        var most = 0
        while !store.wantsTending {
            keys += try issue(1, to: ann)
            most = max(most, try store.tailLength())
            #expect(try Standing(at: store.files.indexPath)?.isSame(as: large) == true)
        }
        // One line more than the limit is what the last change may leave.
        #expect(most <= KeyFiles.tailLimit + KeyEvent.lineLimit && keys.count > 2200)
        #expect(try store.verify().index == .current && File.exists(store.files.recentPath))
        try check(keys, of: keys)
        store.tend()
        #expect(try Standing(at: store.files.indexPath)?.isSame(as: large) == false)
        #expect(try store.verify().index == .current && !File.exists(store.files.recentPath))
        try check(keys, of: keys)
    }

    /// A death between two steps, a copy that came in another order, a restored backup: all leave files of
    /// different times beside each other.
    @Test func filesOfAnyTimesGoTogether() throws {
        let ann = try store.addUser(name: "ann", email: "", at: 1)
        var (keys, times) = ([(key: IssuedKey, grant: Grant)](), [(Snapshot, count: Int)]())
        for step in 0..<12 {
            keys += try issue(step == 0 ? 300 : 45, to: ann)
            if step % 5 == 0 { store.tend() }
            times.append((snapshot(), keys.count))
        }
        #expect(Set(times.map { $0.0["keys.index"] }).count > 2)
        #expect(Set(times.map { $0.0["keys.recent"] }).count > 5)
        for (log, count) in times {
            for (index, _) in times {
                for (recent, _) in times {
                    try put(log["keys.log"], "keys.log")
                    try put(index["keys.index"], "keys.index")
                    try put(recent["keys.recent"], "keys.recent")
                    let some = [0, count / 2, count - 1].map { keys[$0] }
                    let reader = KeyStore(directory: scratch.path)
                    for (key, grant) in some { #expect(try reader.find(key) == grant) }
                    if count < keys.count { #expect(try reader.find(keys[count].key) == nil) }
                    #expect(!reader.wantsTending)
                }
            }
        }
    }

    /// An older log is put back, and goes on otherwise: nothing of the first time is told any more.
    @Test func aLogThatWasPutBackAndGoesOnIsAnother() throws {
        let ann = try store.addUser(name: "ann", email: "", at: 1)
        let first = try issue(100, to: ann)
        store.tend()
        let old = snapshot()
        let lost = try issue(100, to: ann)
        let later = snapshot()
        for name in ["keys.index", "keys.recent"] {
            try put(old["keys.log"], "keys.log")
            try put(later[name], name)
            try check(first, of: first + lost)
            let other = try issue(150, to: ann)
            #expect(other.first?.grant.id == 101)
            try check(first + other, of: first + other)
            for (key, _) in lost { #expect(try store.find(key) == nil) }
            store.tend()
            #expect(try store.verify().index == .current)
        }
    }

    /// `cp` writes into the file that a service has open.
    @Test func aLogThatIsWrittenOverIsNoticed() throws {
        let ann = try store.addUser(name: "ann", email: "", at: 1)
        let keys = try issue(200, to: ann)
        store.tend()
        #expect(try store.find(keys[7].key) == keys[7].grant)
        let other = try Scratch()
        let theirs = KeyStore(directory: other.path)
        let bob = try theirs.addUser(name: "bob", email: "", at: 1)
        let foreign = try theirs.issued(300, to: bob)
        let bytes = try File.read(theirs.files.logPath, limit: 1 << 24)
        let file = try Descriptor.open(store.files.logPath, O_WRONLY | O_TRUNC)
        try File.write(bytes, to: file.number)
        for (text, grant) in foreign { #expect(try store.find(#require(IssuedKey(text))) == grant) }
        for (key, _) in keys { #expect(try store.find(key) == nil) }
    }

    @Test func damageInTheSmallOneIsMetAndMended() throws {
        let ann = try store.addUser(name: "ann", email: "", at: 1)
        var keys = try issue(400, to: ann)
        store.tend()
        keys += try issue(60, to: ann)
        let (whole, files) = (try File.read(store.files.recentPath, limit: 1 << 20), snapshot())
        for place in stride(from: 0, to: whole.count, by: 61) {
            var bytes = whole
            bytes[place] ^= 1 << (place % 8)
            try put(files["keys.index"], "keys.index")
            try put(bytes, "keys.recent")
            let reader = KeyStore(directory: scratch.path)
            for (key, grant) in keys.suffix(60) { #expect(try reader.find(key) == grant) }
            #expect(try place < 128 || store.verify().index == .damaged)
            if reader.wantsTending {
                reader.tendUnlessBusy()
                #expect(try !reader.wantsTending && store.verify().index == .current)
                try check(keys, of: keys)
            }
        }
    }

    @Test func anIndexOfTheOldFormIsMadeAnew() throws {
        let ann = try store.addUser(name: "ann", email: "", at: 1)
        let keys = try issue(400, to: ann)
        store.tend()
        var bytes = try File.read(store.files.indexPath, limit: 1 << 20)
        bytes[22] = UInt8(ascii: "1")
        var header = Array(bytes[..<KeyIndexLine.body])
        header.endLine(from: 0)
        try put(header + bytes[128...], "keys.index")
        try check(keys, of: keys)
        #expect(try store.verify().index == .stale)
        store.tendEarly()
        #expect(try store.verify().index == .current)
        try check(keys, of: keys)
    }
}
