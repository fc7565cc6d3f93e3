// SPDX-License-Identifier: MIT

import Digest

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
        case .sha256: String(Base16.encoded(Hash.sha256(key)).prefix(16))
        case .hmac(let pepper): String(Base16.encoded(Hash.hmac(of: key, key: pepper)).prefix(16))
        case .md5: String(Base16.encoded(Hash.md5(key)).prefix(8))
        }
    }

    /// Tells one pepper from another and gives none away: 4 hex digits; empty: the hash needs none.
    package var generation: String {
        guard case .hmac(let pepper) = self else { return "" }
        return String(Base16.encoded(Hash.hmac(of: Array("generation".utf8), key: pepper)).prefix(4))
    }
}
