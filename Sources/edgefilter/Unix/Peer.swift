// SPDX-License-Identifier: MIT

import CUnix
import Glibc

/// Who is at the other end of a connection, as the kernel says.
package struct Peer: Sendable, Equatable {
    /// The kind of road the connection came by.
    package enum Road: Sendable { case network, unix, pipe }

    /// How the peer reached us.
    package let road: Road
    /// The numeric address without port (IPv4 for a v4-mapped peer), `unix`, or `-`.
    package let address: String
    /// The port, or 0.
    package let port: Int
    /// The user at the other end of a unix socket, or -1.
    private let user: Int
    /// Whether the connection came through a socket that is for administration.
    package var isAdmin = false

    package init(road: Road, address: String, port: Int = 0, user: Int = -1) {
        self.road = road
        self.address = address
        self.port = port
        self.user = user
    }

    /// A pipe or a file: no address at all.
    package static let pipe = Peer(road: .pipe, address: "-")

    /// Whether the peer is on this machine's loopback (127.0.0.0/8 or ::1).
    package var isLoopback: Bool {
        road == .network && (address == "::1" || address.hasPrefix("127."))
    }

    /// What connections are counted by: an IPv4 address, an IPv6 /64, a user of a unix socket; administration
    /// is counted for itself.
    package var source: String {
        if isAdmin { return "admin" }
        if road == .unix { return "user:\(user)" }
        guard road == .network, address.contains(":") else { return address }
        return Peer.network64(of: address)
    }

    /// The peer of a socket that was accepted from this listener.
    package init(of socket: Int32, through listener: Listener) {
        self.init(of: socket)
        isAdmin = listener.isAdmin
    }

    /// The peer of a connected socket.
    package init(of socket: Int32) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutablePointer(to: &storage) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getpeername(socket, $0, &length)
            }
        }
        // A peer that is gone already was still one: nobody is trusted for having no address.
        guard result >= 0 else {
            self.init(road: .network, address: "?")
            return
        }
        if storage.ss_family == sa_family_t(AF_UNIX) {
            self.init(road: .unix, address: "unix", user: Int(cunix_peer_user(socket)))
        } else {
            self.init(storage, length)
        }
    }

    private init(_ storage: sockaddr_storage, _ length: socklen_t) {
        let (host, port) = numericName(storage, length)
        let mapped = "::ffff:"
        let isMapped = host.hasPrefix(mapped) && host.contains(".")
        self.init(road: .network, address: isMapped ? String(host.dropFirst(mapped.count)) : host, port: port)
    }

    private static func network64(of address: String) -> String {
        var raw = in6_addr()
        let plain = address.split(separator: "%")[0]
        guard unsafe inet_pton(AF_INET6, String(plain), &raw) == 1 else { return address }
        return unsafe withUnsafeBytes(of: &raw) { bytes in
            (0..<8).map { unsafe String(bytes[$0], radix: 16) }.joined(separator: ".") + "/64"
        }
    }
}

/// The numeric host and port of an address.
func numericName(_ storage: sockaddr_storage, _ length: socklen_t) -> (host: String, port: Int) {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { host in
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXSERV)) { port in
            let result = unsafe withUnsafeBytes(of: storage) {
                unsafe getnameinfo(
                    $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), length, host.baseAddress,
                    socklen_t(host.count), port.baseAddress, socklen_t(port.count),
                    NI_NUMERICHOST | NI_NUMERICSERV)
            }
            guard result == 0 else { return ("?", 0) }
            return (unsafe text(host.baseAddress), Int(unsafe text(port.baseAddress)) ?? 0)
        }
    }
}

private func text(_ characters: UnsafePointer<CChar>?) -> String {
    unsafe characters.map { unsafe String(cString: $0) } ?? ""
}
