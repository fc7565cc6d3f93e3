// SPDX-License-Identifier: MIT

/// Bytes as letters (RFC 4648), without padding.
package struct Base64: Sendable {
    /// Section 4.
    package static let standard = Base64("+/")
    /// Section 5: nothing in it means anything in a URL.
    package static let url = Base64("-_")

    private let letters: [UInt8]
    /// What each letter stands for; 64: it is none.
    private let values: [UInt8]

    private init(_ ends: String) {
        letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8) + ends.utf8
        var values = [UInt8](repeating: 64, count: 256)
        for (value, letter) in letters.enumerated() { values[Int(letter)] = UInt8(value) }
        self.values = values
    }

    /// The letters for these bytes.
    package func encoded(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 4 / 3 + 4)
        var (bits, count) = (0, 0)
        for byte in bytes {
            bits = (bits << 8 | Int(byte)) & 0xFFFF
            count += 8
            while count >= 6 {
                count -= 6
                text.append(letters[bits >> count & 63])
            }
        }
        if count > 0 { text.append(letters[bits << (6 - count) & 63]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes for these letters; nil: one of them is none, `=` included.
    package func decoded(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.underestimatedCount * 3 / 4)
        var (bits, count) = (0, 0)
        for letter in text {
            let value = values[Int(letter)]
            guard value < 64 else { return nil }
            bits = (bits << 6 | Int(value)) & 0xFFFF
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> count))
        }
        return bytes
    }
}
