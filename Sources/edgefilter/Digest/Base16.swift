// SPDX-License-Identifier: MIT

/// Bytes as hexadecimal digits, two a byte, in lower case.
package enum Base16 {
    /// The digits as ASCII.
    package static func digits(of bytes: [UInt8]) -> [UInt8] {
        var text = [UInt8](repeating: 0, count: 2 * bytes.count)
        for (index, byte) in bytes.enumerated() {
            text[2 * index] = digit(byte >> 4)
            text[2 * index + 1] = digit(byte & 15)
        }
        return text
    }

    /// The digits as text.
    package static func encoded(_ bytes: [UInt8]) -> String {
        String(decoding: digits(of: bytes), as: UTF8.self)
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
    }
}
