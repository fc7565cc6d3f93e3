// SPDX-License-Identifier: MIT

import Digest
import Unix

/// A wish for keys.
package struct KeyOrder: Sendable {
    /// Whose they are: `User.id`.
    package var user = 0
    /// What they are called.
    package var name = ""
    /// What they allow.
    package var allowance = Allowance()
    /// Empty: none.
    package var defaultModel = ""
    /// How many: from 1 to `KeyOrder.countLimit`.
    package var count = 1

    /// So many at once.
    package static let countLimit = 1_000_000

    package init() {}
}

// Each change is made under the lock: one append and one sync, or nothing. A throw means that nothing
// changed.
extension KeyStore {
    /// Adds a user; refuses a name that another one bears.
    ///
    /// `at`: seconds since 1970, here and below.
    package func addUser(name: String, email: String, at time: Int) throws(KeyLogError) -> User {
        try Fitness.check(name, "name")
        if !email.isEmpty { try Fitness.check(email, "e-mail address") }
        var writer = try open()
        let holder = try known { () throws(Errno) -> User? in try user(named: name) }
        if let holder { throw .nameTaken(holder.name) }
        writer.marks.users += 1
        var added = User()
        (added.id, added.name, added.email, added.created) = (writer.marks.users, name, email, time)
        try writer.add(.added, .user(added), KeyEvent.hash(ofUser: name), at: time)
        try writer.commit()
        writer.tend()
        return added
    }

    /// Removes a user and revokes the user's keys with it.
    package func removeUser(_ id: Int, at time: Int) throws(KeyLogError) {
        var writer = try open()
        var user = try standing(id)
        var held: [KeyEvent] = []
        try known { () throws(Errno) in
            try files.eachNow(areKeys: true) {
                if let grant = $0.grant, grant.user == id, !grant.isRevoked { held.append($0) }
            }
        }
        for event in held {
            guard var grant = event.grant else { continue }
            grant.isRevoked = true
            try writer.add(.revoked, .key(grant), event.hash, at: time)
        }
        user.isRemoved = true
        try writer.add(.removed, .user(user), KeyEvent.hash(ofUser: user.name), at: time)
        try writer.commit()
        writer.tend()
    }

    /// Issues keys: all of them or none.
    ///
    /// Each is given once, when it is on the disk, and never again.
    ///
    /// `random`: so many random bytes, of the kernel.
    package func issue(
        _ order: KeyOrder, random: (Int) -> [UInt8], at time: Int, _ each: (String, Grant) -> Void
    ) throws(KeyLogError) {
        try Fitness.check(order)
        var writer = try open()
        _ = try standing(order.user)
        var issued: [(String, Grant)] = []
        for _ in 0..<order.count {
            let text = IssuedKey.make(random: random(IssuedKey.randomCount))
            writer.marks.keys += 1
            let grant = Grant(writer.marks.keys, order, time)
            try writer.add(.issued, .key(grant), Base16.digits(of: Hash.sha256(text)), at: time)
            issued.append((text, grant))
        }
        try writer.commit()
        for (text, grant) in issued { each(text, grant) }
        writer.tend()
    }

    /// Revokes a key, for ever; revoking it again changes nothing.
    package func revoke(_ id: Int, at time: Int) throws(KeyLogError) {
        do throws(KeyLogError) {
            try change(id, .revoked, at: time) { $0.isRevoked = true }
        } catch {
            guard case .isRevoked = error else { throw error }
        }
    }

    /// Gives a key other limits.
    package func limit(_ id: Int, _ allowance: Allowance, at time: Int) throws(KeyLogError) {
        try change(id, .limited, at: time) { $0.allowance = allowance }
    }

    /// Gives a key another default model; nil: none.
    package func setDefaultModel(_ id: Int, _ model: String?, at time: Int) throws(KeyLogError) {
        try change(id, .chosen, at: time) { $0.defaultModel = model ?? "" }
    }

    /// Changes what is said of a key, and leaves the rest as it is, whoever else changes that meanwhile.
    package func amend(
        _ id: Int, at time: Int, _ alter: (inout Allowance, inout String) -> Void
    ) throws(KeyLogError) {
        try change(id, .limited, at: time) { alter(&$0.allowance, &$0.defaultModel) }
    }

    private func change(
        _ id: Int, _ kind: KeyEvent.Kind, at time: Int, _ alter: (inout Grant) -> Void
    ) throws(KeyLogError) {
        var writer = try open()
        let event = try known { () throws(Errno) -> KeyEvent? in try self.event(ofKey: id) }
        guard let event, var grant = event.grant else { throw .noKey(id) }
        if grant.isRevoked { throw .isRevoked(id) }
        alter(&grant)
        try Fitness.check(grant.allowance)
        if !grant.defaultModel.isEmpty { try Fitness.check(grant.defaultModel, "model") }
        try writer.add(kind, .key(grant), event.hash, at: time)
        try writer.commit()
        writer.tend()
    }

    private func standing(_ id: Int) throws(KeyLogError) -> User {
        let found = try known { () throws(Errno) -> User? in try user(id) }
        guard let found, !found.isRemoved else { throw .noUser(id) }
        return found
    }

    private func open() throws(KeyLogError) -> KeyWriter {
        do throws(Errno) {
            return try KeyWriter(files)
        } catch {
            throw KeyLogError(error)
        }
    }

    private func known<T>(_ look: () throws(Errno) -> T) throws(KeyLogError) -> T {
        do throws(Errno) { return try look() } catch { throw KeyLogError(error) }
    }
}

extension Grant {
    fileprivate init(_ id: Int, _ order: KeyOrder, _ time: Int) {
        self.id = id
        (user, name, allowance, defaultModel) = (order.user, order.name, order.allowance, order.defaultModel)
        created = time
    }
}
