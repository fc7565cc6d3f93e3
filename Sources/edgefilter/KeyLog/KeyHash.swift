// SPDX-License-Identifier: MIT

import CCrypto

/// What stands for a caller's key wherever something is written.
package enum KeyHash: Equatable, Sendable {
    /// First 16 hex digits of SHA-256.
    case sha256
    /// First 16 hex digits of HMAC-SHA-256 under a local pepper.
    case hmac(pepper: [UInt8])
    /// First 8 hex digits of MD5: the documented form of the DashScope gateway.
    case md5

    /// The hash of a key; empty for an empty key.
    package func hash(of key: [UInt8]) -> String {
        guard !key.isEmpty else { return "" }
        return switch self {
        case .sha256: String(hex(digest("SHA256", key)).prefix(16))
        case .hmac(let pepper): String(hex(mac(pepper, key)).prefix(16))
        case .md5: String(hex(digest("MD5", key)).prefix(8))
        }
    }

    /// Tells one pepper from another and gives none away: 4 hex digits; empty: the hash needs none.
    package var generation: String {
        guard case .hmac(let pepper) = self else { return "" }
        return String(hex(mac(pepper, Array("generation".utf8))).prefix(4))
    }
}

/// SHA-256, 32 bytes.
func sha256(_ bytes: [UInt8]) -> [UInt8] { digest("SHA256", bytes) }

private func digest(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { out, count in
        let result = unsafe bytes.withUnsafeBytes {
            unsafe ccrypto_digest(name, $0.baseAddress, $0.count, out.baseAddress, &count)
        }
        if result != 1 { count = 0 }
    }
}

private func mac(_ key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: 32) { out, count in
        let result = unsafe key.withUnsafeBytes { key in
            unsafe bytes.withUnsafeBytes {
                unsafe ccrypto_hmac_sha256(
                    key.baseAddress, key.count, $0.baseAddress, $0.count, out.baseAddress)
            }
        }
        count = result == 1 ? 32 : 0
    }
}

private func hex(_ bytes: [UInt8]) -> String { String(decoding: hexDigits(bytes), as: UTF8.self) }

/// Two lower-case digits a byte.
func hexDigits(_ bytes: [UInt8]) -> [UInt8] {
    var text = [UInt8](repeating: 0, count: 2 * bytes.count)
    for (index, byte) in bytes.enumerated() {
        text[2 * index] = hexDigit(byte >> 4)
        text[2 * index + 1] = hexDigit(byte & 15)
    }
    return text
}
