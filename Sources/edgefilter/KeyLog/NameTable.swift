// SPDX-License-Identifier: MIT

/// Texts that stand in labels: of the operator's file and of this program, never a caller's.
///
///     entry = state, losses, text (48 bytes, zeros behind it)
///
/// Entries are only added; when all are taken, further names are `other`, the entry 0.
struct NameTable {
    static let count = 512
    static let stride = 8
    static let textLimit = (stride - 2) * 8

    private static let tries = 64
    private static let claimed: UInt64 = 1
    private static let there: UInt64 = 2

    let words: Words

    /// The number of a name, which is added when it is new; 0: the table is full.
    func number(of name: String) -> Int {
        let packed = NameTable.packed(name)
        var place = NameTable.hash(packed)
        for _ in 0..<NameTable.tries {
            place = place % (NameTable.count - 1) + 1
            if claim(place) { write(packed, at: place) }
            if holds(packed, at: place) { return place }
        }
        return 0
    }

    /// A text by its number; nil: there is none.
    func text(_ number: Int) -> String? {
        guard (1..<NameTable.count).contains(number), words[number * NameTable.stride] == NameTable.there
        else { return nil }
        var bytes: [UInt8] = []
        for index in 2..<NameTable.stride {
            let word = words[number * NameTable.stride + index]
            for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift * 8))) }
        }
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// One loss of this name more.
    func addLoss(_ number: Int) { words.add(1, at: number * NameTable.stride + 1) }

    func losses(_ number: Int) -> Int { Int(min(words[number * NameTable.stride + 1], 1 << 62)) }

    private func claim(_ place: Int) -> Bool {
        words.swap(0, for: NameTable.claimed, at: place * NameTable.stride)
    }

    private func write(_ packed: [UInt64], at place: Int) {
        for (index, word) in packed.enumerated() { words[place * NameTable.stride + 2 + index] = word }
        words[place * NameTable.stride] = NameTable.there
    }

    /// Whose writer died before it was there, an entry is nobody's.
    private func holds(_ packed: [UInt64], at place: Int) -> Bool {
        words[place * NameTable.stride] == NameTable.there
            && packed.indices.allSatisfy { words[place * NameTable.stride + 2 + $0] == packed[$0] }
    }

    private static func packed(_ name: String) -> [UInt64] {
        var packed = [UInt64](repeating: 0, count: stride - 2)
        for (index, byte) in name.utf8.prefix(textLimit).enumerated() {
            packed[index / 8] |= UInt64(byte) << UInt64(index % 8 * 8)
        }
        return packed
    }

    private static func hash(_ packed: [UInt64]) -> Int {
        Int(truncatingIfNeeded: packed.reduce(0) { mixed($0 ^ $1) } >> 2)
    }
}

/// A number whose every bit depends on all bits of another (the finish of MurmurHash3).
func mixed(_ number: UInt64) -> UInt64 {
    var mix = number
    mix = (mix ^ mix >> 33) &* 0xFF51_AFD7_ED55_8CCD
    mix = (mix ^ mix >> 33) &* 0xC4CE_B9FE_1A85_EC53
    return mix ^ mix >> 33
}
