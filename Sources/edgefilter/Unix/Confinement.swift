// SPDX-License-Identifier: MIT

import CConfine
import Glibc

/// What a handler gives up before it reads the first byte of a caller.
package enum Confinement {
    /// No core dump, no attaching: keys stay in memory.
    package static func hideMemory() { cconfine_memory(1) }

    /// The kernel takes this process before others when memory is short.
    ///
    /// Best effort: without the right to say so nothing changes. A process that hides its memory has no
    /// /proc/self of its own, so that comes after.
    package static func offerToKiller() {
        cconfine_memory(0)
        defer { cconfine_memory(1) }
        guard let file = try? Descriptor.open("/proc/self/oom_score_adj", O_WRONLY) else { return }
        _ = unsafe write(file.number, "500", 3)
    }

    /// So many descriptors at most.
    package static func limit(descriptors: Int) { cconfine_descriptors(UInt32(descriptors)) }

    /// No new privileges, and no system calls but those of a handler and execve: no raw socket, no namespace,
    /// no other process.
    package static func denyCalls() throws(Errno) {
        _ = try system("seccomp") { Int(cconfine_calls()) }
    }

    /// No other program, ever: an acceptor must become its next version, a handler must not.
    package static func denyExec() throws(Errno) {
        _ = try system("seccomp") { Int(cconfine_exec()) }
    }

    /// Whether a filter of system calls is in force already.
    package static var isConfined: Bool { cconfine_is_confined() != 0 }

    /// No files but these, and what is below them.
    ///
    /// False where the kernel has no Landlock.
    package static func denyFiles(
        butRead readable: [String], butWrite writable: [String]
    ) throws(Errno) -> Bool {
        let result = unsafe withPointers(readable) { read in
            unsafe withPointers(writable) { write in unsafe cconfine_files(read, write) }
        }
        if result < 0 { throw Errno(errno, in: "landlock") }
        return result == 0
    }

    private static func withPointers(
        _ texts: [String], _ use: (UnsafePointer<UnsafePointer<CChar>?>) -> Int32
    ) -> Int32 {
        let copies = unsafe texts.map { unsafe strdup($0) }
        defer { unsafe copies.forEach { unsafe free($0) } }
        let pointers: [UnsafePointer<CChar>?] = unsafe copies.map { unsafe UnsafePointer($0) } + [nil]
        return unsafe pointers.withUnsafeBufferPointer { list in
            guard let base = list.baseAddress else { return 0 }
            return unsafe use(base)
        }
    }
}
