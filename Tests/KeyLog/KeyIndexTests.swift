// SPDX-License-Identifier: MIT

import Glibc
import Testing
import Unix

@testable import KeyLog

@Suite struct KeyIndexTests {
    let scratch: Scratch
    let store: KeyStore
    let ann: User
    let keys: [(text: String, grant: Grant)]

    /// Enough keys for an index, and a few in the tail.
    init() throws {
        scratch = try Scratch()
        store = KeyStore(directory: scratch.path)
        ann = try store.addUser(name: "ann", email: "", at: 1)
        keys = try store.issued(400, to: ann) + store.issued(10, to: ann)
    }

    private func check(_ store: KeyStore) throws {
        for (text, grant) in keys {
            #expect(try store.find(#require(IssuedKey(text))) == grant)
        }
        for _ in 0..<50 {
            let other = IssuedKey.make(random: randomBytes(32))
            #expect(try store.find(#require(IssuedKey(other))) == nil)
        }
        #expect(try store.user(named: "ann") == ann)
    }

    private func index() throws -> [UInt8] { try File.read(store.files.indexPath, limit: 1 << 20) }

    private func replaceIndex(_ bytes: [UInt8]) throws {
        unlink(store.files.indexPath)
        try scratch.append(bytes, to: "keys.index")
    }

    @Test func findsAllWithAndBeyondTheIndex() throws {
        let bytes = try index()
        #expect(
            bytes.count == 402 * 128 && bytes.starts(with: Array("edgefilter-keys-index 2 covers 0".utf8)))
        #expect(String(decoding: bytes[46...].prefix(12), as: UTF8.self) == " of keys.log")
        try check(store)
        for (_, grant) in keys { #expect(try store.grant(grant.id) == grant) }
        #expect(try store.grant(411) == nil && store.grant(0) == nil && store.grant(-1) == nil)
        #expect(try store.grants() == keys.map(\.grant))
        let verdict = try store.verify()
        #expect(verdict.lines == 411 && verdict.broken == 0 && verdict.keys == 410 && verdict.users == 1)
        #expect(verdict.index == .current)
    }

    @Test func theTailWinsOverTheIndexAndGoesIntoIt() throws {
        let key = try #require(IssuedKey(keys[5].text))
        try store.revoke(6, at: 9)
        #expect(
            try store.find(key)?.isRevoked == true
                && KeyStore(directory: scratch.path).grant(6)?.isRevoked == true)
        let before = try index()
        _ = try store.issued(400, to: ann)
        #expect(try index().count == before.count + 410 * 128)
        #expect(try store.find(key)?.isRevoked == true)
        #expect(try store.verify().index == .current)
    }

    @Test func manyRoundsComeToTheSame() throws {
        let log = try KeyFile(store.files.logPath)
        let size = try log.size
        var merge = KeyMerge(log: log, path: store.files.indexPath, directory: scratch.path)
        try merge.run(nil, upTo: size)
        let whole = try index()
        merge.budget = 7
        try merge.run(nil, upTo: size)
        #expect(try index() == whole)
        try check(store)
    }

    @Test func aMissingIndexIsMadeAgain() throws {
        unlink(store.files.indexPath)
        try check(store)
        try check(KeyStore(directory: scratch.path))
        #expect(try store.verify().index == .missing)
        _ = try store.issued(1, to: ann)
        #expect(try store.verify().index == .current)
    }

    /// Whatever is in its place, each look-up is right, and the next change puts a whole one there.
    @Test(arguments: [0, 1, 127, 128, 129, 255, 256, 5000, 51_200, 51_455])
    func aTornIndexIsNone(_ length: Int) throws {
        try replaceIndex(Array(index().prefix(length)))
        let reader = KeyStore(directory: scratch.path)
        try check(reader)
        #expect(try store.verify().index == .stale)
        _ = try store.issued(1, to: ann)
        #expect(try store.verify().index == .current)
    }

    @Test func aFlippedByteIsNoticed() throws {
        let whole = try index()
        for place in Array(0..<128) + Array(stride(from: 128, to: whole.count, by: 977)) {
            var bytes = whole
            bytes[place] ^= 1 << (place % 8)
            try replaceIndex(bytes)
            let reader = KeyStore(directory: scratch.path)
            let near = keys.filter { _ in place < 128 || place % 5 == 0 }.prefix(4)
            for (text, grant) in near { #expect(try reader.find(#require(IssuedKey(text))) == grant) }
            let verdict = try store.verify().index
            #expect(verdict == .damaged || verdict == .stale)
        }
    }

    @Test func damageIsMetByWhoeverLooksThereAndMended() throws {
        var bytes = try index()
        for line in 1..<402 { bytes[line * 128 + 70] = UInt8(ascii: "7") }
        try replaceIndex(bytes)
        let reader = KeyStore(directory: scratch.path)
        try check(reader)
        #expect(reader.wantsTending)
        try reader.mend()
        #expect(!reader.wantsTending)
        #expect(try store.verify().index == .current)
        try check(reader)
        #expect(!reader.wantsTending)
    }

    @Test func oneOfManyMendsAndTheOthersSeeIt() throws {
        var bytes = try index()
        for line in 1..<402 { bytes[line * 128 + 70] = UInt8(ascii: "7") }
        try replaceIndex(bytes)
        let readers = (0..<2).map { _ in KeyStore(directory: scratch.path) }
        for reader in readers { try check(reader) }
        let busy = try KeyWriter(store.files)
        readers[0].tendUnlessBusy()
        #expect(try index() == bytes && busy.marks.keys == 410)
        _ = consume busy
        readers[0].tendUnlessBusy()
        let made = try #require(try Standing(at: store.files.indexPath))
        #expect(try store.verify().index == .current)
        readers[1].tendUnlessBusy()
        #expect(try Standing(at: store.files.indexPath)?.isSame(as: made) == true)
        for reader in readers {
            #expect(!reader.wantsTending)
            try check(reader)
        }
    }

    @Test func aDamagedIndexDoesNotGoIntoTheNextOne() throws {
        var bytes = try index()
        bytes[200 * 128 + 3] ^= 1
        try replaceIndex(bytes)
        _ = try store.issued(400, to: ann)
        #expect(try store.verify().index == .current)
        try check(store)
    }

    @Test func theIndexOfAnotherLogIsNone() throws {
        let other = try Scratch()
        let foreign = KeyStore(directory: other.path)
        _ = try foreign.issued(400, to: foreign.addUser(name: "bob", email: "", at: 1))
        try replaceIndex(File.read(foreign.files.indexPath, limit: 1 << 20))
        try check(KeyStore(directory: scratch.path))
        #expect(try store.verify().index == .stale)
    }

    @Test func anIndexOfMoreThanThereIsIsNone() throws {
        let log = try File.read(store.files.logPath, limit: 1 << 20)
        _ = try store.issued(400, to: ann)
        unlink(store.files.logPath)
        try scratch.append(log, to: "keys.log")
        // The same reader notices that the log was replaced.
        try check(store)
        #expect(try store.verify().index == .stale)
        #expect(try store.issued(1, to: ann)[0].grant.id == 411)
        #expect(try store.verify().index == .current)
    }

    @Test func linksAreNotFollowed() throws {
        let elsewhere = try Scratch()
        for name in ["keys.index", "keys.index.new", "keys.log"] {
            unlink("\(scratch.path)/\(name)")
            symlink("\(elsewhere.path)/\(name)", "\(scratch.path)/\(name)")
        }
        #expect(throws: KeyLogError.self) { try store.addUser(name: "bob", email: "", at: 1) }
        #expect(throws: Errno.self) { try KeyStore(directory: scratch.path).user(1) }
        #expect(try File.names(in: elsewhere.path) == [])
    }

    @Test func onlyOwnerAndGroupMayRead() throws {
        for path in [store.files.logPath, store.files.indexPath] {
            var status = stat()
            #expect(unsafe stat(path, &status) == 0 && status.st_mode & 0o777 == 0o640)
        }
    }
}
