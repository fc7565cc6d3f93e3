// SPDX-License-Identifier: MIT

import CUnix
import Glibc

/// A wall-clock instant in UTC, with its civil date.
package struct Moment: Sendable, Equatable {
    /// Seconds since 1970-01-01T00:00:00Z.
    package let seconds: Int
    /// Milliseconds within the second.
    package let milliseconds: Int

    package init(seconds: Int, milliseconds: Int = 0) {
        self.seconds = seconds
        self.milliseconds = milliseconds
    }

    /// The instant this is called.
    package static func now() -> Moment {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Moment(seconds: time.tv_sec, milliseconds: time.tv_nsec / 1_000_000)
    }

    /// Year, month and day of the proleptic Gregorian calendar.
    package var date: (year: Int, month: Int, day: Int) {
        // Days are counted from 0000-03-01, so that a leap day ends its year.
        let days = floorDivided(seconds, 86400) + 719_468
        let era = floorDivided(days, 146_097)
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    /// `YYYYMMDD`, as segments of the log are named.
    package var compactDate: String {
        let date = date
        return padded(date.year, 4) + padded(date.month, 2) + padded(date.day, 2)
    }

    /// `2026-11-21T02:19:00.123Z`.
    package var iso8601: String { "\(civil("T")).\(padded(milliseconds, 3))Z" }

    /// `2026-11-21 02:19:00`, as the lines of a terminal begin.
    package var plain: String { civil(" ") }

    private func civil(_ separator: String) -> String {
        let date = date
        let second = seconds - floorDivided(seconds, 86400) * 86400
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))\(separator)"
            + "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
    }
}

private func floorDivided(_ number: Int, _ divisor: Int) -> Int {
    number >= 0 ? number / divisor : -((divisor - 1 - number) / divisor)
}

private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}
