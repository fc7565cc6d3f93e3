// SPDX-License-Identifier: MIT

import Digest

/// A key that we issued, as its holder shows it.
///
///     key = "sk-ef-" secret check ; secret: 32 random bytes, 43 digits to the base 62
///                                 ; check: CRC-32 of all before it, 6 digits
///
/// Whoever searches for leaked ones looks for `sk-ef-[0-9A-Za-z]{49}`.
package struct IssuedKey: Equatable, Sendable {
    /// SHA-256 of the key's text, 32 bytes: the only form in which it is kept.
    package let hash: [UInt8]

    /// What every issued key begins with.
    package static let prefix = "sk-ef-"
    /// Random bytes in a key.
    package static let randomCount = 32

    private static let secretDigits = 43
    private static let checkDigits = 6
    /// Bytes of a key's text.
    package static let length = prefix.utf8.count + secretDigits + checkDigits

    /// Nil: malformed, or its checksum is wrong; nobody needs to look it up.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == IssuedKey.length, IssuedKey.looksIssued(text) else { return nil }
        let body = bytes.prefix(IssuedKey.length - IssuedKey.checkDigits)
        guard Array(bytes.suffix(IssuedKey.checkDigits)) == IssuedKey.check(of: Array(body)) else {
            return nil
        }
        hash = Hash.sha256(bytes)
    }

    /// Whether somebody means it as one of ours.
    package static func looksIssued(_ text: String) -> Bool { text.utf8.starts(with: prefix.utf8) }

    /// Whether one of ours stands within a text that is none: behind another scheme's word, in quotes.
    package static func isWithin(_ text: String) -> Bool {
        let (bytes, start) = (Array(text.utf8), Array(prefix.utf8))
        guard bytes.count >= length else { return false }
        return (0...bytes.count - start.count).contains { bytes[$0..<$0 + start.count].elementsEqual(start) }
    }

    /// The key that these 32 random bytes come to.
    package static func make(random: [UInt8]) -> String {
        var text = Array(prefix.utf8)
        text += Base62.digits(of: random, count: secretDigits)
        text += check(of: text)
        return String(decoding: text, as: UTF8.self)
    }

    private static func check(of bytes: [UInt8]) -> [UInt8] {
        let sum = CRC32.sum(of: bytes)
        let parts = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> UInt32($0)) }
        return Base62.digits(of: parts, count: checkDigits)
    }
}
