// SPDX-License-Identifier: MIT

/// An address literal: 4 bytes of IPv4 or 16 of IPv6.
struct Address: Equatable, Sendable {
    let bytes: [UInt8]

    init?(_ text: String) {
        guard let bytes = Self.v4(text[...]) ?? Self.v6(text) else { return nil }
        self.bytes = bytes
    }

    private var mapped: ArraySlice<UInt8> {
        let isMapped = bytes.count == 16 && bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF])
        return isMapped ? bytes[12...] : bytes[...]
    }

    /// 127.0.0.0/8 and ::1.
    var isLoopback: Bool {
        let b = Array(mapped)
        return b.count == 4 ? b[0] == 127 : b == [UInt8](repeating: 0, count: 15) + [1]
    }

    /// Of a private, shared or link-local range (RFC 1122, 1918, 6598, 3927, 4193, 4291).
    var isPrivate: Bool {
        let b = Array(mapped)
        guard b.count == 4 else { return b[0] & 0xFE == 0xFC || (b[0] == 0xFE && b[1] & 0xC0 == 0x80) }
        return switch (b[0], b[1]) {
        case (0, _), (10, _), (192, 168), (169, 254), (172, 16...31), (100, 64...127): true
        default: false
        }
    }

    private static func v4(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var octet: Int?
        for byte in text.utf8 {
            if byte == UInt8(ascii: ".") {
                guard let whole = octet else { return nil }
                bytes.append(UInt8(whole))
                octet = nil
            } else {
                // Leading zeros are octal to some readers: refused.
                guard isDigit(byte), octet != 0 else { return nil }
                let more = (octet ?? 0) * 10 + Int(byte - UInt8(ascii: "0"))
                guard more <= UInt8.max else { return nil }
                octet = more
            }
        }
        guard let last = octet, bytes.count == 3 else { return nil }
        return bytes + [UInt8(last)]
    }

    private static func v6(_ text: String) -> [UInt8]? {
        let gap = zip(text.indices, text.indices.dropFirst()).first { text[$0] == ":" && text[$1] == ":" }
        guard let gap else { return groups(text[...]).flatMap { $0.count == 16 ? $0 : nil } }
        let tail = text[text.index(after: gap.1)...]
        guard let front = groups(text[..<gap.0]), let back = groups(tail) else { return nil }
        guard front.count + back.count <= 14 else { return nil }
        return front + [UInt8](repeating: 0, count: 16 - front.count - back.count) + back
    }

    private static func groups(_ text: Substring) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, let last = v4(part) {
                bytes += last
            } else if part.utf8.count <= 4, part.utf8.allSatisfy(isHex), let group = UInt16(part, radix: 16) {
                bytes += [UInt8(group >> 8), UInt8(group & 0xFF)]
            } else {
                return nil
            }
        }
        return bytes
    }
}

func isHex(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
        UInt8(ascii: "A")...UInt8(ascii: "F"):
        true
    default: false
    }
}

func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

/// Digits and nothing else, without sign; nil on overflow.
func decimal(_ text: some StringProtocol) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy(isDigit) else { return nil }
    return Int(text)
}
