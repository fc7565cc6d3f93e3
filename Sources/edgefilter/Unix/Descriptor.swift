// SPDX-License-Identifier: MIT

import CUnix
import Glibc

/// The sole owner of a file descriptor: closes it when it goes.
package struct Descriptor: ~Copyable {
    /// The number, for calls that only borrow it.
    package let number: Int32

    package init(_ number: Int32) { self.number = number }

    deinit { Glibc.close(number) }

    /// Gives the number away: whoever takes it closes it.
    package consuming func release() -> Int32 {
        let given = number
        discard self
        return given
    }

    /// Closes a descriptor that is known by its number only.
    package static func close(_ number: Int32) { Glibc.close(number) }

    /// Opens a file; the flags are those of open(2), close-on-exec is added.
    package static func open(
        _ path: String, _ flags: Int32, mode: UInt32 = 0o640
    ) throws(Errno) -> Descriptor {
        let number = try system("open") { Int(unsafe Glibc.open(path, flags | O_CLOEXEC, mode)) }
        return Descriptor(Int32(number))
    }
}

/// Sees that no descriptor from this one on goes over to another program, whoever opened it.
package func closeOnExec(from first: Int32) { _ = cunix_close_on_exec_from(UInt32(first)) }

/// Whether two descriptors are the same file, socket or pipe.
package func isSame(_ one: Int32, _ other: Int32) -> Bool {
    guard let first = status(of: one), let second = status(of: other) else { return false }
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino
}

/// Whether the descriptor is a socket.
package func isSocket(_ number: Int32) -> Bool {
    status(of: number).map { $0.st_mode & S_IFMT == S_IFSOCK } ?? false
}

private func status(of number: Int32) -> stat? {
    var status = stat()
    return unsafe fstat(number, &status) == 0 ? status : nil
}

/// Whether the descriptor goes over to another program with exec.
package func setInherited(_ number: Int32, _ isInherited: Bool) {
    _ = fcntl(number, F_SETFD, isInherited ? 0 : FD_CLOEXEC)
}
