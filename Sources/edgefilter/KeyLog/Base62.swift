// SPDX-License-Identifier: MIT

/// Numbers in digits that survive a double click, a shell and a URL: `0`-`9`, `A`-`Z`, `a`-`z`.
enum Base62 {
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// The last `count` digits of a number whose bytes come highest first.
    static func digits(of number: [UInt8], count: Int) -> [UInt8] {
        var rest = number
        var digits = [UInt8](repeating: alphabet[0], count: count)
        for place in digits.indices.reversed() {
            var carry = 0
            for index in rest.indices {
                carry = carry << 8 | Int(rest[index])
                rest[index] = UInt8(carry / 62)
                carry %= 62
            }
            digits[place] = alphabet[carry]
        }
        return digits
    }
}
