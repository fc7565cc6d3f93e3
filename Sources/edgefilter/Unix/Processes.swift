// SPDX-License-Identifier: MIT

import CUnix
import Glibc

/// Forking and reaping.
package enum Processes {
    /// A child that has ended.
    package struct Ended: Equatable {
        package let pid: Int32
        /// The signal that ended it; 0: it left by itself.
        package let signal: Int
    }

    /// fork(2): 0 in the child, the child's pid in the parent.
    package static func fork() throws(Errno) -> Int32 {
        Int32(try system("fork") { Int(Glibc.fork()) })
    }

    /// The next ended child, without waiting.
    package static func reap() -> Ended? {
        var signal: Int32 = 0
        let pid = unsafe cunix_reap(&signal)
        return pid > 0 ? Ended(pid: pid, signal: Int(signal)) : nil
    }

    /// Leaves at once: no destructor, no thread of a library is waited for.
    package static func leave(_ status: Int32) -> Never { _exit(status) }
}

/// Signals as something to read.
package struct Signals: ~Copyable {
    package let descriptor: Descriptor

    /// From now on SIGCHLD, SIGTERM, SIGINT and SIGHUP are read here instead of delivered.
    package init() throws(Errno) {
        descriptor = Descriptor(Int32(try system("signalfd") { Int(cunix_signals()) }))
    }

    /// A signal of interest.
    package enum Kind { case child, stop, reload }

    /// The next signal that came, without waiting.
    package func next() -> Kind? {
        switch cunix_next_signal(descriptor.number) {
        case 0: nil
        case SIGCHLD: .child
        case SIGHUP: .reload
        default: .stop
        }
    }

    /// In a child: signals act again as they do at a program's start.
    package static func restore() { cunix_unblock_signals() }

    /// Writing to a peer that is gone becomes an error instead of the end of the process.
    package static func ignorePipe() { cunix_ignore_sigpipe() }
}
