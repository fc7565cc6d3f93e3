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
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 8 - digits.utf8.count) + digits
}
