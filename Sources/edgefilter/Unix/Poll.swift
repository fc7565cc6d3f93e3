// SPDX-License-Identifier: MIT

import CUnix
import Glibc

/// What may be waited for on a descriptor, and what happened to it.
package struct Signs: OptionSet, Sendable {
    /// Bits as poll(2) has them.
    package let rawValue: Int16
    package init(rawValue: Int16) { self.rawValue = rawValue }
    /// Bytes, a connection or the end can be read.
    package static let readable = Signs(rawValue: Int16(POLLIN))
    /// Both.
    package static let either = Signs(rawValue: Int16(POLLIN) | Int16(POLLOUT))
    /// Something can be read, be it that nothing more comes.
    package static let inward = Signs(rawValue: Int16(POLLIN) | Int16(POLLHUP) | Int16(POLLERR))
    /// Bytes can be written.
    package static let writable = Signs(rawValue: Int16(POLLOUT))
    /// The peer has closed its side: it sends no more.
    package static let hangUp = Signs(rawValue: Int16(CUNIX_POLLRDHUP))
    /// Nothing written reaches anybody.
    ///
    /// Always watched for.
    package static let broken = Signs(rawValue: Int16(POLLHUP) | Int16(POLLERR))
}

/// The waiting of the whole program: one poll(2) over a few descriptors.
package struct Poll {
    private var entries: [pollfd] = []

    package init() {}

    /// Starts a new round.
    package mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

    /// Watches a descriptor in this round; gives its place for `signs(at:)`.
    @discardableResult
    package mutating func watch(_ number: Int32, for signs: Signs) -> Int {
        entries.append(pollfd(fd: number, events: signs.rawValue, revents: 0))
        return entries.count - 1
    }

    /// Waits until something happens or the deadline is over; false in the latter case.
    ///
    /// An interruption counts as something.
    package mutating func wait(until deadline: Deadline) -> Bool {
        let timeout = deadline.pollTimeout
        let count = unsafe entries.withUnsafeMutableBufferPointer {
            unsafe poll($0.baseAddress, nfds_t($0.count), timeout)
        }
        return count != 0
    }

    /// What happened to the descriptor at a place.
    package func signs(at place: Int) -> Signs { .init(rawValue: entries[place].revents) }

    /// Whether any of the signs was seen there.
    package func saw(_ signs: Signs, at place: Int) -> Bool { entries[place].revents & signs.rawValue != 0 }

    /// Descriptors that are watched.
    package var count: Int { entries.count }

    /// The descriptor at a place, as it was added.
    package func number(at place: Int) -> Int32 { entries[place].fd }
}
