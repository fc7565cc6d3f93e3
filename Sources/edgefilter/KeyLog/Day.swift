// SPDX-License-Identifier: MIT

package import Unix

/// A day of the log, UTC.
package struct Day: Hashable, Comparable, Sendable {
    /// Days since 1970-01-01.
    package let number: Int

    /// Days since 1970.
    package init(number: Int) { self.number = number }

    /// The day of an instant.
    package init(of moment: Moment) { number = moment.seconds / 86400 }

    /// `20261121` or `2026-11-21`; nil: that is no day between 1970 and 9999.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        let isDashed = bytes.count == 10 && bytes[4] == Day.dash && bytes[7] == Day.dash
        let digits = isDashed ? bytes.filter { $0 != Day.dash } : bytes
        guard digits.count == 8, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let value = { (range: Range<Int>) in digits[range].reduce(0) { $0 * 10 + Int($1 - 0x30) } }
        let (year, month, day) = (value(0..<4), value(4..<6), value(6..<8))
        guard year >= 1970 else { return nil }
        // Days are counted from March, so that a leap day ends its year.
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        number = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
        // The 31st of April would be another day's name.
        guard start.date == (year, month, day) else { return nil }
    }

    private static let dash = UInt8(ascii: "-")

    /// Its first instant.
    package var start: Moment { Moment(seconds: number * 86400) }
    /// Its last millisecond.
    package var end: Moment { Moment(seconds: number * 86400 + 86399, milliseconds: 999) }
    /// `20261121`, as the files of the log are named.
    package var compact: String { start.compactDate }
    /// `2026-11-21`.
    package var dashed: String { String(start.plain.prefix(10)) }

    /// Earlier.
    package static func < (one: Day, other: Day) -> Bool { one.number < other.number }
}
