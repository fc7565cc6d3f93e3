// SPDX-License-Identifier: MIT

import CUnix
import Glibc
package import Unix

/// The request log: a directory of segments `requests-YYYYMMDD.jsonl`, one a UTC day, each only appended to.
package struct RequestLog: Sendable {
    /// Where the segments live.
    package let directory: String

    /// Of the state directory; nothing is opened or made.
    package init(directory: String) { self.directory = directory }

    /// Records are made, and go nowhere.
    package static let none = RequestLog(directory: "/dev/null")

    static let prefix = "requests-"
    private static let suffix = ".jsonl"

    /// Appends one record to the segment of its end: opened anew (rotation needs no signal), one write(2).
    ///
    /// A throw means that the record is lost.
    package func append(_ record: Record, at moment: Moment) throws(Errno) {
        var record = record
        record.time = moment.iso8601
        var line: [UInt8] = []
        record.write(to: &line)
        let file = try held(moment.compactDate)
        let written = try system("write") {
            unsafe line.withUnsafeBytes { unsafe write(file.number, $0.baseAddress, $0.count) }
        }
        if written < line.count {
            _ = unsafe write(file.number, "\n", 1)
            throw Errno(ENOSPC, in: "write")
        }
    }

    /// Whatever lies there instead of a file, nobody waits for it, and no link leads us elsewhere.
    private static let appending = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK

    /// The segment of a day for a line more, which nobody removes as long as it is open.
    func held(_ day: String) throws(Errno) -> Descriptor {
        for _ in 0..<RequestLog.tries {
            let file = try opened(day)
            if try RequestLog.hold(file) { return file }
        }
        throw Errno(ESTALE, in: "open")
    }

    /// Keeps a segment from being removed as long as it is open; false: it was, and what is written to it is lost.
    ///
    /// Waits for who removes it. Where nothing can be locked nothing is: most likely nobody removes it just now. Throws
    /// where it is a pipe, which gives nothing back.
    static func hold(_ file: borrowing Descriptor) throws(Errno) -> Bool {
        _ = cunix_lock_shared_wait(file.number)
        var status = stat()
        _ = try system("fstat") { Int(unsafe fstat(file.number, &status)) }
        guard status.st_mode & S_IFMT != S_IFIFO else { throw Errno(EINVAL, in: "open") }
        return status.st_nlink > 0
    }

    /// The segment of a day for a line more; made when it is not there.
    func opened(_ day: String) throws(Errno) -> Descriptor {
        let path = path(of: day)
        for _ in 0..<RequestLog.tries {
            do throws(Errno) { return try Descriptor.open(path, RequestLog.appending) } catch {
                guard error.number == ENOENT else { throw error }
            }
            do throws(Errno) {
                let file = try Descriptor.open(path, RequestLog.appending | O_CREAT | O_EXCL)
                adopt(file.number, in: directory)
                return file
            } catch {
                guard error.number == EEXIST else { throw error }
            }
        }
        throw Errno(EEXIST, in: "open")
    }

    /// So often somebody else may make or remove it between two looks.
    private static let tries = 8

    /// Sees that today's records are on the disk, when there are any.
    package func sync(at moment: Moment) {
        guard let file = try? Descriptor.open(path(of: moment.compactDate), RequestLog.appending) else {
            return
        }
        fdatasync(file.number)
    }

    /// How long today's segment is; nil: there is none.
    package func size(at moment: Moment) -> Int? { File.size(path(of: moment.compactDate)) }

    private func path(of day: String) -> String {
        if directory == RequestLog.none.directory { return directory }
        var path = ""
        path.reserveCapacity(directory.utf8.count + RequestLog.prefix.utf8.count + 16)
        for part in [directory, "/", RequestLog.prefix, day, RequestLog.suffix] { path += part }
        return path
    }

    /// The days that have a segment, oldest first.
    package func days() throws(Errno) -> [String] { try segments().map(\.compact) }

    func segments() throws(Errno) -> [Day] { try days(RequestLog.prefix) }

    /// The days that have a file of that name.
    func days(_ prefix: String) throws(Errno) -> [Day] {
        guard File.exists(directory) else { return [] }
        return try File.names(in: directory).compactMap { name in
            guard name.hasPrefix(prefix), name.hasSuffix(RequestLog.suffix) else { return nil }
            let text = name.dropFirst(prefix.count).dropLast(RequestLog.suffix.count)
            return text.utf8.count == 8 ? Day(text) : nil
        }
    }

    /// The segment of a day; nil: there is none, or something else.
    func open(_ day: Day, _ flags: Int32 = O_RDONLY) throws(Errno) -> LineFile? {
        do throws(Errno) {
            let file = try LineFile(path(of: day.compact), flags)
            if try Standing(of: file.file.number).kind != S_IFREG { return nil }
            return file
        } catch {
            if error.number == ENOENT { return nil }
            throw Errno(
                error.number, in: "\(error.call) \(RequestLog.prefix)\(day.compact)\(RequestLog.suffix)")
        }
    }

    /// Where a day's segment is.
    func path(of day: Day) -> String { path(of: day.compact) }

    /// Gives every record of a day to `take`, in the order they were written; the answer is the number of
    /// lines that were torn or altered.
    package func read(day: String, _ take: (Record) -> Void) throws(Errno) -> Int {
        let file = try LineFile(path(of: day))
        var broken = 0
        _ = try file.each(from: 0) { line, _ in
            if let record = Record(line: line.array) { take(record) } else { broken += 1 }
            return true
        }
        return broken
    }
}
