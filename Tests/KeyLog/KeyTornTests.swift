// SPDX-License-Identifier: MIT

import Digest
import Glibc
import Testing
import Unix

@testable import KeyLog

@Suite struct KeyTornTests {
    let scratch: Scratch
    let store: KeyStore
    let keys: [(text: String, grant: Grant)]
    let whole: [UInt8]

    init() throws {
        scratch = try Scratch()
        store = KeyStore(directory: scratch.path)
        let ann = try store.addUser(name: "ann", email: "", at: 1)
        keys = try store.issued(2, to: ann) + store.issued(1, to: ann)
        try store.revoke(2, at: 3)
        whole = try File.read(store.files.logPath, limit: 1 << 20)
    }

    private func replaceLog(_ bytes: [UInt8]) throws {
        unlink(store.files.logPath)
        try scratch.append(bytes, to: "keys.log")
    }

    private func found(_ number: Int) throws -> Grant? {
        try store.find(#require(IssuedKey(keys[number].text)))
    }

    /// Where the lines that are not empty end.
    private var ends: [Int] {
        whole.indices.filter { whole[$0] == 0x0A && $0 > 0 && whole[$0 - 1] != 0x0A }
    }

    @Test func aLogCutAnywhereHoldsWhatCameBefore() throws {
        let ends = ends
        #expect(ends.count == 5)
        for length in 0...whole.count {
            try replaceLog(Array(whole.prefix(length)))
            let lines = ends.filter { $0 <= length }.count
            #expect(try found(0) == (lines >= 2 ? keys[0].grant : nil))
            #expect(try found(2) == (lines >= 4 ? keys[2].grant : nil))
            #expect(try found(1)?.isRevoked == (lines < 3 ? nil : lines == 5))
            let verdict = try store.verify()
            #expect(verdict.lines == lines && verdict.broken <= 1)
        }
    }

    @Test func whatFollowsACutIsWhole() throws {
        for length in stride(from: ends[0], through: whole.count, by: 7) {
            try replaceLog(Array(whole.prefix(length)))
            let lines = ends.filter { $0 <= length }.count
            let user = try #require(try store.user(1))
            let key = try store.issued(1, to: user)[0]
            #expect(key.grant.id == min(lines, 4))
            #expect(try store.find(#require(IssuedKey(key.text))) == key.grant)
            #expect(try store.grant(key.grant.id) == key.grant)
            #expect(Set(try store.grants().map(\.id)).count == min(lines, 4))
        }
    }

    @Test func aFlippedByteTakesItsLineAlone() throws {
        let ends = ends
        for place in whole.indices where whole[place] != 0x0A {
            var bytes = whole
            bytes[place] ^= UInt8(1) << (place % 8)
            // A newline in a line makes two torn ones of it.
            try replaceLog(bytes)
            let line = ends.filter { $0 < place }.count
            let verdict = try store.verify()
            #expect(verdict.lines == 4 && (1...2).contains(verdict.broken))
            #expect(try found(0) == (line == 1 ? nil : keys[0].grant))
            #expect(try found(1)?.isRevoked == (line == 4 ? false : true))
            #expect(try found(2) == (line == 3 ? nil : keys[2].grant))
            #expect(try store.grant(3) == (line == 3 ? nil : keys[2].grant))
            #expect(try store.grant(2)?.isRevoked == (line == 4 ? false : true))
            #expect((try store.user(1) == nil) == (line == 0))
        }
    }

    @Test func garbageOfAnyLengthIsSkipped() throws {
        for count in [1, 4095, 4096, 4097, 65536, 69_632, 70_000, 200_000] {
            try replaceLog(whole + [UInt8](repeating: 0x61, count: count) + whole)
            let user = try #require(try store.user(1))
            let key = try store.issued(1, to: user)[0]
            #expect(try found(2) == keys[2].grant && store.find(#require(IssuedKey(key.text))) == key.grant)
            #expect(try store.verify().lines == 11)
        }
    }

    @Test func anotherKeysHashInANameIsNoHash() throws {
        let key = try #require(IssuedKey(keys[0].text))
        var order = KeyOrder()
        (order.user, order.name) = (1, String(decoding: Base16.digits(of: key.hash), as: UTF8.self))
        try store.issue(order, random: randomBytes, at: 5) { _, _ in }
        #expect(try found(0) == keys[0].grant)
    }

    @Test func aLineThatDoesNotFitIsRefused() throws {
        var order = KeyOrder()
        (order.user, order.name) = (1, "x")
        order.allowance.models = (0..<24).map { "\($0)" + String(repeating: "\"", count: 126) }
        #expect(throws: KeyLogError.self) { try store.issue(order, random: randomBytes, at: 5) { _, _ in } }
        order.allowance.models = (0..<25).map { "m\($0)" }
        #expect(throws: KeyLogError.self) { try store.issue(order, random: randomBytes, at: 5) { _, _ in } }
        #expect(try File.read(store.files.logPath, limit: 1 << 20) == whole)
    }
}
