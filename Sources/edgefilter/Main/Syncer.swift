// SPDX-License-Identifier: MIT

import KeyLog
import Unix

/// Loss of power costs at most a second of records: a child syncs the log once a second, while something happens.
struct Syncer {
    private var child: Int32 = 0
    private var isDue = false
    private var next = Deadline.never

    private static let interval = 1000

    /// When `tick` has something to do.
    var deadline: Deadline { isDue && child == 0 ? next : .never }

    /// Records may be written from now on.
    mutating func somethingHappens() {
        if !isDue { next = Deadline(in: Syncer.interval) }
        isDue = true
    }

    mutating func tick(_ log: RequestLog?) {
        guard isDue, child == 0, next.isOver, let log else { return }
        isDue = false
        guard let pid = try? Processes.fork() else { return }
        if pid == 0 {
            log.sync(at: .now())
            Processes.leave(0)
        }
        child = pid
    }

    /// Whether the ended child was the one that syncs.
    mutating func ended(_ pid: Int32) -> Bool {
        guard pid == child else { return false }
        child = 0
        return true
    }

    /// The last records, before we leave.
    func finish(_ log: RequestLog?) {
        if isDue { log?.sync(at: .now()) }
    }
}
