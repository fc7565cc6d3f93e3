// SPDX-License-Identifier: MIT

import Unix

/// Connections that were refused: answered, half closed, and kept a moment longer, so that what the caller
/// still sends does not turn our answer into a reset (RFC 9112 section 9.6).
///
/// Few, and not for long.
struct Farewells {
    private var leaving: [(number: Int32, until: Deadline)] = []

    private static let time = 2000
    private static let most = 256

    /// Takes a connection that was answered.
    mutating func add(_ connection: consuming Descriptor) {
        if leaving.count >= Farewells.most { Descriptor.close(leaving.removeFirst().number) }
        leaving.append((connection.release(), Deadline(in: Farewells.time)))
    }

    /// When the first of them has waited long enough.
    var deadline: Deadline { leaving.first?.until ?? .never }

    func watch(in poll: inout Poll) {
        for each in leaving { poll.watch(each.number, for: .readable) }
    }

    /// Throws away what they sent; lets those go that are done.
    mutating func tick() {
        leaving.removeAll { each in
            let isDone = each.until.isOver || Farewells.isAtEnd(each.number)
            if isDone { Descriptor.close(each.number) }
            return isDone
        }
    }

    private static func isAtEnd(_ number: Int32) -> Bool {
        var sent = Buffer()
        do throws(Errno) {
            return try sent.receive(from: number, isSocket: true, limit: 65536) == 0
        } catch {
            return !error.isWouldBlock
        }
    }

    func closeInChild() {
        for each in leaving { Descriptor.close(each.number) }
    }
}
