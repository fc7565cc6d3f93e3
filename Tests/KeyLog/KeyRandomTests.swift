// SPDX-License-Identifier: MIT

import Glibc
import Testing
import Unix

@testable import KeyLog

/// Changes, upkeep and mishaps in any order, beside a table that knows what must come of them.
@Suite struct KeyRandomTests {
    /// Numbers that look random, the same for the same seed.
    private struct Dice {
        var state: UInt64

        mutating func roll(_ sides: Int) -> Int {
            state = mixed(state &+ 0x9E37_79B9_7F4A_7C15)
            return Int(state % UInt64(sides))
        }
    }

    private final class World {
        let scratch: Scratch
        var store: KeyStore
        var dice: Dice
        var users: [User] = []
        var keys: [(key: IssuedKey, grant: Grant)] = []
        var isHarmed = false

        init(_ seed: UInt64) throws {
            scratch = try Scratch()
            store = KeyStore(directory: scratch.path)
            dice = Dice(state: seed)
            users.append(try store.addUser(name: "first", email: "", at: 1))
        }

        func step() throws {
            switch dice.roll(16) {
            case 0...4: try issue(1 + dice.roll(60))
            case 5...8: try change()
            case 9: try turnover()
            case 10: store.tend()
            case 11: store.tendEarly()
            case 12: store.tendUnlessBusy()
            case 13: store = KeyStore(directory: scratch.path)
            case 14: unlink("\(scratch.path)/\(["keys.index", "keys.recent"][dice.roll(2)])")
            default: try harm()
            }
        }

        private func issue(_ count: Int) throws {
            let held = users.filter { !$0.isRemoved }
            guard let user = held.isEmpty ? nil : held[dice.roll(held.count)] else { return }
            try store.issue(
                user: user.id, name: "k", Allowance(), count: count, random: randomBytes, at: 2
            ) { text, grant in IssuedKey(text).map { keys.append(($0, grant)) } }
        }

        private func change() throws {
            guard !keys.isEmpty else { return }
            let index = dice.roll(keys.count)
            let id = keys[index].grant.id
            guard !keys[index].grant.isRevoked else {
                #expect(throws: KeyLogError.isRevoked(id)) { try store.setDefaultModel(id, "m", at: 3) }
                return
            }
            switch dice.roll(3) {
            case 0:
                try store.revoke(id, at: 3)
                keys[index].grant.isRevoked = true
            case 1:
                keys[index].grant.allowance.requestsPerMinute = 1 + dice.roll(100)
                try store.limit(id, keys[index].grant.allowance, at: 3)
            default:
                keys[index].grant.defaultModel = "model-\(dice.roll(9))"
                try store.setDefaultModel(id, keys[index].grant.defaultModel, at: 3)
            }
        }

        /// A user comes, and now and then another goes with the keys.
        private func turnover() throws {
            users.append(try store.addUser(name: "user-\(users.count)", email: "", at: 4))
            let index = dice.roll(users.count)
            guard dice.roll(3) == 0, !users[index].isRemoved else { return }
            try store.removeUser(users[index].id, at: 5)
            users[index].isRemoved = true
            for place in keys.indices where keys[place].grant.user == users[index].id {
                keys[place].grant.isRevoked = true
            }
        }

        /// A byte of an index is altered, or its end is lost.
        private func harm() throws {
            let path = "\(scratch.path)/\(["keys.index", "keys.recent"][dice.roll(2)])"
            guard var bytes = try? File.read(path, limit: 1 << 24), !bytes.isEmpty else { return }
            let place = dice.roll(bytes.count)
            if dice.roll(2) == 0 { bytes[place] ^= 1 << UInt8(dice.roll(8)) } else { bytes.removeLast(place) }
            unlink(path)
            let file = try Descriptor.open(path, O_WRONLY | O_CREAT)
            try File.write(bytes, to: file.number)
            isHarmed = true
        }

        func check() throws {
            for reader in [store, KeyStore(directory: scratch.path)] {
                for _ in 0..<min(12, keys.count) {
                    let (key, grant) = keys[dice.roll(keys.count)]
                    #expect(try reader.find(key) == grant)
                    #expect(try reader.grant(grant.id) == grant)
                }
                #expect(try reader.find(#require(IssuedKey(IssuedKey.make(random: randomBytes(32))))) == nil)
                let user = users[dice.roll(users.count)]
                #expect(try reader.user(user.id) == user)
                #expect(try reader.user(named: user.name) == (user.isRemoved ? nil : user))
            }
        }

        func checkAll() throws {
            for (key, grant) in keys { #expect(try store.find(key) == grant) }
            #expect(try store.grants() == keys.map(\.grant))
            if !isHarmed { #expect(try store.verify().index != .damaged) }
            try store.mend()
            let verdict = try store.verify()
            #expect(verdict.index == .current && verdict.broken == 0)
            #expect((verdict.keys, verdict.users) == (keys.count, users.count))
            for (key, grant) in keys { #expect(try store.find(key) == grant) }
        }
    }

    @Test(arguments: UInt64(1)...8)
    func whateverHappensTheLogIsTold(_ seed: UInt64) throws {
        let world = try World(seed)
        for _ in 0..<120 {
            try world.step()
            try world.check()
        }
        try world.checkAll()
    }
}
