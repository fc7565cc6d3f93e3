// SPDX-License-Identifier: MIT

import Glibc
import Testing

@testable import Unix

@Suite struct ListenerTests {
    @Test(arguments: ["127.0.0.1:0", "[::1]:0"]) func listensOnTheNetwork(address: String) throws {
        let listener = try Listener.open(address)
        defer { listener.close() }
        let host = address.dropLast(2)
        #expect(listener.name.hasPrefix("\(host):") && !listener.name.hasSuffix(":0"))
        #expect(try isIdle(listener))
        let client = try connected(to: listener.name)
        defer { close(client) }
        let server = try accepted(listener)
        #expect(fcntl(server.number, F_GETFD) & FD_CLOEXEC != 0)
        #expect(Peer(of: server.number).isLoopback)
        #expect("\(host)" == (host.hasPrefix("[") ? "[\(Peer(of: server.number).address)]" : "127.0.0.1"))
    }

    @Test func localhostIsBothFamilies() throws {
        let listeners = try Listener.openAll("localhost:0")
        defer { for listener in listeners { listener.close() } }
        #expect(listeners.first?.name.hasPrefix("127.0.0.1:") == true)
        #expect(listeners.dropFirst().allSatisfy { $0.name.hasPrefix("[::1]:") })
        for listener in listeners {
            let client = try connected(to: listener.name)
            let server = try accepted(listener)
            #expect(Peer(of: server.number).isLoopback)
            close(client)
        }
        #expect(try Listener.openAll("127.0.0.1:0").map { $0.close() }.count == 1)
        #expect(throws: Errno.self) { try Listener.openAll("localhost") }
    }

    @Test func listensOnAPath() throws {
        let path = scratchName()
        defer { unlink(path) }
        let listener = try Listener.open(path)
        #expect(listener.name == path)
        let client = try connected(to: path)
        let server = try accepted(listener)
        #expect(Peer(of: server.number).road == .unix)
        close(client)
        listener.close()
    }

    /// The name that a dead process left behind is taken over; a file is not.
    @Test func takesOverAStaleSocketOnly() throws {
        let path = scratchName()
        defer { unlink(path) }
        try Listener.open(path).close()
        #expect(File.exists(path))
        let again = try Listener.open(path)
        close(try connected(to: path))
        again.close()
        unlink(path)
        #expect(mkdir(path, 0o700) == 0)
        let error = #expect(throws: Errno.self) { try Listener.open(path) }
        #expect(error?.number == EADDRINUSE)
        rmdir(path)
    }

    @Test(arguments: ["", "8000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "a:b"])
    func refuses(address: String) {
        let error = #expect(throws: Errno.self) { try Listener.open(address) }
        #expect(error?.number == EINVAL)
    }

    @Test func refusesALongPath() {
        let error = #expect(throws: Errno.self) {
            try Listener.open("/tmp/" + String(repeating: "a", count: 200))
        }
        #expect(error?.number == ENAMETOOLONG)
    }

    @Test func refusesATakenPort() throws {
        let first = try Listener.open("127.0.0.1:0")
        defer { first.close() }
        let error = #expect(throws: Errno.self) { try Listener.open(first.name) }
        #expect(error?.number == EADDRINUSE && error?.description.contains(first.name) == true)
    }

    @Test func takesOverAnInheritedSocket() throws {
        let first = try Listener.open("127.0.0.1:0")
        defer { first.close() }
        _ = fcntl(first.number, F_SETFL, fcntl(first.number, F_GETFL) & ~O_NONBLOCK)
        let inherited = Listener(inherited: first.number)
        #expect(inherited.name == first.name)
        #expect(try isIdle(inherited))
    }

    private func isIdle(_ listener: Listener) throws -> Bool {
        if let connection = try listener.accept() { return connection.number < 0 }
        return true
    }

    /// Waits for something to happen, which must be soon.
    private func happens(_ poll: inout Poll) -> Bool { poll.wait(until: Deadline(in: 20_000)) }

    @Test func polls() throws {
        let (one, other) = try socketPair()
        defer { close(one) }
        var poll = Poll()
        let first = poll.watch(one, for: [.readable, .hangUp])
        let second = poll.watch(one, for: .writable)
        let off = poll.watch(-1, for: .readable)
        let isReady = poll.wait(until: .past)
        #expect(isReady && poll.count == 3)
        #expect(
            poll.signs(at: first) == [] && poll.signs(at: second) == .writable && poll.signs(at: off) == [])
        shutdown(other, Int32(SHUT_WR))
        let hasEnded = happens(&poll)
        #expect(hasEnded && poll.signs(at: first) == [.readable, .hangUp])
        shutdown(other, Int32(SHUT_RDWR))
        close(other)
        let isBroken = happens(&poll)
        #expect(isBroken && !poll.signs(at: first).isDisjoint(with: .broken))
        poll.removeAll()
        let isAnything = poll.wait(until: .past)
        #expect(poll.count == 0 && !isAnything)
    }
}
