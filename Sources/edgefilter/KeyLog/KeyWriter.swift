// SPDX-License-Identifier: MIT

import CUnix
import Glibc
import Unix

/// `keys.log` open for a change: nobody else changes it as long as this lives.
struct KeyWriter: ~Copyable {
    let log: KeyFile
    private let files: KeyFiles
    private let start: Int
    /// The numbers given so far; whoever gives one counts it here.
    var marks: KeyEvent.Marks
    /// What will be appended.
    private var lines = KeyFile.newline

    /// Waits for whoever changes something now, or throws EAGAIN.
    init(_ files: KeyFiles, waits: Bool = true) throws(Errno) {
        let log = try KeyWriter.lock(files, waits)
        let start = try log.size
        marks = try log.lastEvent(before: start)?.marks ?? KeyEvent.Marks()
        (self.log, self.files, self.start) = (log, files, start)
    }

    deinit { cunix_unlock(log.file.number) }

    /// The log under lock; made when it is not there.
    private static func lock(_ files: KeyFiles, _ waits: Bool) throws(Errno) -> KeyFile {
        while true {
            guard let log = try KeyFile.open(files.logPath, O_RDWR | O_APPEND) else {
                try make(files)
                continue
            }
            let number = log.file.number
            _ = try system("fcntl") { Int(waits ? cunix_lock_wait(number) : cunix_lock(number, 0, 0)) }
            // It may have been replaced while we waited.
            let held = try Standing(of: log.file.number)
            if try Standing(at: files.logPath)?.isSame(as: held) == true { return log }
        }
    }

    /// An empty file that belongs to whom the directory belongs to, whoever makes it.
    private static func make(_ files: KeyFiles) throws(Errno) {
        let place = try Descriptor.open(files.directory, O_RDONLY | O_DIRECTORY)
        do throws(Errno) {
            let file = try Descriptor.open(files.logPath, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)
            _ = fchmod(file.number, 0o640)
            adopt(file.number, in: files.directory)
            _ = try system("fsync") { Int(fsync(place.number)) }
        } catch {
            guard error.number == EEXIST else { throw error }
        }
    }

    /// Adds an event to what will be appended; it must fit a line.
    mutating func add(
        _ kind: KeyEvent.Kind, _ subject: KeyEvent.Subject, _ hash: [UInt8], at time: Int
    ) throws(KeyLogError) {
        let event = KeyEvent(kind: kind, subject: subject, hash: hash, marks: marks, time: time)
        let count = lines.count
        event.write(to: &lines)
        guard lines.count - count <= KeyEvent.lineLimit else {
            throw .unfit("the models' names do not fit a line of \(KeyEvent.lineLimit) bytes")
        }
    }

    /// Appends all of it and sees that it is on the disk; or the file is as it was.
    func commit() throws(KeyLogError) {
        do throws(Errno) {
            try File.write(lines, to: log.file.number)
            _ = try system("fdatasync") { Int(fdatasync(log.file.number)) }
        } catch {
            // A line cut short that cannot be taken back is ended by the newline before the next one.
            _ = ftruncate(log.file.number, off_t(start))
            throw KeyLogError(error)
        }
    }

    /// Sees that a look-up need not scan much of the log, with the small index alone: a change does not wait
    /// for the large one.
    ///
    /// Nothing depends on it but speed: where it cannot be written, the next one tries again.
    func tend() {
        guard let size = try? log.size, size > KeyFiles.tailLimit,
            let indexes = try? KeyIndexes(files, of: log, size: size)
        else { return }
        let (beyond, limit) = (size - indexes.wholeCovers, KeyIndexes.recentLimit(size))
        if beyond > limit { files.noteBehind() }
        // Many keys at once are for the large one.
        guard size - indexes.covers > KeyFiles.tailLimit, beyond <= KeyWriter.patience * limit else { return }
        try? mergeRecent(indexes, upTo: size)
    }

    /// So many times as long as it should be the recent part may become before the small index is given up.
    private static let patience = 4

    private func mergeRecent(_ indexes: KeyIndexes, upTo size: Int) throws(Errno) {
        var merge = KeyMerge(log: log, path: files.recentPath, directory: files.directory)
        merge.start = indexes.recent?.start ?? indexes.wholeCovers
        try merge.run(indexes.recent, upTo: size)
    }

    /// Brings the large index up to the log once more than a `part` of what may be beyond it is, or when there
    /// is none that is whole.
    func mergeWhole(part: Int, holding budget: Int) throws(Errno) {
        let size = try log.size
        let indexes = try KeyIndexes(files, of: log, size: size)
        guard size - indexes.wholeCovers > max(KeyFiles.tailLimit, KeyIndexes.recentLimit(size) / part) else {
            return
        }
        try merge(indexes.whole, upTo: size, budget)
    }

    /// Makes an index of all there is, whatever is there, with so many entries in memory at once.
    func rebuild(holding budget: Int) throws(Errno) { try merge(nil, upTo: try log.size, budget) }

    private func merge(_ index: KeyIndex?, upTo size: Int, _ budget: Int) throws(Errno) {
        var merge = KeyMerge(log: log, path: files.indexPath, directory: files.directory)
        merge.budget = budget
        try merge.run(index, upTo: size)
        // All it knew is in the large one.
        _ = unsafe unlink(files.recentPath)
    }
}
