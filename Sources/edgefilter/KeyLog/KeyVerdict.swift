// SPDX-License-Identifier: MIT

package import Unix

/// What a look at every line of `keys.log` and `keys.index` found.
package struct KeyVerdict: Equatable, Sendable {
    /// Whole lines of `keys.log`, and those that are torn or altered.
    package var lines = 0
    package var broken = 0
    /// Users and keys, with what was removed, revoked or has expired.
    package var users = 0
    package var keys = 0
    package var index = Index.missing

    /// How `keys.index` stands to `keys.log`.
    package enum Index: String, Sendable {
        /// Whole, and right in every line; the rest of the log is short.
        case current
        /// There is none; a short log needs none.
        case missing
        /// Of another log, of a longer one, or far behind.
        case stale
        /// It can be read, and says what is not so.
        case damaged
    }

    package init() {}
}

extension KeyStore {
    /// Looks at every line of both files.
    ///
    /// Of a `keys.log` that is being written the last line may count as broken.
    package func verify() throws(Errno) -> KeyVerdict {
        var verdict = KeyVerdict()
        guard let log = try KeyFile.open(files.logPath) else { return verdict }
        let size = try log.size
        try log.eachLine(from: 0, to: size) { _, line in
            guard let outline = KeyOutline(line) else {
                verdict.broken += 1
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
        guard File.exists(files.indexPath) else { return .missing }
        guard let index = try KeyIndex(files.indexPath, of: log, size: size) else { return .stale }
        var merge = KeyMerge(log: log, path: files.indexPath, directory: directory)
        merge.budget = .max
        let entries = try merge.gather(from: 0, to: index.covers).entries
        guard entries.count == index.count else { return .damaged }
        var next = 0
        var isRight = true
        let isWhole = try index.eachLine { line in
            isRight = line == entries[next]
            next += 1
            return isRight
        }
        guard isWhole, isRight else { return .damaged }
        return size - index.covers > 2 * KeyFiles.tailLimit ? .stale : .current
    }

    /// Bytes of `keys.log` that the index does not cover.
    package func tailLength() throws(Errno) -> Int {
        guard let log = try KeyFile.open(files.logPath) else { return 0 }
        let size = try log.size
        return size - (try KeyIndex(files.indexPath, of: log, size: size)?.covers ?? 0)
    }

    /// Whether a look-up had to do without the index: time to `mendUnlessBusy`, when nobody waits.
    package var isSlow: Bool { files.isSlow }

    /// Puts a whole index in the place of whatever is there; waits for the lock.
    package func mend() throws(Errno) {
        guard exists else { return }
        try KeyWriter(files).rebuild(holding: 1 << 20)
        files.noteMended()
    }

    /// The same for one of many that met the damage: nothing when somebody is at it, or was, and with little
    /// memory.
    package func mendUnlessBusy() {
        guard exists, let writer = try? KeyWriter(files, waits: false) else { return }
        if files.isToBeMended { try? writer.rebuild(holding: 1 << 16) }
        files.noteMended()
    }
}
