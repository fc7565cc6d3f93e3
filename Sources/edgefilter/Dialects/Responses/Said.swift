// SPDX-License-Identifier: MIT

/// How much of a text went by in pieces, and a mark by which the text is known again without being kept.
struct Said {
    private var count = 0
    /// FNV-1a, of 64 bits: it protects nothing.
    private var mark: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ text: String) {
        for byte in text.utf8 { add(byte) }
    }

    private mutating func add(_ byte: UInt8) {
        count += 1
        mark = (mark ^ UInt64(byte)) &* 0x100_0000_01B3
    }

    /// What of the whole text did not go by; nil: nothing, or what went by is not how it begins.
    func rest(of whole: String) -> String? {
        let bytes = whole.utf8
        guard bytes.count > count else { return nil }
        let end = bytes.index(bytes.startIndex, offsetBy: count)
        var begun = Said()
        for byte in bytes[..<end] { begun.add(byte) }
        return begun.mark == mark ? String(whole[end...]) : nil
    }
}
