// SPDX-License-Identifier: MIT

import HTTP
import KeyLog
import Model
import Settings
import Unix

/// Accepts, forks, reaps: a process for each connection, within limits.
///
/// It reads no byte of a caller's. Everything expensive is done once, before any fork; handlers inherit it.
struct Acceptor: ~Copyable {
    let gateway: Gateway
    var crowd: Crowd
    var penalties = Penalties()
    var spares = Spares()
    private var farewells = Farewells()
    let signals: Signals
    var notify = Notify()
    var syncer = Syncer()
    /// Which nobody uses here: handlers begin with what is made.
    let upstreams: Upstreams
    let listeners: [Listener]
    private let idleExit: Int
    private var refused = 0
    var isStopping = false
    var reload: Reload?
    var wasReloadRefused = false

    /// `signals`: taken before anybody could connect.
    ///
    /// `idleExit`: milliseconds without anybody after which it leaves; 0: never.
    init(
        _ gateway: Gateway, _ listeners: [Listener], _ signals: consuming Signals, idleExit: Int,
        resuming handover: Handover?
    ) throws(Errno) {
        upstreams = try Acceptor.prepare(gateway)
        self.signals = signals
        self.gateway = gateway
        self.listeners = listeners
        self.idleExit = idleExit
        if let handover {
            crowd = Crowd(gateway.settings.limits, resuming: handover.seats)
            penalties = Penalties(handover.penalties)
        } else {
            crowd = Crowd(gateway.settings.limits)
        }
    }

    /// What handlers find done.
    private static func prepare(_ gateway: Gateway) throws(Errno) -> Upstreams {
        Upstreams.warm(gateway.settings)
        Rehearsal.run(Set(gateway.settings.upstreams.map(\.dialect)))
        Handler.confineAcceptor(gateway)
        // The first digest loads its algorithm.
        _ = gateway.keyHash.hash(of: [0])
        Processes.plugHeap()
        return try Upstreams()
    }

    /// What connections and handlers share.
    var page: LivePage? { gateway.meter?.page }

    /// Accepts until told to stop, or until there was nobody for long enough.
    ///
    /// Returns in the acceptor only; handlers never come back.
    mutating func run() {
        settleOrphans()
        fillSpares()
        notify.tell(count, "READY=1")
        var lastly = Deadline(in: idleExit)
        while !isStopping {
            let came = wait(until: crowd.count == 0 ? lastly : .never)
            for listener in listeners { acceptSome(listener) }
            handleSignals()
            tick()
            // Nobody waits for it.
            fillSpares()
            if crowd.count > 0 { lastly = Deadline(in: idleExit) }
            if !came, crowd.count == 0, lastly.isOver { break }
        }
        drain()
    }

    /// One wait for connections or signals; false when the deadline is over.
    private func wait(until deadline: Deadline) -> Bool {
        var poll = Poll()
        poll.watch(signals.descriptor.number, for: .readable)
        for listener in listeners { poll.watch(listener.number, for: .readable) }
        farewells.watch(in: &poll)
        return poll.wait(
            until: [
                deadline, farewells.deadline, syncer.deadline, notify.deadline, reload?.deadline ?? .never,
            ].min() ?? deadline)
    }

    /// What is due now and then.
    private mutating func tick() {
        notify.tick(count)
        page?[.connections] = crowd.count
        page?[.spares] = spares.count
        farewells.tick()
        syncer.tick(gateway.log, isBusy: crowd.count > 0)
        if reload?.deadline.isOver ?? false { reload?.giveUp() }
        if let verdict = reload?.verdict { finishReload(verdict) }
    }

    private var count: String {
        "\(crowd.count) connections, \(refused) refused"
            + (wasReloadRefused ? "; the last reload was refused, see the log" : "")
    }
}

// Connections.
extension Acceptor {
    /// Takes who waits, but of a flood no more than may pass before the rest is looked after again: the other
    /// listeners, systemd's watchdog.
    private mutating func acceptSome(_ listener: Listener) {
        do throws(Errno) {
            for _ in 0..<Acceptor.flood {
                guard let connection = try listener.accept() else { return }
                let peer = Peer(of: connection.number, through: listener)
                serve(connection, peer)
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
        _ = poll.wait(until: Deadline(in: Acceptor.pause))
    }

    private static let pause = 100
    private static let flood = 64

    private mutating func serve(_ connection: consuming Descriptor, _ peer: Peer) {
        let source = peer.source
        if let wait = penalties.wait(of: source, at: Monotonic.now()) {
            page?.add(.penalized)
            refuse(
                connection, peer,
                Failure(.penalty, "Too many bad requests from this address.", retryAfter: wait))
        } else if hasRoom(for: peer), let slot = takeSlot() {
            handOver(connection, peer, slot)
        } else {
            refuseFull(connection, peer)
        }
    }

    private mutating func refuseFull(_ connection: consuming Descriptor, _ peer: Peer) {
        page?.add(.refused)
        refuse(connection, peer, Acceptor.full)
    }

    private static let full = Failure(.full, "Too many connections; try again in a moment.", retryAfter: 1)

    private mutating func takeSlot() -> Int? {
        let page = page
        let slot = crowd.takeSlot { page?.isLocked($0) ?? false }
        if let slot { page?.noteUse(of: slot) }
        return slot
    }

    /// Gives the connection to a spare, or forks.
    private mutating func handOver(_ connection: consuming Descriptor, _ peer: Peer, _ slot: Int) {
        page?.add(.accepted)
        let seat = Crowd.Seat(source: peer.source, slot: slot, isExempt: isExempt(peer))
        syncer.somethingHappens()
        if !peer.isAdmin, let pid = spares.give(connection.number, slot) {
            crowd.add(pid, seat)
            return
        }
        gateway.keys?.prepare()
        do throws(Errno) {
            let pid = try Processes.fork()
            if pid == 0 { handle(Client(socket: connection.release(), peer: peer), slot) }
            crowd.add(pid, seat)
        } catch {
            crowd.giveBack(slot)
            gateway.diagnostics.write(.warning, "A connection is refused: \(error).")
            refuseFull(connection, peer)
        }
    }

    /// Local programs and listed proxies share one address: one's faults are not the others'.
    private func isExempt(_ peer: Peer) -> Bool {
        peer.isAdmin || ["127.0.0.1", "::1"].contains(peer.address)
            || gateway.settings.trusts(proxy: peer.address)
    }

    /// What a handler must not hold: other connections' ways in.
    func closeInChild(_ spares: Spares) {
        for listener in listeners { listener.close() }
        Descriptor.close(signals.descriptor.number)
        spares.closeInChild()
        farewells.closeInChild()
    }

    private mutating func fillSpares() {
        var more = spares
        more.fill(to: gateway.settings.limits.spares, self)
        spares = more
    }

    /// The handler: serves its connection and leaves.
    private func handle(_ client: consuming Client, _ slot: Int) -> Never {
        // First: a wish to finish may be waiting.
        Finishing.begin(connection: client.input)
        Signals.restore()
        closeInChild(spares)
        Handler.confine(gateway)
        Handler.serve(gateway, client, slot, upstreams)
    }

    /// Says in well-formed HTTP that this connection is not served.
    private mutating func refuse(_ connection: consuming Descriptor, _ peer: Peer, _ failure: Failure) {
        refused += 1
        var client = Client(socket: connection.number, peer: peer)
        var exchange = Exchange(gateway, nil, peer, isLast: true)
        exchange.fail(failure, &client)
        client.sendLast()
        farewells.add(connection)
    }
}
