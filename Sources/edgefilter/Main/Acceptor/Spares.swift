// SPDX-License-Identifier: MIT

import Unix

/// Handlers forked ahead: each waits for a connection that is handed to it.
///
/// How many is a setting; none by default.
struct Spares {
    private var waiting: [(pid: Int32, end: Int32)] = []
    /// One ended unused, and another would perhaps as well: there is none before the next connection.
    private var hasFailed = false

    /// How many wait.
    var count: Int { waiting.count }

    /// Forks until so many wait.
    mutating func fill(to count: Int, _ acceptor: borrowing Acceptor) {
        while waiting.count < count, !hasFailed {
            do throws(Errno) {
                let ends = try Channel.pair()
                let pid = try Processes.fork()
                if pid == 0 { wait(ends, acceptor) }
                Descriptor.close(ends.theirs)
                waiting.append((pid, ends.ours))
            } catch {
                return
            }
        }
    }

    /// The spare: gets ready, waits, serves, leaves; leaves at once when the acceptor is gone.
    private func wait(_ ends: (ours: Int32, theirs: Int32), _ acceptor: borrowing Acceptor) -> Never {
        Finishing.begin(connection: nil)
        Signals.restore()
        Descriptor.close(ends.ours)
        acceptor.closeInChild(self)
        Handler.confine(acceptor.gateway)
        guard let (connection, slot) = Channel.receive(from: ends.theirs) else { Processes.leave(0) }
        Descriptor.close(ends.theirs)
        Finishing.begin(connection: connection)
        let client = Client(socket: connection, peer: Peer(of: connection))
        Handler.serve(acceptor.gateway, client, slot, acceptor.upstreams)
    }

    /// Gives a connection to the one that has waited longest: its pid; nil when none takes it.
    mutating func give(_ connection: Int32, _ slot: Int) -> Int32? {
        hasFailed = false
        while !waiting.isEmpty {
            let spare = waiting.removeFirst()
            defer { Descriptor.close(spare.end) }
            if Channel.send(connection, slot, through: spare.end) { return spare.pid }
        }
        return nil
    }

    /// Whether the ended child was one of them.
    mutating func forget(_ pid: Int32) -> Bool {
        guard let index = waiting.firstIndex(where: { $0.pid == pid }) else { return false }
        Descriptor.close(waiting.remove(at: index).end)
        hasFailed = true
        return true
    }

    /// Lets all of them go: their channels end.
    mutating func dismiss() {
        closeInChild()
        waiting = []
    }

    func closeInChild() {
        for spare in waiting { Descriptor.close(spare.end) }
    }
}
