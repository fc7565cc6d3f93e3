// SPDX-License-Identifier: MIT

/// The form in which HTTP writes a time: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
package enum HTTPDate {
    /// The instant as a field's value.
    package static func bytes(_ unixSeconds: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(29)
        write(unixSeconds: unixSeconds, to: &bytes)
        return bytes
    }

    /// Appends the time, given in seconds since 1970 in UTC; years 0 to 9999 only.
    package static func write(unixSeconds: Int, to out: inout [UInt8]) {
        let (days, seconds) = divide(unixSeconds, by: 86_400)
        let (year, month, day) = civil(days)
        out.append(weekdays[divide(days + 4, by: 7).rest])
        out.append(", ")
        append(day, to: &out)
        out.append(months[month])
        out.append(year, width: 4)
        out.append(" ")
        append(seconds / 3600, to: &out)
        out.append(.colon)
        append(seconds / 60 % 60, to: &out)
        out.append(.colon)
        append(seconds % 60, to: &out)
        out.append(" GMT")
    }

    /// Two digits.
    private static func append(_ number: Int, to out: inout [UInt8]) {
        out.append(0x30 + UInt8(truncatingIfNeeded: number / 10))
        out.append(0x30 + UInt8(truncatingIfNeeded: number % 10))
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    // The year begins in March, so that the leap day is its last.
    private static let months = [
        " Mar ", " Apr ", " May ", " Jun ", " Jul ", " Aug ", " Sep ", " Oct ", " Nov ", " Dec ", " Jan ",
        " Feb ",
    ]
    private static let firstDays = [0, 31, 61, 92, 122, 153, 184, 214, 245, 275, 306, 337]

    /// The date of a day, counted from 1 January 1970; months from March as 0.
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        // From 1 March 0000; an era is 400 years, after which the calendar repeats.
        let (era, dayOfEra) = divide(days + 719_468, by: 146_097)
        let leaps = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leaps) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (firstDays.firstIndex { $0 > dayOfYear } ?? 12) - 1
        return (era * 400 + yearOfEra + (month >= 10 ? 1 : 0), month, dayOfYear - firstDays[month] + 1)
    }

    /// Division that rounds down, also before 1970.
    private static func divide(_ number: Int, by divisor: Int) -> (quotient: Int, rest: Int) {
        let rest = (number % divisor + divisor) % divisor
        return ((number - rest) / divisor, rest)
    }
}
