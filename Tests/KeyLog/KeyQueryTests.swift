// SPDX-License-Identifier: MIT

import Testing
import Unix

@testable import KeyLog

@Suite struct KeyQueryTests {
    let store: KeyStore
    private let scratch: Scratch

    /// Users and keys with a past; `isIndexed`: most of it is covered by an index.
    private static func fill(_ store: KeyStore) throws {
        for (number, name) in ["Ann", "bob \"b\"", "Čapek", "dora@x", "ann lee"].enumerated() {
            let user = try store.addUser(name: name, email: number == 3 ? "Dora@Example.org" : "", at: number)
            try store.issue(
                user: user.id, name: "Laptop \(name)", Allowance(), count: 120, random: randomBytes, at: 9
            ) { _, _ in }
        }
        for id in stride(from: 3, to: 600, by: 50) { try store.setDefaultModel(id, "m", at: 10) }
        for id in stride(from: 1, to: 600, by: 7) { try store.revoke(id, at: 11) }
        try store.removeUser(2, at: 12)
        _ = try store.addUser(name: "bob \"b\"", email: "", at: 13)
    }

    init() throws {
        scratch = try Scratch()
        store = KeyStore(directory: scratch.path)
        try KeyQueryTests.fill(store)
    }

    /// All that a query finds, asked for in parts.
    private func grants(_ query: KeyQuery, at most: Int = .max) throws -> [Grant] {
        var (query, all, rounds) = (query, [Grant](), 0)
        while true {
            var part: [Grant] = []
            let rest = try store.eachGrant(query) {
                part.append($0)
                return part.count < most
            }
            all += part
            rounds += 1
            try #require(rounds < 5000)
            if let rest {
                query.after = rest
            } else if part.count == most {
                query.after = part[most - 1].id
            } else {
                return all
            }
        }
    }

    @Test(arguments: [1, 20, 50, 1000, .max]) func partsAreTheWhole(toil: Int) throws {
        let all = try store.grants()
        #expect(all.count == 600)
        #expect(try grants(KeyQuery(toil: toil)) == all)
        #expect(try grants(KeyQuery(toil: toil), at: 7) == all)
        #expect(try grants(KeyQuery(after: 250, toil: toil)) == Array(all[250...]))
        #expect(try grants(KeyQuery(user: 4, toil: toil)) == all.filter { $0.user == 4 })
        #expect(
            try grants(KeyQuery(words: "LAPTOP aNN", toil: toil)) == all.filter { [1, 5].contains($0.user) })
        #expect(try grants(KeyQuery(words: "\"b\"", toil: toil)) == all.filter { $0.user == 2 })
        #expect(try grants(KeyQuery(words: "č", toil: toil)) == all.filter { $0.user == 3 })
        #expect(try grants(KeyQuery(words: "599", toil: toil)).map(\.id) == [599])
        #expect(try grants(KeyQuery(words: "nobody", toil: toil)).isEmpty)
        #expect(try grants(KeyQuery(after: 600, toil: toil)).isEmpty)
    }

    @Test func users() throws {
        var found: [User] = []
        let rest = try store.eachUser(KeyQuery(words: "ANN")) {
            found.append($0)
            return true
        }
        #expect(rest == nil && found.map(\.id) == [1, 5])
        found = []
        _ = try store.eachUser(KeyQuery(words: "example.ORG")) {
            found.append($0)
            return true
        }
        #expect(found.map(\.id) == [4])
        found = []
        _ = try store.eachUser(KeyQuery()) {
            found.append($0)
            return true
        }
        #expect(try found.filter { !$0.isRemoved } == store.users().filter { !$0.isRemoved })
    }

    @Test func withoutAnIndexAndWithADamagedOne() throws {
        let all = try store.grants()
        let index = "\(scratch.path)/keys.index"
        for content in [nil, [UInt8](repeating: 0x41, count: 4096)] {
            File.remove(index)
            if let content { try File.replace(index, with: content) }
            let again = KeyStore(directory: scratch.path)
            var found: [Grant] = []
            _ = try again.eachGrant(KeyQuery(user: 5)) {
                found.append($0)
                return true
            }
            #expect(found == all.filter { $0.user == 5 })
        }
    }
}
