// SPDX-License-Identifier: MIT

import CUnix

/// CRC-32C (Castagnoli), reflected, as in RFC 3720 section 12.1.
package enum CRC32C {
    /// Of bytes that are only lent.
    package static func sum(of bytes: Span<UInt8>) -> UInt32 {
        unsafe bytes.withUnsafeBytes { ~(unsafe cunix_crc32c(.max, $0.baseAddress, $0.count)) }
    }

    /// The same of bytes that are held.
    package static func sum(of bytes: [UInt8]) -> UInt32 { sum(of: bytes.span) }

    /// The same without the machine's instruction for it.
    static func plainSum(of bytes: [UInt8]) -> UInt32 {
        unsafe bytes.withUnsafeBytes { ~(unsafe cunix_crc32c_plain(.max, $0.baseAddress, $0.count)) }
    }
}

/// Eight lower-case digits.
func hexadecimal(_ number: UInt32) -> String {
    unsafe String(unsafeUninitializedCapacity: 8) { text in
        for place in 0..<8 {
            let digit = UInt8(truncatingIfNeeded: number >> UInt32(28 - 4 * place)) & 15
            unsafe text[place] = digit < 10 ? 0x30 + digit : 0x57 + digit
        }
        return 8
    }
}
