// SPDX-License-Identifier: MIT

import Glibc
import HTTP
import KeyLog
import Model
import Settings
import Unix

/// Accepts, forks, reaps: a process for each connection, within limits.
///
/// It reads no byte of a caller's.
struct Acceptor: ~Copyable {
    private let gateway: Gateway
    private let signals: Signals
    /// Handlers and the source each serves.
    private var children: [Int32: String] = [:]
    private var perSource: [String: Int] = [:]
    private var isStopping = false

    init(_ gateway: Gateway) throws(Errno) {
        self.gateway = gateway
        signals = try Signals()
        Upstreams.warm()
        // The first digest loads its algorithm.
        _ = gateway.keyHash.hash(of: [0])
    }

    /// Accepts until told to stop, or (`idleExit` > 0) until there was nobody for so many milliseconds.
    ///
    /// Returns in the acceptor only; handlers never come back.
    mutating func run(_ listeners: [Listener], idleExit: Int) {
        while !isStopping {
            let idle = children.isEmpty ? Deadline(in: idleExit) : .never
            if !wait(listeners, until: idle) { break }
            for listener in listeners { acceptAll(listener, listeners) }
            handleSignals()
        }
        for listener in listeners { listener.close() }
        drain()
    }

    /// One wait for connections or signals; false when the deadline is over.
    private func wait(_ listeners: [Listener], until deadline: Deadline) -> Bool {
        var poll = Poll()
        poll.watch(signals.descriptor.number, for: .readable)
        for listener in listeners { poll.watch(listener.number, for: .readable) }
        return poll.wait(until: deadline)
    }

    private mutating func acceptAll(_ listener: Listener, _ all: [Listener]) {
        do throws(Errno) {
            while let connection = try listener.accept() {
                serve(connection, all)
                handleSignals()
            }
        } catch {
            backOff(error)
        }
    }

    /// Out of descriptors or memory: nothing helps but to let handlers end.
    ///
    /// A signal (a child's end) cuts the pause short.
    private func backOff(_ error: Errno) {
        gateway.diagnostics.write(.warning, "Connections wait: \(error).")
        var poll = Poll()
        poll.watch(signals.descriptor.number, for: .readable)
        _ = poll.wait(until: Deadline(in: 100))
    }

    private mutating func serve(_ connection: consuming Descriptor, _ listeners: [Listener]) {
        let peer = Peer(of: connection.number)
        let source = peer.source
        let limits = gateway.settings.limits
        guard children.count < limits.connections, perSource[source, default: 0] < limits.perSource else {
            refuse(connection, peer)
            return
        }
        do throws(Errno) {
            let pid = try Processes.fork()
            if pid == 0 { handle(connection, peer, listeners) }
            children[pid] = source
            perSource[source, default: 0] += 1
        } catch {
            gateway.diagnostics.write(.warning, "A connection is refused: \(error).")
            refuse(connection, peer)
        }
    }

    /// The handler: serves its connection and leaves.
    private func handle(_ connection: consuming Descriptor, _ peer: Peer, _ listeners: [Listener]) -> Never {
        Signals.restore()
        for listener in listeners { listener.close() }
        close(signals.descriptor.number)
        var session = Session(gateway, Client(socket: connection.release(), peer: peer))
        session.run()
        Processes.leave(0)
    }

    /// Says in well-formed HTTP that we are full.
    private func refuse(_ connection: consuming Descriptor, _ peer: Peer) {
        var client = Client(socket: connection.number, peer: peer)
        var exchange = Exchange(gateway, nil, client.peer, isLast: true)
        exchange.fail(
            Failure(.full, "Too many connections; try again in a moment.", retryAfter: 1), &client)
        client.send()
    }

    private mutating func handleSignals() {
        while let signal = signals.next() {
            switch signal {
            case .stop: isStopping = true
            case .reload:
                gateway.diagnostics.write(
                    .notice, "SIGHUP: the configuration is read at the next start; ignoring.")
            case .child: reap()
            }
        }
    }

    private mutating func reap() {
        while let ended = Processes.reap() {
            if ended.signal != 0 {
                gateway.diagnostics.write(.error, "Handler \(ended.pid) was ended by signal \(ended.signal).")
            }
            guard let source = children.removeValue(forKey: ended.pid) else { continue }
            perSource[source, default: 1] -= 1
            if perSource[source] == 0 { perSource[source] = nil }
        }
    }

    /// Lets handlers finish, within the limit; then they are ended.
    private mutating func drain() {
        let deadline = Deadline(in: gateway.settings.limits.drain)
        while !children.isEmpty, !deadline.isOver {
            var poll = Poll()
            poll.watch(signals.descriptor.number, for: .readable)
            _ = poll.wait(until: deadline)
            handleSignals()
        }
        for pid in children.keys { kill(pid, SIGTERM) }
    }
}
