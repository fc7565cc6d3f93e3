// SPDX-License-Identifier: MIT

import CUnix
import Glibc

/// A way to hand descriptors to a child: a pair of packet sockets, one end each.
package enum Channel {
    /// The two ends of a new one, close-on-exec.
    package static func pair() throws(Errno) -> (ours: Int32, theirs: Int32) {
        var ends: [Int32] = [-1, -1]
        _ = try system("socketpair") { Int(unsafe cunix_channel(&ends)) }
        return (ends[0], ends[1])
    }

    /// Two ends of a connection with ourselves.
    package static func streamPair() throws(Errno) -> (ours: Int32, theirs: Int32) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        _ = try system("socketpair") { Int(unsafe socketpair(AF_UNIX, kind, 0, &ends)) }
        return (ends[0], ends[1])
    }

    /// The same over TCP: of `theirs` connect(2) is in progress, and one more call completes it.
    package static func loopbackPair() throws(Errno) -> (ours: Int32, theirs: Int32) {
        var ends: [Int32] = [-1, -1]
        _ = try system("loopback") { Int(unsafe cunix_loopback(&ends)) }
        return (ends[0], ends[1])
    }

    /// Waits for a descriptor and the number that comes with it; nil when the other end is closed.
    package static func receive(from end: Int32) -> (descriptor: Int32, number: Int)? {
        var number: UInt32 = 0
        let received = unsafe cunix_receive_descriptor(end, &number)
        return received < 0 ? nil : (received, Int(number))
    }

    /// Hands a descriptor over through an end, without waiting; false when nobody takes it.
    package static func send(_ descriptor: Int32, _ number: Int, through end: Int32) -> Bool {
        cunix_send_descriptor(end, descriptor, UInt32(number)) == 0
    }
}
