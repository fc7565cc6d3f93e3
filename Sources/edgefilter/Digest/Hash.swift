// SPDX-License-Identifier: MIT

import CCrypto

/// Digests of short inputs, and short names made of them, the same in every process.
package enum Hash {
    /// SHA-256 (FIPS 180-4), 32 bytes.
    package static func sha256(_ bytes: [UInt8]) -> [UInt8] { digest("SHA256", bytes) }

    /// The same of a text in UTF-8.
    package static func sha256(_ text: String) -> [UInt8] { sha256(Array(text.utf8)) }

    /// SHA-1, which the handshake of WebSocket wants and which protects nothing (RFC 6455 section 10.8).
    package static func sha1(_ text: String) -> [UInt8] { digest("SHA1", Array(text.utf8)) }

    /// MD5 (RFC 1321), 16 bytes: for names that somebody else's document wants so.
    package static func md5(_ bytes: [UInt8]) -> [UInt8] { digest("MD5", bytes) }

    /// HMAC-SHA-256 (RFC 2104), 32 bytes, under a key, which may be empty.
    package static func hmac(of bytes: [UInt8], key: [UInt8]) -> [UInt8] {
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

    /// The first `count` hexadecimal digits of a text's SHA-256, at most 64.
    package static func hex(_ text: String, _ count: Int) -> String {
        String(Base16.encoded(sha256(text)).prefix(count))
    }

    /// The first `count` digits of a text's SHA-256 in base 62, at most 43.
    package static func base62(_ text: String, _ count: Int) -> String {
        String(decoding: Base62.digits(of: sha256(text), count: 43).prefix(count), as: UTF8.self)
    }

    private static func digest(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { out, count in
            let result = unsafe bytes.withUnsafeBytes {
                unsafe ccrypto_digest(name, $0.baseAddress, $0.count, out.baseAddress, &count)
            }
            if result != 1 { count = 0 }
        }
    }
}
