// SPDX-License-Identifier: MIT

import Testing
import Unix

@testable import KeyLog

@Suite struct KeyStoreTests {
    let scratch: Scratch
    let store: KeyStore

    init() throws {
        scratch = try Scratch()
        store = KeyStore(directory: scratch.path)
    }

    @Test func anEmptyDirectoryHoldsNobody() throws {
        let key = try #require(IssuedKey(IssuedKey.make(random: [UInt8](repeating: 7, count: 32))))
        #expect(try store.find(key) == nil && store.grant(1) == nil && store.user(1) == nil)
        #expect(!store.exists)
    }

    @Test func findsWhatWasIssuedAndForgetsNothing() throws {
        let ann = try store.addUser(name: "Ann \"å\" \\ 王", email: "ann@example.org", at: 100)
        let bob = try store.addUser(name: "bob", email: "", at: 101)
        #expect((ann.id, bob.id) == (1, 2))
        var allowance = Allowance()
        (allowance.models, allowance.expires) = (["gpt-*", "glm-4.6"], 9_999_999_999)
        (allowance.requestsPerMinute, allowance.tokensPerDay) = (60, 1_000_000)
        let keys = try store.issued(3, to: ann, allowance)
        #expect(keys.map(\.grant.id) == [1, 2, 3] && Set(keys.map(\.text)).count == 3)
        for (text, grant) in keys {
            #expect(try store.find(#require(IssuedKey(text))) == grant)
            #expect(try store.grant(grant.id) == grant)
            #expect(grant.allowance == allowance && grant.user == 1 && grant.name == "label")
        }
        #expect(try store.user(1) == ann && store.user(2) == bob && store.user(3) == nil)
        #expect(try store.user(named: "bob") == bob)
    }

    @Test func theLastEventWins() throws {
        let ann = try store.addUser(name: "ann", email: "", at: 1)
        let keys = try store.issued(2, to: ann)
        let key = try #require(IssuedKey(keys[0].text))
        var allowance = Allowance()
        allowance.requestsPerMinute = 5
        try store.limit(1, allowance, at: 3)
        try store.setDefaultModel(1, "glm-4.6", at: 4)
        #expect(try store.find(key)?.allowance == allowance)
        #expect(try store.find(key)?.defaultModel == "glm-4.6")
        try store.setDefaultModel(1, nil, at: 4)
        #expect(try store.find(key)?.defaultModel == "")
        try store.revoke(1, at: 5)
        try store.revoke(1, at: 6)
        #expect(try store.find(key)?.isRevoked == true)
        #expect(throws: KeyLogError.isRevoked(1)) { try store.limit(1, allowance, at: 7) }
        #expect(try store.grant(2)?.isRevoked == false)
    }

    @Test func aUserGoesWithTheKeysAndTheNameIsFree() throws {
        let ann = try store.addUser(name: "ann", email: "", at: 1)
        let bob = try store.addUser(name: "bob", email: "", at: 1)
        _ = try (store.issued(2, to: ann), store.issued(1, to: bob))
        #expect(throws: KeyLogError.nameTaken("ann")) { try store.addUser(name: "ann", email: "", at: 2) }
        try store.removeUser(1, at: 3)
        #expect(throws: KeyLogError.noUser(1)) { try store.removeUser(1, at: 4) }
        #expect(throws: KeyLogError.noUser(1)) { try store.issued(1, to: ann) }
        #expect(throws: KeyLogError.noUser(9)) { try store.removeUser(9, at: 4) }
        #expect(throws: KeyLogError.noKey(9)) { try store.revoke(9, at: 4) }
        #expect(try store.grants().map(\.isRevoked) == [true, true, false])
        #expect(try store.addUser(name: "ann", email: "", at: 5).id == 3)
        #expect(try store.user(named: "ann")?.id == 3 && store.user(1)?.isRemoved == true)
        #expect(try store.users().map(\.isRemoved) == [true, false, false])
    }

    @Test(arguments: ["", " a", "a ", "a\nb", "a\u{1B}[2J", "a\u{202E}b", String(repeating: "x", count: 129)])
    func refusesWhatCannotBeShown(_ name: String) throws {
        #expect(throws: KeyLogError.self) { try store.addUser(name: name, email: "", at: 1) }
        #expect(!store.exists)
    }
}

extension KeyStore {
    /// Keys with what they are now.
    @discardableResult
    func issued(
        _ count: Int, to user: User, _ allowance: Allowance = Allowance()
    ) throws -> [(text: String, grant: Grant)] {
        var keys: [(text: String, grant: Grant)] = []
        try issue(
            user: user.id, name: "label", allowance, count: count, random: randomBytes, at: 2
        ) { keys.append(($0, $1)) }
        tend()
        return keys
    }

    func grants() throws -> [Grant] {
        var all: [Grant] = []
        try eachGrant { all.append($0) }
        return all
    }

    func users() throws -> [User] {
        var all: [User] = []
        try eachUser { all.append($0) }
        return all
    }
}
