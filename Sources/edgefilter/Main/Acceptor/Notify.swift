// SPDX-License-Identifier: MIT

import CUnix
import Unix

/// What systemd gets to know of the acceptor (sd_notify(3)): datagrams to `$NOTIFY_SOCKET`; nothing where
/// there is none.
struct Notify {
    private let path: String?
    private let watchdog: Int
    private var status = ""
    /// When systemd may be told of the next status, and when it wants a sign of life.
    private var (nextStatus, nextSign) = (Deadline.past, Deadline.past)
    /// Whether the status that systemd knows is an old one.
    private var isBehind = false

    /// The status is told no more often than this.
    private static let interval = 1000

    init() {
        path = environment("NOTIFY_SOCKET")
        let isOurs = environment("WATCHDOG_PID").map { $0 == String(Processes.own) } ?? true
        // In milliseconds, twice as often as demanded; 0: nobody wants a sign of life.
        watchdog = isOurs ? (environment("WATCHDOG_USEC").flatMap { Int($0) } ?? 0) / 2000 : 0
    }

    /// When `tick` wants to be called, though nothing happens.
    var deadline: Deadline {
        guard path != nil else { return .never }
        return min(watchdog > 0 ? nextSign : .never, isBehind ? nextStatus : .never)
    }

    /// Now and then: the status, when it changed, and a sign of life.
    mutating func tick(_ status: String) {
        guard path != nil else { return }
        let isDue = watchdog > 0 && nextSign.isOver
        if isDue {
            nextSign = Deadline(in: watchdog)
            send("WATCHDOG=1")
        }
        isBehind = status != self.status
        if isBehind, isDue || nextStatus.isOver { tell(status) }
    }

    /// What is going on, for a person who looks; `more`: further lines of `NAME=VALUE`.
    mutating func tell(_ status: String, _ more: String...) {
        self.status = status
        isBehind = false
        nextStatus = Deadline(in: Notify.interval)
        send((more + ["STATUS=\(status)"]).joined(separator: "\n"))
    }

    /// Never waits: when systemd does not listen, it is told nothing.
    private func send(_ lines: String) {
        guard let path else { return }
        _ = unsafe cunix_send_to(path, lines)
    }
}
