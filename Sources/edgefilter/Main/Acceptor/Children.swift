// SPDX-License-Identifier: MIT

import KeyLog
import Settings
import Unix

// Signals and children.
extension Acceptor {
    mutating func handleSignals() {
        while let signal = signals.next() {
            switch signal {
            case .stop: isStopping = true
            case .reload: beginReload()
            case .child: reap()
            }
        }
    }

    private mutating func reap() {
        while let ended = Processes.reap() {
            if spares.forget(ended.pid) || syncer.ended(ended.pid) { continue }
            if reload?.ended(ended) ?? false { continue }
            guard let seat = crowd.remove(ended.pid) else { continue }
            judge(ended, seat)
        }
    }

    private mutating func judge(_ ended: Processes.Ended, _ seat: Crowd.Seat) {
        var offence = Penalties.Offence(rawValue: ended.code) ?? .none
        if ended.signal != 0 {
            let isOurs = isStopping
            if !isOurs { offence = .crash }
            gateway.diagnostics.write(.error, "Handler \(ended.pid) was ended by signal \(ended.signal).")
        }
        if !seat.isExempt { penalties.note(offence, of: seat.source, at: Monotonic.now()) }
        settle(seat.slot, ended.signal != 0 ? "killed" : "lost", signal: ended.signal)
    }

    /// Writes the record that a dead handler owes.
    private func settle(_ slot: Int, _ ended: String, signal: Int) {
        // A slot that is locked is another handler's by now.
        guard let page, !page.isLocked(slot) else { return }
        gateway.settle(page.slot(slot), ended, signal: signal)
    }

    /// What handlers of a dead acceptor left, those that are gone themselves.
    func settleOrphans() {
        guard let page else { return }
        let taken = Set(crowd.seats.values.map(\.slot))
        for slot in 0..<page.used where page.slot(slot).state != .closed {
            if !taken.contains(slot), !page.isLocked(slot) { settle(slot, "lost", signal: 0) }
        }
    }

    /// Lets handlers finish, within the limit; then they are ended.
    mutating func drain() {
        notify.tell("finishing \(crowd.count) connections", "STOPPING=1", "EXTEND_TIMEOUT_USEC=\(patience)")
        for listener in listeners { listener.close() }
        spares.dismiss()
        for pid in crowd.seats.keys { Processes.ask(pid) }
        waitForHandlers(until: Deadline(in: gateway.settings.limits.drain))
        // Time is up: streams end in an error event, and who does not even manage that is ended.
        for pid in crowd.seats.keys { Processes.ask(pid) }
        waitForHandlers(until: Deadline(in: Acceptor.lastTime))
        for pid in crowd.seats.keys { Processes.end(pid) }
        waitForHandlers(until: Deadline(in: Acceptor.lastTime))
        syncer.finish(gateway.log)
    }

    /// Microseconds for which systemd is asked to wait: after TimeoutStopSec= it would kill us, whatever the
    /// operator allows here.
    private var patience: Int {
        let limit = gateway.settings.limits.drain
        return (limit > 0 ? min(limit, Acceptor.year) : Acceptor.year) * 1000 + 3 * Acceptor.lastTime * 1000
    }

    private static let year = 365 * 86_400_000
    /// After the limit handlers are ended; so long it may take until their records are written.
    private static let lastTime = 2000

    private mutating func waitForHandlers(until deadline: Deadline) {
        while crowd.count > 0, !deadline.isOver {
            var poll = Poll()
            poll.watch(signals.descriptor.number, for: .readable)
            _ = poll.wait(until: deadline)
            handleSignals()
        }
    }
}
