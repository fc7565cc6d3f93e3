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
        return text(8) {
            append(date.year, 4, to: &$0)
            append(date.month, 2, to: &$0)
            append(date.day, 2, to: &$0)
        }
    }

    /// `2026-11-21T02:19:00.123Z`.
    package var iso8601: String {
        text(24) {
            write(separator: UInt8(ascii: "T"), to: &$0)
            $0.append(UInt8(ascii: "."))
            append(milliseconds, 3, to: &$0)
            $0.append(UInt8(ascii: "Z"))
        }
    }

    /// `2026-11-21 02:19:00`, as the lines of a terminal begin.
    package var plain: String { text(19) { writePlain(to: &$0) } }

    /// The same, appended.
    package func writePlain(to out: inout [UInt8]) { write(separator: UInt8(ascii: " "), to: &out) }

    private func write(separator: UInt8, to out: inout [UInt8]) {
        let date = date
        let second = seconds - floorDivided(seconds, 86400) * 86400
        append(date.year, 4, to: &out)
        append(UInt8(ascii: "-"), date.month, to: &out)
        append(UInt8(ascii: "-"), date.day, to: &out)
        append(separator, second / 3600, to: &out)
        append(UInt8(ascii: ":"), second / 60 % 60, to: &out)
        append(UInt8(ascii: ":"), second % 60, to: &out)
    }

    private func text(_ length: Int, _ write: (inout [UInt8]) -> Void) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length)
        write(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

private func floorDivided(_ number: Int, _ divisor: Int) -> Int {
    number >= 0 ? number / divisor : -((divisor - 1 - number) / divisor)
}

/// Appends a mark and a number of two digits.
private func append(_ mark: UInt8, _ number: Int, to out: inout [UInt8]) {
    out.append(mark)
    append(number, 2, to: &out)
}

/// Appends a number with zeros in front.
private func append(_ number: Int, _ width: Int, to out: inout [UInt8]) {
    if width == 2, 0..<100 ~= number {
        out.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 10))
        out.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
        return
    }
    let rest = number.magnitude
    var (power, digits): (UInt, Int) = (1, 1)
    while rest / power >= 10 || digits < width { (power, digits) = (power * 10, digits + 1) }
    while power > 0 {
        out.append(UInt8(ascii: "0") + UInt8(rest / power % 10))
        power /= 10
    }
}
