// SPDX-License-Identifier: MIT

import CUnix
import Glibc

/// A socket that connections come from.
///
/// It lives as long as the process, or until it is closed.
package struct Listener: Sendable {
    /// Its descriptor.
    package let number: Int32
    /// How it is written: `127.0.0.1:8000`, `[::1]:8000` or a path.
    package let name: String
    /// Whether it is for administration: who may connect may do what an operator may.
    package var isAdmin = false

    /// A listening socket that was handed to us.
    ///
    /// Accepting from it will not wait when nobody is there.
    package init(inherited number: Int32, isAdmin: Bool = false) {
        self.init(number, Listener.name(of: number))
        self.isAdmin = isAdmin
        _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
    }

    private init(_ number: Int32, _ name: String) {
        self.number = number
        self.name = name
    }

    /// The waiting room the kernel keeps; it cuts the number down to `net.core.somaxconn`.
    private static let backlog: Int32 = 4096

    /// Accepts one connection without waiting; nil when none is there (any more).
    package func accept() throws(Errno) -> Descriptor? {
        do throws(Errno) {
            return Descriptor(Int32(try system("accept4") { Int(cunix_accept(number)) }))
        } catch {
            if error.isWouldBlock || error.number == ECONNABORTED { return nil }
            throw error
        }
    }

    /// Ends this process's hold on it.
    package func close() { Glibc.close(number) }

    /// Binds and listens.
    ///
    /// `ADDRESS:PORT`, `[IPV6]:PORT`, `:PORT` (all addresses) or a path beginning with `/`.
    package static func open(_ address: String) throws(Errno) -> Listener {
        if address.hasPrefix("unix:") { return try unixListener(String(address.dropFirst("unix:".count))) }
        return address.hasPrefix("/") ? try unixListener(address) : try networkListener(address)
    }

    /// The same, but `localhost` is this machine in both families, as far as the kernel has them.
    package static func openAll(_ address: String) throws(Errno) -> [Listener] {
        guard let (host, port) = split(address), host == "localhost" else { return [try open(address)] }
        let first = try open("127.0.0.1:\(port)")
        do throws(Errno) {
            return [first, try open("[::1]:\(port)")]
        } catch {
            if [EADDRNOTAVAIL, EAFNOSUPPORT].contains(error.number) { return [first] }
            first.close()
            throw error
        }
    }

    private static func networkListener(_ address: String) throws(Errno) -> Listener {
        guard let (host, port) = split(address) else { throw Errno(EINVAL, in: "listen on \(address)") }
        guard host.isEmpty else { return try networkListener(host, port, address) }
        do throws(Errno) {
            return try networkListener("::", port, address)
        } catch {
            // All addresses there are: a kernel may have no IPv6.
            guard [EADDRNOTAVAIL, EAFNOSUPPORT].contains(error.number) else { throw error }
            return try networkListener("0.0.0.0", port, address)
        }
    }

    private static func networkListener(
        _ host: String, _ port: String, _ address: String
    ) throws(Errno) -> Listener {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, port, &hints, &list)
        guard code == 0, let first = unsafe list else {
            throw Errno(EADDRNOTAVAIL, in: "listen on \(address)")
        }
        defer { unsafe freeaddrinfo(list) }
        let entry = unsafe first.pointee
        return try unsafe bound(entry.ai_family, UnsafePointer(entry.ai_addr), entry.ai_addrlen, address)
    }

    private static func unixListener(_ path: String) throws(Errno) -> Listener {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path) - 1
        guard path.utf8.count <= room else { throw Errno(ENAMETOOLONG, in: "listen on \(path)") }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        return try unsafe withUnsafePointer(to: &address) { pointer throws(Errno) in
            try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain throws(Errno) in
                try unsafe removeStale(path, plain, length)
                return try unsafe bound(AF_UNIX, plain, length, path)
            }
        }
    }

    /// A socket that a dead process left behind would keep the name for ever; a living one's is taken.
    private static func removeStale(
        _ path: String, _ address: UnsafePointer<sockaddr>, _ length: socklen_t
    ) throws(Errno) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
        let probe = Descriptor(
            Int32(try system("socket") { Int(socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)) }))
        if unsafe connect(probe.number, address, length) == 0 {
            throw Errno(EADDRINUSE, in: "listen on \(path)")
        }
        unsafe unlink(path)
    }

    private static func bound(
        _ family: Int32, _ address: UnsafePointer<sockaddr>?, _ length: socklen_t, _ name: String
    ) throws(Errno) -> Listener {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = Descriptor(Int32(try system("socket") { Int(socket(family, kind, 0)) }))
        setOption(descriptor.number, SOL_SOCKET, SO_REUSEADDR, 1)
        if family == AF_INET6 { setOption(descriptor.number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
        _ = try system("bind \(name)") { Int(unsafe bind(descriptor.number, address, length)) }
        _ = try system("listen on \(name)") { Int(listen(descriptor.number, backlog)) }
        let real = family == AF_UNIX ? name : self.name(of: descriptor.number)
        return Listener(descriptor.release(), real)
    }

    /// Host and port of `HOST:PORT`, brackets taken off.
    private static func split(_ address: String) -> (host: String, port: String)? {
        guard let colon = address.lastIndex(of: ":") else { return nil }
        let port = String(address[address.index(after: colon)...])
        guard let number = UInt16(port) else { return nil }
        var host = address[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        return (String(host), String(number))
    }

    private static func name(of number: Int32) -> String {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutablePointer(to: &storage) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(number, $0, &length)
            }
        }
        if result < 0 { return "?" }
        if storage.ss_family == sa_family_t(AF_UNIX) { return "unix" }
        let (host, port) = numericName(storage, length)
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

/// Sets an integer socket option; what the socket's family does not know is left alone.
func setOption(_ socket: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
    var value = value
    unsafe setsockopt(socket, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
}

/// What is unsent is thrown away at the close, and the peer gets a reset.
package func resetOnClose(_ socket: Int32) {
    var now = linger(l_onoff: 1, l_linger: 0)
    unsafe setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
}

/// Makes a TCP connection one for a caller: whole events go out at once, with no waiting for more to send together (RFC 896
/// off), and a caller that vanishes without a word, its machine or its network gone, is noticed within two minutes.
package func attend(_ socket: Int32) {
    let tcp = Int32(IPPROTO_TCP)
    setOption(socket, tcp, TCP_NODELAY, 1)
    setOption(socket, SOL_SOCKET, SO_KEEPALIVE, 1)
    setOption(socket, tcp, TCP_KEEPIDLE, 60)
    setOption(socket, tcp, TCP_KEEPINTVL, 15)
    setOption(socket, tcp, TCP_KEEPCNT, 4)
}
