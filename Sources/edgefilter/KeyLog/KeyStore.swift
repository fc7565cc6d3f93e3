// SPDX-License-Identifier: MIT

import Glibc
package import Unix

/// The users and issued keys of a state directory, as they stand now: `keys.log`, the truth, and `keys.index`, derived from it.
///
/// Readers take no lock, and see what was appended at once. Lines that are torn or altered are skipped.
package struct KeyStore: Sendable {
    /// Where the files are.
    package let directory: String

    package init(directory: String) { self.directory = directory }

    var logPath: String { "\(directory)/keys.log" }
    var indexPath: String { "\(directory)/keys.index" }

    /// Whether a key was ever issued here, or a user added.
    package var exists: Bool { File.exists(logPath) }

    /// What a key allows; nil: it was never issued here. Whether it is revoked or has expired is for the caller to see.
    package func find(_ key: IssuedKey) throws(Errno) -> Grant? {
        try event(of: hexDigits(key.hash))?.grant
    }

    /// A key by its number; nil: it was never given.
    package func grant(_ id: Int) throws(Errno) -> Grant? {
        try event(ofKey: id)?.grant
    }

    /// A user by number, removed ones too; nil: it was never given.
    package func user(_ id: Int) throws(Errno) -> User? {
        try event(with: "{\"user\":\(id),") { $0.user?.id == id }?.user
    }

    /// A user who was not removed, by name.
    package func user(named name: String) throws(Errno) -> User? {
        let user = try event(of: KeyEvent.hash(ofUser: name))?.user
        return user?.isRemoved == true ? nil : user
    }

    /// Gives every user, removed ones too, in the order of their numbers.
    package func eachUser(_ take: (User) -> Void) throws(Errno) {
        try eachNow({ $0.user?.id }) { if let user = $0.user { take(user) } }
    }

    /// Gives every key, revoked and expired ones too, in the order of their numbers.
    package func eachGrant(_ take: (Grant) -> Void) throws(Errno) {
        try eachNow({ $0.grant?.id }) { if let grant = $0.grant { take(grant) } }
    }

    func event(ofKey id: Int) throws(Errno) -> KeyEvent? {
        try event(with: "{\"key\":\(id),") { $0.grant?.id == id }
    }

    private func event(of hash: [UInt8]) throws(Errno) -> KeyEvent? {
        guard let log = try KeyFile.open(logPath) else { return nil }
        return try log.lastEvent(with: hash, from: 0, to: try log.size) { $0.hash == hash }
    }

    private func event(with start: String, where isWanted: (KeyEvent) -> Bool) throws(Errno) -> KeyEvent? {
        guard let log = try KeyFile.open(logPath) else { return nil }
        return try log.lastEvent(with: Array(start.utf8), from: 0, to: try log.size, where: isWanted)
    }

    func eachNow(_ number: (KeyEvent) -> Int?, _ take: (KeyEvent) -> Void) throws(Errno) {
        guard let log = try KeyFile.open(logPath) else { return }
        let size = try log.size
        var changed: [Int: KeyEvent] = [:]
        try log.eachLine(from: 0, to: size) { _, line in
            if let event = KeyEvent(line: line), event.kind != .issued, event.kind != .added,
                let id = number(event)
            {
                changed[id] = event
            }
        }
        try log.eachLine(from: 0, to: size) { _, line in
            guard let event = KeyEvent(line: line), event.kind == .issued || event.kind == .added,
                let id = number(event)
            else { return }
            take(changed[id] ?? event)
        }
    }
}
