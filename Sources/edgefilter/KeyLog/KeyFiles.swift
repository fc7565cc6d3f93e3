// SPDX-License-Identifier: MIT

import Unix

/// The files of a store, open from one look-up to the next, as one process uses them: a look-up opens
/// nothing.
///
/// There is no other thread; processes that were forked share the descriptors, and no offset in them.
final class KeyFiles: @unchecked Sendable {
    let directory: String
    let logPath: String
    let indexPath: String
    let recentPath: String

    /// A tail longer than this is for an index to cover: scanning it costs a look-up a microsecond.
    static let tailLimit = 8192
    /// And so much longer only when nobody makes one.
    static let slowTail = 1 << 20

    /// What is open.
    private struct Opened {
        let log: KeyFile
        /// The log as it was when the indexes fitted it.
        var standing: Standing
        var indexes: KeyIndexes
    }

    private var opened: Opened?
    /// A look-up read more of the log than it should, for want of an index or because of damage.
    private(set) var isSlow = false
    /// Where it met the damage.
    private var damaged: Standing?
    /// A change found more beyond the large index than should be.
    private(set) var isBehind = false

    init(_ directory: String) {
        self.directory = directory
        logPath = "\(directory)/keys.log"
        indexPath = "\(directory)/keys.index"
        recentPath = "\(directory)/keys.recent"
    }

    /// The files as they are now; nil: there is no log.
    ///
    /// Old indexes with a short tail are as good as new ones; with a long one, better ones may be there.
    func look() throws(Errno) -> (log: KeyFile, indexes: KeyIndexes, size: Int)? {
        guard let now = try Standing(at: logPath) else {
            opened = nil
            return nil
        }
        if opened.map({ !$0.standing.isSame(as: now) || now.size < $0.indexes.covers }) ?? true {
            opened = try KeyFile.open(logPath).map { file throws(Errno) in
                Opened(log: file, standing: try Standing(of: file.file.number), indexes: .none)
            }
        }
        guard let log = opened?.log else { return nil }
        if opened.map({ !now.isUnchanged(since: $0.standing) }) == true {
            // It should have grown; it may have been written over.
            if try opened?.indexes.fit(log) == false { opened?.indexes = .none }
            opened?.standing = now
        }
        if now.size - (opened?.indexes.covers ?? 0) > KeyFiles.tailLimit {
            let better = try KeyIndexes(self, of: log, size: now.size)
            if better.covers > opened?.indexes.covers ?? 0 { opened?.indexes = better }
        }
        return (log, opened?.indexes ?? .none, now.size)
    }

    /// Opens what is there, so that a process that is forked from this one finds it open.
    func prepare() { _ = try? look() }

    /// Whether the large index in place is none, both are far behind, or one is the one that was found
    /// damaged.
    var isToBeMended: Bool {
        guard let log = try? KeyFile(logPath), let size = try? log.size,
            let indexes = try? KeyIndexes(self, of: log, size: size), indexes.whole != nil
        else { return true }
        return size - indexes.covers > KeyFiles.slowTail || damaged.map(indexes.hold) == true
    }

    /// Other indexes are in place.
    func noteMended() {
        (isSlow, isBehind) = (false, false)
        opened?.indexes = .none
    }

    /// The large index is to be made anew when nobody waits.
    func noteBehind() { isBehind = true }

    /// The last event about a hash.
    func event(of hash: [UInt8]) throws(Errno) -> KeyEvent? {
        guard let (log, indexes, size) = try look() else { return nil }
        if case .last(let event) = try find(hash, in: log, size, by: indexes) { return event }
        // Somebody may have put others in their place since these were opened.
        let others = try KeyIndexes(self, of: log, size: size)
        opened?.indexes = others
        if damaged.map(others.hold) == false,
            case .last(let event) = try find(hash, in: log, size, by: others)
        {
            return event
        }
        opened?.indexes = .none
        isSlow = true
        // Where an index errs, the log decides; whoever next holds the lock makes another.
        return try log.lastEvent(of: hash, from: 0, to: size)
    }

    /// What the files say of a hash.
    private enum Found { case last(KeyEvent?), damage }

    private func find(
        _ hash: [UInt8], in log: KeyFile, _ size: Int, by indexes: KeyIndexes
    ) throws(Errno) -> Found {
        if size - indexes.covers > KeyFiles.slowTail { isSlow = true }
        if let event = try log.lastEvent(of: hash, from: indexes.covers, to: size) { return .last(event) }
        for index in [indexes.recent, indexes.whole] {
            guard let index else { continue }
            switch try index.find(hash) {
            case .missing: continue
            case .at(let offset):
                if let event = try log.event(at: offset), event.hash == hash { return .last(event) }
            case .damaged: break
            }
            damaged = index.standing
            return .damage
        }
        return .last(nil)
    }

    /// The event that gave a number.
    func giving(_ id: Int, isKey: Bool) throws(Errno) -> KeyEvent? {
        guard id > 0, let (log, _, size) = try look() else { return nil }
        guard let event = try log.giving(id, isKey ? \.keys : \.users, before: size) else { return nil }
        if event.id == id, event.isKey == isKey { return event }
        // Its line was altered; a later one about it may be whole.
        return try log.lastEvent(of: id, isKey: isKey, before: size)
    }

    /// Gives how each key or user stands now, in the order of their numbers.
    ///
    /// Held in memory is where those stand that were changed since they were made.
    func eachNow(areKeys: Bool, _ take: (KeyEvent) -> Void) throws(Errno) {
        guard let (log, _, size) = try look() else { return }
        var changed: [Int: Int] = [:]
        try log.eachLine(from: 0, to: size) { offset, line in
            if let outline = KeyOutline(line), outline.isKey == areKeys, !outline.isFirst {
                changed[outline.id] = offset
            }
            return true
        }
        var failure: Errno?
        try log.eachLine(from: 0, to: size) { _, line in
            guard let outline = KeyOutline(line), outline.isKey == areKeys, outline.isFirst else {
                return true
            }
            do throws(Errno) {
                let now = try changed[outline.id].map { offset throws(Errno) in try log.event(at: offset) }
                if let event = now ?? KeyEvent(line: line) { take(event) }
            } catch { failure = error }
            return failure == nil
        }
        if let failure { throw failure }
    }
}
