// SPDX-License-Identifier: MIT

import CUnix
import Unix

/// What systemd gets to know of the acceptor (sd_notify(3)): datagrams to `$NOTIFY_SOCKET`; nothing where there is none.
struct Notify {
    private let path: String?
    /// How often systemd wants a sign of life, in milliseconds; 0: never.
    let watchdog: Int

    init() {
        path = environment("NOTIFY_SOCKET")
        let isOurs = environment("WATCHDOG_PID").map { $0 == String(Processes.own) } ?? true
        // Twice as often as demanded.
        watchdog = isOurs ? (environment("WATCHDOG_USEC").flatMap { Int($0) } ?? 0) / 2000 : 0
    }

    /// Lines of `NAME=VALUE`. Never waits: when systemd does not listen, it is told nothing.
    func send(_ lines: String...) {
        guard let path else { return }
        _ = unsafe cunix_send_to(path, lines.joined(separator: "\n"))
    }
}
