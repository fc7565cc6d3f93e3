// SPDX-License-Identifier: MIT

import CUnix
import Unix

/// What systemd gets to know of the acceptor (sd_notify(3)): datagrams to `$NOTIFY_SOCKET`; nothing where
/// there is none.
struct Notify {
    private let path: String?
    private let watchdog: Int
    private var status = ""
    private var next = Deadline.past

    /// The status is told no more often than this.
    private static let interval = 1000

    init() {
        path = environment("NOTIFY_SOCKET")
        let isOurs = environment("WATCHDOG_PID").map { $0 == String(Processes.own) } ?? true
        // In milliseconds, twice as often as demanded; 0: nobody wants a sign of life.
        watchdog = isOurs ? (environment("WATCHDOG_USEC").flatMap { Int($0) } ?? 0) / 2000 : 0
    }

    /// When `tick` wants to be called, though nothing happens.
    var deadline: Deadline { path != nil && watchdog > 0 ? next : .never }

    /// Now and then: the status, when it changed, and a sign of life.
    mutating func tick(_ status: String) {
        guard path != nil, next.isOver else { return }
        next = Deadline(in: watchdog > 0 ? watchdog : Notify.interval)
        if watchdog > 0 { send("WATCHDOG=1") }
        guard status != self.status else { return }
        self.status = status
        send("STATUS=\(status)")
    }

    /// Lines of `NAME=VALUE`.
    ///
    /// Never waits: when systemd does not listen, it is told nothing.
    func send(_ lines: String...) {
        guard let path else { return }
        _ = unsafe cunix_send_to(path, lines.joined(separator: "\n"))
    }
}
