// SPDX-License-Identifier: MIT

import Glibc
import Testing
import Unix

/// A stream socketpair; whoever asks closes both ends.
func socketPair() throws -> (Int32, Int32) {
    var ends: [Int32] = [-1, -1]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    return (ends[0], ends[1])
}

/// A pipe, reading end first.
func openPipe() throws -> (Int32, Int32) {
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    return (ends[0], ends[1])
}

/// What `work` says in a child process, where it may change descriptors, signals and the environment.
///
/// A fork of a program with threads may find a lock taken: such a child is ended by its alarm and another one
/// is tried.
func inChild(_ work: () throws -> String) throws -> String {
    for _ in 0..<3 {
        let (reading, writing) = try openPipe()
        let pid = try Processes.fork()
        if pid == 0 {
            alarm(20)
            Signals.restore()
            // Out of the way of what the work puts at low numbers.
            let answer = fcntl(writing, F_DUPFD, 500)
            var buffer = Buffer()
            buffer.append(((try? work()) ?? "thrown").utf8)
            try? buffer.send(to: answer, isSocket: false)
            Processes.leave(0)
        }
        close(writing)
        defer { close(reading) }
        var said = Buffer()
        while try said.receive(from: reading, isSocket: false, limit: 4096) > 0 {}
        var status: Int32 = 0
        try #require(waitpid(pid, &status, 0) == pid)
        if status & 0x7F != SIGALRM { return text(said.span.array) }
    }
    throw Errno(ETIMEDOUT, in: "child")
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// A name in the directory for temporary files that nothing else uses.
func scratchName() -> String {
    "/tmp/edgefilter-unix-" + randomBytes(8).map { String($0, radix: 16) }.joined()
}

/// A socket connected to `name`, which is a listener's.
func connected(to name: String) throws -> Int32 {
    guard !name.hasPrefix("/") else { return try unixConnected(to: name) }
    let colon = try #require(name.lastIndex(of: ":"))
    let port = String(name[name.index(after: colon)...])
    let host = name[..<colon].filter { $0 != "[" && $0 != "]" }
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    try #require(getaddrinfo(host, port, &hints, &list) == 0)
    defer { freeaddrinfo(list) }
    let entry = try #require(list).pointee
    let number = socket(entry.ai_family, entry.ai_socktype, 0)
    try #require(connect(number, entry.ai_addr, entry.ai_addrlen) == 0, "no connection to \(name)")
    return number
}

private func unixConnected(to path: String) throws -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let result = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    try #require(result == 0, "no connection to \(path)")
    return number
}
