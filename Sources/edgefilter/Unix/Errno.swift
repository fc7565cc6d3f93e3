// SPDX-License-Identifier: MIT

import Glibc

/// A system call that failed: its number and the call that made it.
package struct Errno: Error, Equatable, CustomStringConvertible {
    /// The value of `errno`.
    package let number: Int32
    /// The call's name, as in the manual pages.
    package let call: String

    package init(_ number: Int32, in call: String) {
        self.number = number
        self.call = call
    }

    /// The call and the system's words for the number.
    package var description: String {
        unsafe "\(call): \(String(cString: strerror(number)))"
    }

    /// Nothing is there now; waiting would help.
    package var isWouldBlock: Bool { number == EAGAIN || number == EWOULDBLOCK }

    /// Only the number counts, whichever call it was.
    package static func == (one: Errno, other: Errno) -> Bool { one.number == other.number }
}

/// Calls until it is not interrupted; the one place that knows -1 and EINTR.
package func system(_ name: String, _ call: () -> Int) throws(Errno) -> Int {
    while true {
        let result = call()
        if result >= 0 { return result }
        if errno != EINTR { throw Errno(errno, in: name) }
    }
}
