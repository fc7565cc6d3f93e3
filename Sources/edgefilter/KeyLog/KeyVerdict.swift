// SPDX-License-Identifier: MIT

package import Unix

/// What a look at every line of `keys.log` and `keys.index` found.
package struct KeyVerdict: Equatable, Sendable {
    /// Whole lines of `keys.log`.
    package var lines = 0
    /// Those that are torn or altered.
    package var broken = 0
    /// Of the broken ones those that somebody changed: no death and no full disk makes one.
    package var altered = 0
    /// Users, with those that were removed.
    package var users = 0
    /// Keys, with those that were revoked or have expired.
    package var keys = 0
    /// How `keys.index` and `keys.recent` stand.
    package var index = Index.missing

    /// How `keys.index` and `keys.recent` stand to `keys.log`.
    package enum Index: String, Sendable {
        /// Whole, and right in every line; the rest of the log is short.
        case current
        /// There is none; a short log needs none.
        case missing
        /// Of another log, of a longer one, or far behind.
        case stale
        /// One can be read, and says what is not so.
        case damaged
    }

    package init() {}
}

extension KeyStore {
    /// Looks at every line of all three files.
    ///
    /// Of a `keys.log` that is being written the last line may count as broken.
    package func verify() throws(Errno) -> KeyVerdict {
        var verdict = KeyVerdict()
        guard let log = try KeyFile.open(files.logPath) else { return verdict }
        let size = try log.size
        try log.eachLine(from: 0, to: size) { _, line in
            guard let outline = KeyOutline(line) else {
                verdict.broken += 1
                if Checksum.wasWhole(line) { verdict.altered += 1 }
                return true
            }
            verdict.lines += 1
            if outline.isFirst, outline.isKey { verdict.keys += 1 }
            if outline.isFirst, !outline.isKey { verdict.users += 1 }
            return true
        }
        verdict.index = try standing(of: log, size)
        return verdict
    }

    private func standing(of log: KeyFile, _ size: Int) throws(Errno) -> KeyVerdict.Index {
        guard File.exists(files.indexPath) || File.exists(files.recentPath) else { return .missing }
        let indexes = try KeyIndexes(files, of: log, size: size)
        for index in [indexes.whole, indexes.recent] {
            if let index, try !isRight(index, log) { return .damaged }
        }
        let isNone = indexes.whole == nil && indexes.recent == nil
        return isNone || size - indexes.covers > 2 * KeyFiles.tailLimit ? .stale : .current
    }

    /// Whether an index says of each hash what the log says.
    private func isRight(_ index: KeyIndex, _ log: KeyFile) throws(Errno) -> Bool {
        var merge = KeyMerge(log: log, path: files.indexPath, directory: directory)
        merge.budget = .max
        let entries = try merge.gather(from: index.start, to: index.covers).entries
        guard entries.count == index.count else { return false }
        var next = 0
        var isRight = true
        let isWhole = try index.eachLine { line in
            isRight = line == entries[next]
            next += 1
            return isRight
        }
        return isWhole && isRight
    }

    /// Bytes of `keys.log` that no index covers.
    package func tailLength() throws(Errno) -> Int {
        guard let log = try KeyFile.open(files.logPath) else { return 0 }
        let size = try log.size
        return size - (try KeyIndexes(files, of: log, size: size)).covers
    }

    /// Whether a look-up had to do without an index, or a change made more than the large one may lack: time
    /// to `tendUnlessBusy`, when nobody waits.
    package var wantsTending: Bool { files.isSlow || files.isBehind }

    /// Puts a whole index in the place of whatever is there; waits for the lock.
    package func mend() throws(Errno) {
        guard exists else { return }
        try KeyWriter(files).rebuild(holding: 1 << 20)
        files.noteMended()
    }

    /// Brings the large index up to the log when a change of ours found it behind; waits for the lock.
    ///
    /// Nothing depends on it but speed.
    package func tend() {
        guard files.isBehind else { return }
        tend(part: 1)
    }

    /// The same for a timer, which comes when nobody waits: before the next change finds it behind.
    package func tendEarly() { tend(part: 4) }

    private func tend(part: Int) {
        guard exists, let writer = try? KeyWriter(files) else { return }
        try? writer.mergeWhole(part: part, holding: 1 << 20)
        files.noteMended()
    }

    /// Mends or merges, as one of many that met the same: nothing when somebody is at it, or was, and with
    /// little memory.
    package func tendUnlessBusy() {
        guard exists, let writer = try? KeyWriter(files, waits: false) else { return }
        if files.isSlow, files.isToBeMended {
            try? writer.rebuild(holding: 1 << 16)
        } else {
            try? writer.mergeWhole(part: 1, holding: 1 << 16)
        }
        files.noteMended()
    }

    /// Opens the files, so that processes forked from this one find them open; as good as free when nothing
    /// changed.
    package func prepare() { files.prepare() }
}
