// SPDX-License-Identifier: MIT

import CUnix
import Glibc

/// Forking and reaping.
package enum Processes {
    /// A child that has ended.
    package struct Ended: Equatable {
        /// Its process id.
        package let pid: Int32
        /// What it said when it left by itself.
        package let code: Int
        /// The signal that ended it; 0: it left by itself.
        package let signal: Int
    }

    /// fork(2): 0 in the child, the child's pid in the parent.
    package static func fork() throws(Errno) -> Int32 {
        Int32(try system("fork") { Int(Glibc.fork()) })
    }

    /// To be called before the first fork, when all that children share is there: what they allocate then
    /// lies together.
    package static func plugHeap() { cunix_plug_heap() }

    /// The next ended child, without waiting.
    package static func reap() -> Ended? {
        var code: Int32 = 0
        var signal: Int32 = 0
        let pid = unsafe cunix_reap(&code, &signal)
        return pid > 0 ? Ended(pid: pid, code: Int(code), signal: Int(signal)) : nil
    }

    /// This process.
    package static var own: Int32 { getpid() }

    /// Sends a signal that asks a process to finish, or ends it.
    package static func ask(_ pid: Int32) { kill(pid, SIGTERM) }
    /// SIGKILL.
    package static func end(_ pid: Int32) { kill(pid, SIGKILL) }

    /// Becomes another program (execve(2)) with this environment; comes back only with the reason why not.
    ///
    /// `quiet`: what it prints on standard output is thrown away.
    package static func become(_ program: String, _ arguments: [String], quiet: Bool) -> Errno {
        if quiet, let nowhere = try? Descriptor.open("/dev/null", O_WRONLY) { dup2(nowhere.number, 1) }
        var pointers = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { unsafe pointers.forEach { unsafe free($0) } }
        unsafe execv(program, &pointers)
        return Errno(errno, in: "execve \(program)")
    }

    /// Leaves at once: no destructor, no thread of a library is waited for.
    package static func leave(_ status: Int32) -> Never { _exit(status) }
}

/// SIGTERM in a handler: a wish to finish, not an end in the middle.
package enum Finishing {
    /// From now on SIGTERM only asks; to be called before signals are let through, so that none ends us.
    ///
    /// `connection`: where the next request would come from; it must stay open. nil: there is none yet.
    package static func begin(connection: Int32?) { cunix_finish_on_sigterm(connection ?? -1) }

    /// Whether somebody asked.
    package static var isAsked: Bool { cunix_is_finishing() != 0 }

    /// Whether somebody asked again: there is no more time.
    package static var isUrged: Bool { cunix_is_urged() != 0 }

    /// Whether we wait for nothing but the next request; the wish ends such a wait.
    package static var isIdle: Bool {
        get { cunix_is_idle() != 0 }
        set { cunix_set_idle(newValue ? 1 : 0) }
    }
}

/// Signals as something to read.
package struct Signals: ~Copyable {
    /// What becomes readable when a signal has come: signalfd(2).
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
