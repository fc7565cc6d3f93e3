// SPDX-License-Identifier: MIT

import Glibc

/// A monotonic instant after which waiting is over.
///
/// Passed down as a value, so that many reads share one limit.
package struct Deadline: Sendable, Comparable {
    /// Nanoseconds of CLOCK_MONOTONIC.
    package let nanoseconds: Int

    /// The instant `milliseconds` from now; 0 means there is no limit.
    package init(in milliseconds: Int) {
        // Beyond a century there is no difference.
        let sane = min(milliseconds, 3_200_000_000_000)
        nanoseconds = sane <= 0 ? Int.max : Monotonic.now() + sane * 1_000_000
    }

    private init(nanoseconds: Int) { self.nanoseconds = nanoseconds }

    /// Over already.
    package static let past = Deadline(nanoseconds: 0)

    /// Never over.
    package static let never = Deadline(nanoseconds: .max)

    /// Whether the instant has passed.
    package var isOver: Bool { nanoseconds != .max && Monotonic.now() >= nanoseconds }

    /// What `poll` wants: milliseconds left, rounded up, at least 0; -1 for never.
    package var pollTimeout: Int32 {
        if nanoseconds == .max { return -1 }
        let left = max(0, nanoseconds - Monotonic.now())
        return Int32(min(Int(Int32.max), (left + 999_999) / 1_000_000))
    }

    /// Over before.
    package static func < (one: Deadline, other: Deadline) -> Bool { one.nanoseconds < other.nanoseconds }
}

/// The clock that only goes forward.
package enum Monotonic {
    /// Nanoseconds since some fixed instant.
    package static func now() -> Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
