// SPDX-License-Identifier: MIT

import CUnix
import Glibc

/// What whoever started us put into our hands; `design` table: `LISTEN_FDS` first, then fd 0.
package enum Handed: Equatable {
    /// One connected socket: serve it and leave.
    case connection(Int32)
    /// Listening sockets: accept from them.
    case listeners([Int32])
    /// A pipe or a file on fd 0, answers to fd 1.
    case filter
    /// A terminal: a person wants help.
    case terminal
    /// Listening and connected sockets together, or something that is no stream socket.
    case mixed

    /// The first descriptor that socket activation hands over (sd_listen_fds(3)).
    private static let first: Int32 = 3
    /// Nobody hands over more sockets than this.
    private static let most = 1024

    /// Looks at `LISTEN_PID`, `LISTEN_FDS` and fd 0.
    ///
    /// Marks what was handed over close-on-exec.
    package static func look() -> Handed {
        let count = listenCount()
        guard count > 0 else { return standardInput() }
        let sockets = (0..<Int32(count)).map { first + $0 }
        for socket in sockets { _ = fcntl(socket, F_SETFD, FD_CLOEXEC) }
        guard sockets.allSatisfy(isStream) else { return .mixed }
        let listening = sockets.filter(isListening)
        if listening.count == sockets.count { return .listeners(sockets) }
        return listening.isEmpty && count == 1 ? .connection(first) : .mixed
    }

    /// Closes what was left open by whoever started us, beside the standard three and what is used.
    package func closeStrays() {
        switch self {
        case .listeners(let sockets): cunix_close_from(UInt32(max(sockets.max() ?? 2, 2) + 1))
        case .connection(let socket): cunix_close_from(UInt32(max(socket, 2) + 1))
        case .filter, .terminal, .mixed: Handed.closeAll()
        }
    }

    /// Closes everything beside the standard three, where nothing was handed over.
    package static func closeAll() { cunix_close_from(UInt32(first)) }

    /// The descriptors that were handed over under this name (`FileDescriptorName=` of systemd.socket(5)).
    package static func sockets(named name: String) -> [Int32] {
        let count = listenCount()
        let names =
            environment("LISTEN_FDNAMES")?.split(separator: ":", omittingEmptySubsequences: false) ?? []
        guard names.count == count else { return [] }
        return names.indices.filter { names[$0] == name }.map { first + Int32($0) }
    }

    /// The number of sockets meant for this very process.
    private static func listenCount() -> Int {
        guard let pid = environment("LISTEN_PID"), Int32(pid) == getpid() else { return 0 }
        let count = environment("LISTEN_FDS").flatMap { Int($0) } ?? 0
        return (0...most).contains(count) ? count : 0
    }

    private static func standardInput() -> Handed {
        if isatty(0) == 1 { return .terminal }
        guard isSocket(0) else { return .filter }
        guard isStream(0) else { return .mixed }
        return isListening(0) ? .listeners([0]) : .connection(0)
    }

    private static func isListening(_ socket: Int32) -> Bool { option(SO_ACCEPTCONN, of: socket) == 1 }

    /// Of datagrams no request can be read, and no connection comes that would have to be waited for.
    private static func isStream(_ socket: Int32) -> Bool {
        option(SO_TYPE, of: socket) == Int32(SOCK_STREAM.rawValue)
    }

    /// An option of a socket; nil: it is none.
    private static func option(_ name: Int32, of socket: Int32) -> Int32? {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return unsafe getsockopt(socket, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
    }
}
