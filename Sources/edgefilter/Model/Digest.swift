// SPDX-License-Identifier: MIT

import CCrypto

/// Short names made of long ones, the same in every process.
package enum Digest {
    /// SHA-256.
    package static func sha256(_ text: String) -> [UInt8] { digest("SHA256", Array(text.utf8)) }

    /// SHA-256.
    package static func sha256(_ bytes: [UInt8]) -> [UInt8] { digest("SHA256", bytes) }

    private static func digest(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { out, count in
            let result = unsafe bytes.withUnsafeBytes {
                unsafe ccrypto_digest(name, $0.baseAddress, $0.count, out.baseAddress, &count)
            }
            if result != 1 { count = 0 }
        }
    }

    /// HMAC-SHA-256 (RFC 2104) under a key, which may be empty.
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

    /// SHA-1, which the handshake of WebSocket wants and which protects nothing (RFC 6455 section 10.8).
    package static func sha1(_ text: String) -> [UInt8] { digest("SHA1", Array(text.utf8)) }

    /// The first `count` hexadecimal digits of it, at most 64.
    package static func hex(_ text: String, _ count: Int) -> String {
        String(hex(sha256(text)).prefix(count))
    }

    /// Two lower-case hexadecimal digits a byte.
    package static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    /// The first `count` digits of it in base 62, most significant first.
    package static func base62(_ text: String, _ count: Int) -> String {
        let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        var number = sha256(text)
        var result: [UInt8] = []
        while result.count < 43 {
            var rest = 0
            for index in number.indices {
                let sum = rest << 8 | Int(number[index])
                number[index] = UInt8(truncatingIfNeeded: sum / 62)
                rest = sum % 62
            }
            result.append(digits[rest])
        }
        return String(decoding: result.reversed().prefix(count), as: UTF8.self)
    }
}

/// Names that another dialect allows, made of names that it does not.
package enum Wire {
    /// A tool's name of at most `limit` letters, digits, `-` and `_`: itself where it is one already, else
    /// cut and told apart by eight digits of its digest.
    package static func toolName(_ name: String, limit: Int = 64) -> String {
        let isPlain = name.utf8.allSatisfy(isWord) && !name.isEmpty
        if isPlain, name.utf8.count <= limit { return name }
        let plain = name.utf8.map { isWord($0) ? $0 : UInt8(ascii: "_") }
        return String(decoding: plain.prefix(limit - 9), as: UTF8.self) + "_" + Digest.hex(name, 8)
    }

    /// A call's id of letters, digits, `-` and `_`; two ids that differ stay different.
    package static func callID(_ id: String) -> String { toolName(id, limit: 64) }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
