// SPDX-License-Identifier: MIT

import CUnix
import Glibc
import Unix

/// `keys.log` open for a change: nobody else changes it as long as this lives.
struct KeyWriter: ~Copyable {
    let log: KeyFile
    private let start: Int
    /// The numbers given so far; whoever gives one counts it here.
    var marks: KeyEvent.Marks
    /// What will be appended.
    private var lines: [UInt8] = [0x0A]

    init(_ path: String, directory: String) throws(Errno) {
        let log = try KeyWriter.lock(path, directory: directory)
        let start = try log.size
        marks = try log.lastEvent(before: start)?.marks ?? KeyEvent.Marks()
        self.start = start
        self.log = log
    }

    /// The file under lock; made when it is not there.
    private static func lock(_ path: String, directory: String) throws(Errno) -> KeyFile {
        while true {
            guard let log = try KeyFile.open(path, O_RDWR | O_APPEND) else {
                try make(path, directory: directory)
                continue
            }
            _ = try system("fcntl") { Int(cunix_lock_wait(log.file.number)) }
            // It may have been replaced while we waited.
            if let now = try KeyFile.open(path), isSame(now.file.number, log.file.number) { return log }
        }
    }

    /// An empty file that belongs to whom the directory belongs to, whoever makes it.
    private static func make(_ path: String, directory: String) throws(Errno) {
        let place = try Descriptor.open(directory, O_RDONLY | O_DIRECTORY)
        let owner = try KeyFile.status(of: place.number)
        do throws(Errno) {
            let file = try Descriptor.open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)
            adopt(file.number, owner)
            _ = try system("fsync") { Int(fsync(place.number)) }
        } catch {
            guard error.number == EEXIST else { throw error }
        }
    }

    /// Gives a file to the owner of its directory, and to nobody else.
    static func adopt(_ number: Int32, _ owner: stat) {
        if geteuid() == 0 { _ = fchown(number, owner.st_uid, owner.st_gid) }
        _ = fchmod(number, 0o640)
    }

    /// Adds an event to what will be appended; it must fit a line.
    mutating func add(
        _ kind: KeyEvent.Kind, _ subject: KeyEvent.Subject, _ hash: [UInt8], at time: Int
    ) throws(KeyLogError) {
        let event = KeyEvent(kind: kind, subject: subject, hash: hash, marks: marks, time: time)
        let count = lines.count
        event.write(to: &lines)
        guard lines.count - count <= KeyEvent.lineLimit else {
            throw .unfit("the list of models does not fit a line of \(KeyEvent.lineLimit) bytes")
        }
    }

    /// Appends all of it and sees that it is on the disk; or the file is as it was.
    mutating func commit() throws(KeyLogError) {
        do throws(Errno) {
            try append()
            _ = try system("fdatasync") { Int(fdatasync(log.file.number)) }
        } catch {
            // A line cut short that cannot be taken back is ended by the newline before the next one.
            _ = ftruncate(log.file.number, off_t(start))
            throw KeyLogError(error)
        }
    }

    private func append() throws(Errno) {
        var sent = 0
        while sent < lines.count {
            sent += try system("write") {
                unsafe lines.withUnsafeBytes {
                    guard let base = $0.baseAddress else { return 0 }
                    return unsafe write(log.file.number, base + sent, $0.count - sent)
                }
            }
        }
    }
}
