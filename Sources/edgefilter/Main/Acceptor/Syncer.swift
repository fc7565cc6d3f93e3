// SPDX-License-Identifier: MIT

import KeyLog
import Unix

/// Loss of power costs at most a second of records: a child syncs the log once a second, while something
/// happens.
struct Syncer {
    private var child: Int32 = 0
    private var synced = 0
    private var next = Deadline.never

    private static let interval = 1000

    /// When `tick` has something to look at.
    var deadline: Deadline { child == 0 ? next : .never }

    /// Records may be written from now on.
    mutating func somethingHappens() {
        if next == .never { next = Deadline(in: Syncer.interval) }
    }

    /// Syncs what was written since.
    ///
    /// `isBusy`: more may be.
    mutating func tick(_ log: RequestLog?, isBusy: Bool) {
        guard child == 0, next.isOver, let log else { return }
        next = isBusy ? Deadline(in: Syncer.interval) : .never
        guard let size = log.size(at: .now()), size != synced, let pid = try? Processes.fork() else { return }
        if pid == 0 {
            log.sync(at: .now())
            Processes.leave(0)
        }
        synced = size
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
        if let size = log?.size(at: .now()), size != synced { log?.sync(at: .now()) }
    }
}
