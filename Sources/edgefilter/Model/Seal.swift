// SPDX-License-Identifier: MIT

package import JSON

/// Reasoning that a provider wants back and that its caller's dialect has no place for, as a text that the caller
/// carries for us.
///
///     seal = "eflt1:" base64url( {"upstream":NAME, "value":JSON} )
///
/// It is opened for the same upstream only, and never sent to anyone as it is.
package enum Seal {
    package static let mark = "eflt1:"

    /// Whether a signature or an encrypted content is one of ours.
    package static func isOurs(_ text: String) -> Bool { text.hasPrefix(mark) }

    /// `value` is JSON text.
    package static func make(upstream: String, value: Span<UInt8>) -> String {
        var writer = Writer()
        writer.beginObject()
        writer.member("upstream", upstream)
        writer.name("value")
        writer.verbatim(value)
        writer.endObject()
        return mark + base64url(writer.bytes)
    }

    /// What was sealed for this upstream; nil: it is none of ours, another's, or damaged.
    package static func open(_ text: String, upstream: String) -> Value? {
        guard isOurs(text), let bytes = decoded(text.utf8.dropFirst(mark.utf8.count)),
            let root = (try? Document(bytes))?.root, root["upstream"]?.string == upstream
        else { return nil }
        return root["value"]
    }

    // RFC 4648 section 5, without padding.
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static func base64url(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 4 / 3 + 4)
        var bits = 0
        var count = 0
        for byte in bytes {
            bits = (bits << 8 | Int(byte)) & 0xFFFF
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[bits >> count & 63])
            }
        }
        if count > 0 { text.append(alphabet[bits << (6 - count) & 63]) }
        return String(decoding: text, as: UTF8.self)
    }

    private static func decoded(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits = 0
        var count = 0
        for letter in text {
            guard let value = alphabet.firstIndex(of: letter) else { return nil }
            bits = (bits << 6 | value) & 0xFFFF
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> count))
        }
        return bytes
    }
}
