// SPDX-License-Identifier: MIT

import Glibc
import Testing

@testable import Unix

@Suite struct PeerTests {
    @Test(arguments: [
        ("192.0.2.7", "192.0.2.7"), ("127.0.0.1", "127.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "20.1.d.b8.0.1.0.2/64"),
        ("2001:db8:1:2::", "20.1.d.b8.0.1.0.2/64"), ("2001:db8:1:3::1", "20.1.d.b8.0.1.0.3/64"),
        ("fe80::1%eth0", "fe.80.0.0.0.0.0.0/64"), ("::1", "0.0.0.0.0.0.0.0/64"),
    ])
    func hasASource(address: String, source: String) {
        #expect(Peer(road: .network, address: address, port: 9).source == source)
    }

    @Test func countsAUnixSocketAsOne() {
        #expect(Peer(road: .unix, address: "unix", user: 7).source == "user:7")
        #expect(Peer.pipe.source == "-")
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.255.0.9", true), ("::1", true), ("128.0.0.1", false), ("::2", false),
        ("12.7.0.1", false), ("1270::1", false),
    ])
    func knowsLoopback(address: String, isLoopback: Bool) {
        #expect(Peer(road: .network, address: address).isLoopback == isLoopback)
        #expect(!Peer(road: .unix, address: address).isLoopback)
    }

    @Test func seesAUnixSocket() throws {
        let (one, other) = try socketPair()
        defer {
            close(one)
            close(other)
        }
        #expect(Peer(of: one) == Peer(road: .unix, address: "unix", user: Int(getuid())))
    }

    /// Promise 8: nobody is trusted for having no address.
    @Test func doesNotTakeAPipeForAPeer() throws {
        let (one, other) = try openPipe()
        defer {
            close(one)
            close(other)
        }
        #expect(Peer(of: one) == Peer(road: .network, address: "?"))
    }

    /// A socket of both families shows an IPv4 peer as IPv4.
    @Test func unmapsIPv4() throws {
        let listener = try Listener.open(":0")
        defer { listener.close() }
        let port = try #require(listener.name.split(separator: ":").last)
        let client = try connected(to: "127.0.0.1:\(port)")
        defer { close(client) }
        let server = try accepted(listener)
        let peer = Peer(of: server.number)
        #expect(peer.road == .network && peer.address == "127.0.0.1" && peer.isLoopback && peer.port > 0)
        #expect(peer.source == "127.0.0.1")
    }

    /// A caller who has already gone again must not pass for one of this machine (promise 8).
    @Test func doesNotTrustWhoHasGone() throws {
        let listener = try Listener.open("127.0.0.1:0")
        defer { listener.close() }
        let client = try connected(to: listener.name)
        #expect(write(client, "GET / HTTP/1.1\r\n", 16) == 16)
        let server = try accepted(listener)
        // Connecting to nothing resets the connection, whoever else holds a copy of the socket.
        var nothing = sockaddr(sa_family: sa_family_t(AF_UNSPEC), sa_data: sockaddr().sa_data)
        connect(client, &nothing, socklen_t(MemoryLayout<sockaddr>.size))
        close(client)
        #expect(Peer(of: server.number).road == .network)
    }
}

/// The next connection of a listener, waited for.
func accepted(_ listener: Listener) throws -> Descriptor {
    var poll = Poll()
    poll.watch(listener.number, for: .readable)
    let hasCome = poll.wait(until: Deadline(in: 20_000))
    try #require(hasCome)
    return try listener.accept() ?? Descriptor(-1)
}
