// SPDX-License-Identifier: MIT

import HTTP
import Model

/// When an upstream wants to be asked again (RFC 9110 section 10.2.3, and `retry-after-ms` of OpenAI's SDKs).
struct RetryAfter: Equatable {
    /// Rounded up, 1 to `most`.
    let seconds: Int
    /// Whether the upstream said more.
    let isCut: Bool

    /// Callers are never told to wait longer: some would sleep for a day, others not come back at all (T134
    /// T211).
    static let most = 60

    /// nil: the fields say nothing that makes sense.
    ///
    /// `now`: seconds since 1970.
    init?(_ fields: Fields, now: Int) {
        let exact = fields["retry-after-ms"].flatMap(RetryAfter.number).map { $0 / 1000 }
        let wait = exact ?? fields["Retry-After"].flatMap { RetryAfter.seconds($0, now) }
        guard let wait, wait > 0 else { return nil }
        isCut = wait > Double(RetryAfter.most)
        seconds = isCut ? RetryAfter.most : Int(wait.rounded(.up))
    }

    private static func seconds(_ text: String, _ now: Int) -> Double? {
        number(text) ?? HTTPDate.seconds(text).map { Double($0 - now) }
    }

    private static func number(_ text: String) -> Double? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }) else {
            return nil
        }
        return Double(text).flatMap { $0.isFinite ? $0 : nil }
    }
}

extension HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`; nil: it is no such date.
    static func seconds(_ text: String) -> Int? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let day = Int(parts[1]), let year = Int(parts[3]),
            let month = months.firstIndex(of: String(parts[2])), (1...31).contains(day),
            (1970...9999).contains(year)
        else { return nil }
        let clock = parts[4].split(separator: ":").compactMap { Int($0) }
        guard clock.count == 3, zip(clock, [24, 60, 61]).allSatisfy({ (0..<$1).contains($0) }) else {
            return nil
        }
        // Years begin in March, so that the leap day is the last (as in HTTPDate).
        let shifted = (month + 10) % 12
        let years = year - (month < 2 ? 1 : 0)
        let days = years * 365 + years / 4 - years / 100 + years / 400 + (153 * shifted + 2) / 5 + day - 1
        return (days - 719_468) * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
    }
}
