// SPDX-License-Identifier: MIT

import CUnix
import Glibc

// Small files that others read while they change.
extension File {
    /// Puts a file in the place of the one of this name, if there is one, all at once: a reader finds the old
    /// or the new.
    ///
    /// Both are in one directory. What a death in between leaves there begins with a dot.
    package static func replace(_ path: String, with bytes: [UInt8]) throws(Errno) {
        let draft = draft(of: path)
        do throws(Errno) {
            let file = try Descriptor.open(draft, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
            try write(bytes, to: file.number)
            if unsafe rename(draft, path) < 0 { throw Errno(errno, in: "rename") }
        } catch {
            unsafe unlink(draft)
            throw error
        }
    }

    private static func draft(of path: String) -> String {
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
        return "\(folder).\(getpid())"
    }

    /// Takes a file away; false: there was none.
    @discardableResult
    package static func remove(_ path: String) -> Bool { unsafe unlink(path) == 0 }

    /// When the file was written last, in seconds since 1970; nil: there is none.
    package static func changed(_ path: String) -> Int? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? Int(status.st_mtim.tv_sec) : nil
    }

    /// Locks one byte of a file, which is made where there is none, until the descriptor closes; nil: another
    /// holds it.
    ///
    /// `place`: of the byte, not negative; the file need not be as long.
    package static func lock(_ path: String, at place: Int64) throws(Errno) -> Descriptor? {
        let file = try Descriptor.open(path, O_RDWR | O_CREAT, mode: 0o600)
        if cunix_lock(file.number, place, 1) != 0 { return nil }
        return file
    }
}
