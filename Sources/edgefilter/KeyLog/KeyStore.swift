// SPDX-License-Identifier: MIT

import Digest
package import Unix

/// The users and issued keys of a state directory, as they stand now: `keys.log`, the truth, and
/// `keys.index` with `keys.recent`, derived from it.
///
/// Readers take no lock, and see what was appended at once. Lines that are torn or altered are skipped. The
/// files stay open between two look-ups.
package struct KeyStore: Sendable {
    /// Where the files are.
    package let directory: String
    let files: KeyFiles

    /// Of the state directory; nothing is opened or made.
    package init(directory: String) {
        self.directory = directory
        files = KeyFiles(directory)
    }

    /// Whether a key was ever issued here, or a user added.
    package var exists: Bool { File.exists(files.logPath) }

    /// What a key allows; nil: it was never issued here.
    ///
    /// Whether it is revoked or has expired is for the caller to see.
    package func find(_ key: IssuedKey) throws(Errno) -> Grant? {
        try files.event(of: Base16.digits(of: key.hash))?.grant
    }

    /// A key by its number; nil: it was never given.
    package func grant(_ id: Int) throws(Errno) -> Grant? { try event(ofKey: id)?.grant }

    /// A user by number, removed ones too; nil: it was never given.
    package func user(_ id: Int) throws(Errno) -> User? {
        guard var user = try files.giving(id, isKey: false)?.user else { return nil }
        let now = try files.event(of: KeyEvent.hash(ofUser: user.name))?.user
        if now?.id == id { return now }
        // Another one bears the name by now, so this one must have gone.
        user.isRemoved = true
        return user
    }

    /// A user who was not removed, by name.
    package func user(named name: String) throws(Errno) -> User? {
        let user = try files.event(of: KeyEvent.hash(ofUser: name))?.user
        return user?.isRemoved == true ? nil : user
    }

    /// Gives every user, removed ones too, in the order of their numbers.
    package func eachUser(_ take: (User) -> Void) throws(Errno) {
        try files.eachNow(areKeys: false) { if let user = $0.user { take(user) } }
    }

    /// Gives every key, revoked and expired ones too, in the order of their numbers.
    package func eachGrant(_ take: (Grant) -> Void) throws(Errno) {
        try files.eachNow(areKeys: true) { if let grant = $0.grant { take(grant) } }
    }

    /// Gives the users that a query wants, removed ones too, in the order of their numbers, until `take` wants no
    /// more.
    ///
    /// The answer is the number behind which the rest begins where the query's toil is used up; nil: all were
    /// looked at, or `take` has enough.
    package func eachUser(_ query: KeyQuery, _ take: (User) -> Bool) throws(Errno) -> Int? {
        try files.each(query, areKeys: false) { $0.user.map(take) ?? true }
    }

    /// Gives the keys that a query wants, revoked and expired ones too, as `eachUser` does.
    package func eachGrant(_ query: KeyQuery, _ take: (Grant) -> Bool) throws(Errno) -> Int? {
        try files.each(query, areKeys: true) { $0.grant.map(take) ?? true }
    }

    func event(ofKey id: Int) throws(Errno) -> KeyEvent? {
        guard let issued = try files.giving(id, isKey: true) else { return nil }
        return try files.event(of: issued.hash)
    }
}
