// SPDX-License-Identifier: MIT

/// Numbers in digits that survive a double click, a shell and a URL: `0`-`9`, `A`-`Z`, `a`-`z`.
package enum Base62 {
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// So many digits are as much as a word holds.
    private static let step = 10
    private static let divisor: UInt64 = 839_299_365_868_340_224

    /// The last `count` digits of a number whose bytes come highest first.
    package static func digits(of number: [UInt8], count: Int) -> [UInt8] {
        var words = words(of: number)
        var digits = [UInt8](repeating: alphabet[0], count: count)
        var place = count
        while place > 0 {
            var rest: UInt64 = 0
            for index in words.indices {
                (words[index], rest) = divisor.dividingFullWidth((rest, words[index]))
            }
            for _ in 0..<min(step, place) {
                place -= 1
                digits[place] = alphabet[Int(rest % 62)]
                rest /= 62
            }
        }
        return digits
    }

    /// Eight bytes a word, the first one filled up with zeros.
    private static func words(of number: [UInt8]) -> [UInt64] {
        var words = [UInt64](repeating: 0, count: (number.count + 7) / 8)
        for (index, byte) in number.reversed().enumerated() {
            words[words.count - 1 - index / 8] |= UInt64(byte) << UInt64(8 * (index % 8))
        }
        return words
    }
}
