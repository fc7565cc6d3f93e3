// SPDX-License-Identifier: MIT

extension Int {
    /// The integer a JSON number's text stands for: `1000`, `1e3` and `1000.0` alike.
    ///
    /// - Returns: nil if it is not integral or does not fit.
    init?(json text: ArraySlice<UInt8>) {
        if let short = Int(short: text) {
            self = short
            return
        }
        let isNegative = text.first == UInt8(ascii: "-")
        let isExponent = { (byte: UInt8) in byte | 0x20 == UInt8(ascii: "e") }
        let mantissa = text.dropFirst(isNegative ? 1 : 0).prefix { !isExponent($0) }
        let power = Int(capping: text[mantissa.endIndex...].dropFirst())

        let whole = mantissa.prefix { $0 != UInt8(ascii: ".") }
        let digits = whole + mantissa[whole.endIndex...].dropFirst()
        self.init(digits: digits, pointAfter: whole.count + power, isNegative: isNegative)
    }

    /// Of so few digits and nothing else that they fit, as nearly all are.
    private init?(short text: ArraySlice<UInt8>) {
        guard 1...18 ~= text.count else { return nil }
        self = 0
        for byte in text {
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
            self = self * 10 + Int(byte - UInt8(ascii: "0"))
        }
    }

    /// The integer of decimal `digits`, whose point stands after `place` of them.
    ///
    /// The place may lie before the first digit or beyond the last.
    private init?(digits: ArraySlice<UInt8>, pointAfter place: Int, isNegative: Bool) {
        let significant = digits.prefix(Swift.max(place, 0))
        guard digits.dropFirst(significant.count).allSatisfy({ $0 == UInt8(ascii: "0") }) else { return nil }
        var sum = 0
        for digit in significant {
            guard let next = sum.shifted(adding: Int(digit - UInt8(ascii: "0")), isNegative: isNegative)
            else { return nil }
            sum = next
        }
        var missing = sum == 0 ? 0 : place - significant.count
        while missing > 0 {
            guard let next = sum.shifted(adding: 0, isNegative: isNegative) else { return nil }
            sum = next
            missing -= 1
        }
        self = sum
    }

    /// Ten times itself and a digit away from zero; nil if that does not fit.
    private func shifted(adding digit: Int, isNegative: Bool) -> Int? {
        let (product, overflow) = multipliedReportingOverflow(by: 10)
        let (sum, overflow2) = product.addingReportingOverflow(isNegative ? -digit : digit)
        return overflow || overflow2 ? nil : sum
    }

    /// An exponent's value; beyond what any accepted text has digits for, its size stops mattering.
    private init(capping exponent: ArraySlice<UInt8>) {
        let digits = exponent.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
        let size = digits.reduce(0) { Swift.min($0 * 10 + Int($1 - UInt8(ascii: "0")), 1 << 40) }
        self = exponent.first == UInt8(ascii: "-") ? -size : size
    }
}
