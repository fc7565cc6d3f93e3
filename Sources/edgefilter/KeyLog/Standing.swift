// SPDX-License-Identifier: MIT

import CUnix
import Glibc
import Unix

/// What the system says of a file.
struct Standing {
    let size: Int
    /// One of `S_IFMT`.
    let kind: UInt32
    let owner: UInt32
    let group: UInt32
    /// When its content was changed last, in nanoseconds since 1970.
    let modified: Int
    private let device: UInt64
    private let number: UInt64

    init(of descriptor: Int32) throws(Errno) {
        var status = stat()
        _ = try system("fstat") { Int(unsafe fstat(descriptor, &status)) }
        self.init(status)
    }

    /// Nil: nothing is there.
    init?(at path: String) throws(Errno) {
        var status = stat()
        do throws(Errno) {
            _ = try system("lstat") { Int(unsafe lstat(path, &status)) }
        } catch {
            if error.number == ENOENT { return nil }
            throw error
        }
        self.init(status)
    }

    private init(_ status: stat) {
        size = Int(status.st_size)
        kind = status.st_mode & S_IFMT
        (owner, group) = (status.st_uid, status.st_gid)
        modified = Int(status.st_mtim.tv_sec) * 1_000_000_000 + Int(status.st_mtim.tv_nsec)
        (device, number) = (UInt64(status.st_dev), UInt64(status.st_ino))
    }

    /// Whether both are one file.
    func isSame(as other: Standing) -> Bool { device == other.device && number == other.number }

    /// Whether nothing was written since, as far as the file's times tell.
    func isUnchanged(since other: Standing) -> Bool { size == other.size && modified == other.modified }
}
