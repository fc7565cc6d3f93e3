// SPDX-License-Identifier: MIT

/// CRC-32C (Castagnoli), reflected, as in RFC 3720 section 12.1.
package enum CRC32C {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0x82F6_3B78 : sum >> 1 }
    }

    /// Of bytes that are only lent.
    static func sum(of bytes: Span<UInt8>) -> UInt32 {
        let table = table.span
        var sum = UInt32.max
        for index in bytes.indices {
            sum = table[Int(UInt8(truncatingIfNeeded: sum) ^ bytes[index])] ^ sum >> 8
        }
        return ~sum
    }

    package static func sum(of bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ sum >> 8
        }
    }
}

/// Eight lower-case digits.
func hexadecimal(_ number: UInt32) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 8 - digits.utf8.count) + digits
}
