// SPDX-License-Identifier: MIT

import Unix

/// When a key ends: `never`, so many hours, days, weeks or years from now (`12h`, `90d`, `6w`, `1y`), or a
/// day.
///
/// A key that expires on a day, `2027-01-31`, is refused from its first second on, in UTC.
enum Expiry {
    static let form = "such as 90d, 12h, 6w, 1y, 2027-01-31 or never"

    private static let units: [Character: Int] = ["h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000]

    /// Seconds since 1970, 0 for never; nil: none of these forms, or no such day.
    static func read(_ text: String, now: Int) -> Int? {
        if text == "never" { return 0 }
        if let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()),
            (1...99_999).contains(count)
        {
            return now + count * unit
        }
        return day(text)
    }

    /// How an expiry is shown.
    static func write(_ expires: Int) -> String {
        if expires == 0 { return "never" }
        let text = Moment(seconds: expires).plain
        return String(expires % 86_400 == 0 ? text.prefix(10) : text.prefix(16))
    }

    private static func day(_ text: String) -> Int? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard text.utf8.count == 10, parts.map(\.count) == [4, 2, 2],
            text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]),
            (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        let seconds = days(year, month, day) * 86_400
        return Moment(seconds: seconds).plain.hasPrefix(text) ? seconds : nil
    }

    /// Days from 1970-01-01 to a day of the Gregorian calendar; the year is counted from March.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return 365 * year + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }
}
