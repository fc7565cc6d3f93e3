// SPDX-License-Identifier: MIT

import KeyLog
import Unix

/// A reload under way: the new binary looks at the new configuration, in a process of its own.
struct Reload {
    enum Verdict { case good, bad }

    /// The program by its path: after an upgrade another file than the one that runs.
    static let program = (try? File.link("/proc/self/exe")) ?? CommandLine.arguments[0]

    private let pid: Int32
    private(set) var verdict: Verdict?
    /// SIGHUP came once more: what the check looks at may be older than that.
    var isAskedAgain = false
    private let limit = Deadline(in: time)

    /// So long the new binary may take to look at the configuration.
    private static let time = 10_000

    /// Starts the check, with the arguments that we have.
    init(closing listeners: [Listener]) throws(Errno) {
        pid = try Processes.fork()
        guard pid == 0 else { return }
        Signals.restore()
        for listener in listeners { listener.close() }
        let arguments = (try? Options(Array(CommandLine.arguments.dropFirst())))?.forCheck ?? []
        _ = Processes.become(Reload.program, [Reload.program] + arguments, quiet: true)
        Processes.leave(Exit.system)
    }

    /// When a check that hangs is given up.
    var deadline: Deadline { limit }

    /// The check took too long.
    mutating func giveUp() {
        Processes.end(pid)
        verdict = .bad
    }

    /// Whether the ended child was the check; then the verdict is there.
    mutating func ended(_ child: Processes.Ended) -> Bool {
        guard child.pid == pid else { return false }
        verdict = child.code == 0 && child.signal == 0 ? .good : .bad
        return true
    }
}

extension Acceptor {
    /// SIGHUP: first the new binary and configuration are tried; serving goes on meanwhile.
    ///
    /// While they are, it is remembered, and they are tried anew afterwards.
    mutating func beginReload() {
        guard reload == nil else {
            reload?.isAskedAgain = true
            return
        }
        do throws(Errno) {
            reload = try Reload(closing: listeners)
            notify.tell("trying the new configuration")
        } catch {
            wasReloadRefused = true
            gateway.diagnostics.write(.error, "Reload refused: \(error); going on as before.")
        }
    }

    /// The page, when the next image cannot find it by its name.
    private var namelessPage: Int32? { page.flatMap { $0.isNamed ? nil : $0.number } }

    mutating func finishReload(_ verdict: Reload.Verdict) {
        let isAskedAgain = reload?.isAskedAgain ?? false
        reload = nil
        if isAskedAgain { return beginReload() }
        // If it goes well, nobody will know.
        wasReloadRefused = true
        guard verdict == .good else {
            gateway.diagnostics.write(
                .error, "Reload refused: the new configuration or binary is not good; going on as before.")
            return
        }
        spares.dismiss()
        let error = Handover(
            listeners: listeners, page: namelessPage, seats: crowd.seats,
            penalties: penalties.ends
        ).become(Reload.program)
        gateway.diagnostics.write(.error, "Reload refused: \(error); going on as before.")
    }
}
