// SPDX-License-Identifier: MIT

import Unix

/// The two files of a store, open from one look-up to the next, as one process uses them: a look-up opens
/// nothing.
///
/// There is no other thread; processes that were forked share the descriptors, and no offset in them.
final class KeyFiles: @unchecked Sendable {
    let directory: String
    let logPath: String
    let indexPath: String

    /// A tail longer than this is for the index to cover.
    static let tailLimit = 65536
    /// And so much longer only when nobody makes one.
    static let slowTail = 1 << 20

    /// What is open.
    private struct Opened {
        let log: KeyFile
        let standing: Standing
        var index: KeyIndex?
    }

    private var opened: Opened?
    /// A look-up read more of the log than it should, for want of an index or because of damage.
    private(set) var isSlow = false
    /// Where it met the damage.
    private var damaged: Standing?

    init(_ directory: String) {
        self.directory = directory
        logPath = "\(directory)/keys.log"
        indexPath = "\(directory)/keys.index"
    }

    /// The files as they are now; nil: there is no log.
    ///
    /// An old index with a short tail is as good as a new one; with a long one, a better one may be there.
    func look() throws(Errno) -> (log: KeyFile, index: KeyIndex?, size: Int)? {
        guard let now = try Standing(at: logPath) else {
            opened = nil
            return nil
        }
        if opened.map({ !$0.standing.isSame(as: now) || now.size < ($0.index?.covers ?? 0) }) ?? true {
            opened = try KeyFile.open(logPath).map { file throws(Errno) in
                Opened(log: file, standing: try Standing(of: file.file.number), index: nil)
            }
        }
        guard let log = opened?.log else { return nil }
        if now.size - (opened?.index?.covers ?? 0) > KeyFiles.tailLimit {
            let better = try KeyIndex(indexPath, of: log, size: now.size)
            if let better { opened?.index = better }
        }
        return (log, opened?.index, now.size)
    }

    /// Whether the index in place is none, far behind, or the one that was found damaged.
    var isToBeMended: Bool {
        guard let log = try? KeyFile(logPath), let size = try? log.size,
            let index = try? KeyIndex(indexPath, of: log, size: size)
        else { return true }
        return size - index.covers > KeyFiles.slowTail || damaged?.isSame(as: index.standing) == true
    }

    /// Another index is in place.
    func noteMended() {
        isSlow = false
        opened?.index = nil
    }

    /// The last event about a hash.
    func event(of hash: [UInt8]) throws(Errno) -> KeyEvent? {
        guard let (log, index, size) = try look() else { return nil }
        let covered = index?.covers ?? 0
        if size - covered > KeyFiles.slowTail { isSlow = true }
        if let event = try log.lastEvent(of: hash, from: covered, to: size) { return event }
        guard let index else { return nil }
        switch try index.find(hash) {
        case .missing: return nil
        case .at(let offset):
            if let event = try log.event(at: offset), event.hash == hash { return event }
        case .damaged: break
        }
        isSlow = true
        damaged = index.standing
        opened?.index = nil
        // Where the index errs, the log decides; whoever next holds the lock makes another.
        return try log.lastEvent(of: hash, from: 0, to: covered)
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
