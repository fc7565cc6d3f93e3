// SPDX-License-Identifier: MIT

import Glibc
import Testing

@testable import Unix

/// Each look happens in a child, whose descriptors and environment are its own.
@Suite(.serialized) struct HandedTests {
    enum Kind: Sendable { case listener, socket, pipe }

    /// What is seen with these descriptors from 3 on and `input` as fd 0, and whether they are then closed on
    /// exec.
    private func seen(
        _ kinds: [Kind], input: Kind = .pipe, count: String? = nil, pid: String? = nil
    ) throws -> String {
        let listener = try Listener.open("127.0.0.1:0")
        let (socket, peer) = try socketPair()
        let (reading, writing) = try openPipe()
        defer {
            listener.close()
            for number in [socket, peer, reading, writing] { close(number) }
        }
        let numbers: [Kind: Int32] = [.listener: listener.number, .socket: socket, .pipe: reading]
        return try inChild {
            let copies = (kinds + [input]).map { fcntl(numbers[$0] ?? -1, F_DUPFD, 200) }
            for (index, copy) in copies.dropLast().enumerated() { dup2(copy, Int32(3 + index)) }
            dup2(copies.last ?? -1, 0)
            setenv("LISTEN_FDS", count ?? "\(kinds.count)", 1)
            setenv("LISTEN_PID", pid ?? "\(getpid())", 1)
            let handed = Handed.look()
            let areMarked = kinds.indices.allSatisfy { fcntl(Int32(3 + $0), F_GETFD) & FD_CLOEXEC != 0 }
            return "\(handed)\(kinds.isEmpty || !areMarked ? "" : " marked")"
        }
    }

    @Test func takesListeners() throws {
        #expect(try seen([.listener]) == "listeners([3]) marked")
        #expect(try seen([.listener, .listener, .listener]) == "listeners([3, 4, 5]) marked")
    }

    @Test func takesAConnection() throws {
        #expect(try seen([.socket]) == "connection(3) marked")
    }

    @Test(arguments: [[Kind.listener, .socket], [.socket, .socket], [.pipe], [.listener, .pipe]])
    func refusesAMixture(kinds: [Kind]) throws {
        #expect(try seen(kinds) == "mixed marked")
    }

    @Test(arguments: ["1", "0", "", "x", "-1"]) func ignoresWhatIsForAnother(pid: String) throws {
        #expect(try seen([.listener], pid: pid) == "filter")
        #expect(try seen([.listener], input: .socket, pid: pid) == "connection(0)")
    }

    @Test(arguments: ["0", "", "x", "-3"]) func ignoresNoCount(count: String) throws {
        #expect(try seen([.listener], count: count) == "filter")
    }

    @Test(arguments: [
        ("http:admin", "[4]"), ("admin:admin", "[3, 4]"), ("http:http", "[]"), ("admin", "[]"),
        (":admin", "[4]"),
    ])
    func knowsSocketsByTheirNames(names: String, found: String) throws {
        let seen = try inChild {
            setenv("LISTEN_FDS", "2", 1)
            setenv("LISTEN_PID", "\(getpid())", 1)
            setenv("LISTEN_FDNAMES", names, 1)
            return "\(Handed.sockets(named: "admin"))"
        }
        #expect(seen == found)
    }

    @Test func looksAtStandardInput() throws {
        #expect(try seen([], input: .pipe) == "filter")
        #expect(try seen([], input: .socket) == "connection(0)")
        #expect(try seen([], input: .listener) == "listeners([0])")
    }

    @Test(arguments: [
        (Handed.listeners([3, 4]), "01234"), (.listeners([0]), "012"), (.connection(0), "012"),
        (.connection(3), "0123"), (.filter, "012"), (.mixed, "012"),
    ])
    func closesStrays(handed: Handed, left: String) throws {
        let (reading, writing) = try openPipe()
        defer {
            close(reading)
            close(writing)
        }
        // The answer's own pipe would be a stray: what is left is told by the way the child ends.
        let pid = try Processes.fork()
        if pid == 0 {
            alarm(20)
            let copy = fcntl(reading, F_DUPFD, 100)
            for number in 0..<Int32(9) { dup2(copy, number) }
            handed.closeStrays()
            let open = (0..<Int32(200)).filter { fcntl($0, F_GETFD) >= 0 }.map { "\($0)" }.joined()
            Processes.leave(open == left ? 0 : 1)
        }
        var status: Int32 = 0
        #expect(waitpid(pid, &status, 0) == pid && status == 0)
    }
}

@Suite(.serialized) struct ProcessesTests {
    @Test func reapsWithTheSignal() throws {
        let said = try inChild {
            var words: [String] = []
            for signal in [SIGKILL, SIGTERM, 0] {
                let pid = try Processes.fork()
                if pid == 0 {
                    if signal != 0 { kill(getpid(), signal) }
                    Processes.leave(3)
                }
                var ended = Processes.reap()
                while ended == nil { ended = Processes.reap() }
                words.append(
                    ended == Processes.Ended(pid: pid, code: signal == 0 ? 3 : 0, signal: Int(signal))
                        ? "\(signal)" : "?")
            }
            words.append(Processes.reap() == nil ? "none" : "?")
            return words.joined(separator: " ")
        }
        #expect(said == "\(SIGKILL) \(SIGTERM) 0 none")
    }

    @Test func readsSignals() throws {
        let said = try inChild {
            let signals = try Signals()
            var kinds = [signals.next().map { "\($0)" } ?? "none"]
            for signal in [SIGHUP, SIGTERM, SIGINT, SIGCHLD] {
                kill(getpid(), signal)
                var poll = Poll()
                poll.watch(signals.descriptor.number, for: .readable)
                _ = poll.wait(until: .never)
                kinds.append(signals.next().map { "\($0)" } ?? "none")
            }
            kinds.append(signals.next().map { "\($0)" } ?? "none")
            return kinds.joined(separator: " ")
        }
        #expect(said == "none reload stop stop child none")
    }

    @Test func actsOnSignalsAgain() throws {
        let said = try inChild {
            let pid = try Processes.fork()
            if pid == 0 {
                let signals = try Signals()
                Signals.restore()
                kill(getpid(), SIGTERM)
                Processes.leave(Int32(signals.descriptor.number) & 0)
            }
            var status: Int32 = 0
            waitpid(pid, &status, 0)
            return "\(status & 0x7F)"
        }
        #expect(said == "\(SIGTERM)")
    }

    @Test func aBrokenPipeIsAnError() throws {
        let said = try inChild {
            Signals.ignorePipe()
            let (reading, writing) = try openPipe()
            close(reading)
            var buffer = Buffer()
            buffer.append("x".utf8)
            do throws(Errno) {
                try buffer.send(to: writing, isSocket: false)
                return "sent"
            } catch {
                return "\(error.number == EPIPE)"
            }
        }
        #expect(said == "true")
    }
}
