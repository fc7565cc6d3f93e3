// SPDX-License-Identifier: MIT

/// Finds a few members of a flat JSON object without making a document of it.
///
/// For lines whose sum was right. Whatever they hold, nothing outside of them is read, and what is no object
/// is refused; but a value of no interest is only stepped over.
struct MemberScan {
    /// A text in its line, as it is written there, without quotes.
    struct Text {
        var range = 0..<0
    }

    /// What is wanted of a member: its text or its number, under a slot.
    enum Want: Equatable {
        case nothing
        case text(Int)
        case number(Int)
    }

    fileprivate struct Name {
        /// The first eight bytes, and which bits of eight are the name's.
        let word: UInt64
        let mask: UInt64
        let count: Int
        let want: Want
    }

    private let names: [Name]
    /// The texts by slot; empty: not there.
    private(set) var texts = InlineArray<8, Text>(repeating: Text())
    /// The numbers by slot; 0: not there.
    private(set) var numbers = InlineArray<16, Int>(repeating: 0)

    /// The members, in the order in which they are usually written, wanted or not.
    ///
    /// Names must differ in their first eight bytes or in length. There are 8 slots for texts, 16 for
    /// numbers.
    init(_ members: [(name: String, want: Want)]) {
        names = members.map { name, want in
            let word = name.utf8.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return Name(
                word: word, mask: MemberScan.mask(name.utf8.count), count: name.utf8.count, want: want)
        }
    }

    /// The bits of a word that so many bytes fill.
    fileprivate static func mask(_ count: Int) -> UInt64 {
        count >= 8 ? .max : 1 << UInt64(count * 8) - 1
    }

    /// So many members may be missing between two that are there before all names are compared.
    private static let patience = 3

    /// Reads an object; false: it is none.
    mutating func read(_ line: Span<UInt8>) -> Bool {
        texts = InlineArray(repeating: Text())
        numbers = InlineArray(repeating: 0)
        return unsafe line.withUnsafeBytes { bytes in
            var cursor = unsafe Cursor(bytes)
            guard cursor.take(UInt8(ascii: "{")) else { return false }
            // Members come in the order they are asked for: the next one is looked at first.
            var likely = 0
            repeat {
                guard let want = want(&cursor, &likely), readValue(&cursor, want) else { return false }
            } while cursor.take(UInt8(ascii: ","))
            return cursor.take(UInt8(ascii: "}")) && cursor.isAtEnd
        }
    }

    /// Steps over a member's name and says what is wanted of the member; nil: it is no name.
    private func want(_ cursor: inout Cursor, _ likely: inout Int) -> Want? {
        for index in likely..<min(likely + MemberScan.patience, names.count) where cursor.take(names[index]) {
            likely = index + 1
            return names[index].want
        }
        guard let (word, count) = cursor.name() else { return nil }
        return find(word, count, &likely)
    }

    private func find(_ word: UInt64, _ count: Int, _ likely: inout Int) -> Want {
        for step in names.indices {
            let index = likely + step < names.count ? likely + step : likely + step - names.count
            if names[index].word == word, names[index].count == count {
                likely = index + 1 < names.count ? index + 1 : 0
                return names[index].want
            }
        }
        return .nothing
    }

    private mutating func readValue(_ cursor: inout Cursor, _ want: Want) -> Bool {
        switch cursor.peek {
        case UInt8(ascii: "\""):
            guard let range = cursor.text() else { return false }
            if case .text(let slot) = want { texts[slot] = Text(range: range) }
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let number = cursor.number()
            if case .number(let slot) = want { numbers[slot] = number }
        default: return cursor.skip()
        }
        return true
    }
}

/// A place in a line.
@safe private struct Cursor {
    private let base: UnsafeRawBufferPointer
    private var index = 0

    init(_ bytes: UnsafeRawBufferPointer) { unsafe base = bytes }

    var isAtEnd: Bool { unsafe index == base.count }

    /// The byte here; 0 at the end.
    var peek: UInt8 { index < (unsafe base.count) ? unsafe base[index] : 0 }

    mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte, !isAtEnd else { return false }
        index += 1
        return true
    }

    /// A name that is expected here, with its colon; false: another member is here.
    mutating func take(_ name: MemberScan.Name) -> Bool {
        let start = index + 1
        let end = start + name.count
        guard max(start + 8, end + 2) <= (unsafe base.count), unsafe base[index] == UInt8(ascii: "\""),
            unsafe base[end] == UInt8(ascii: "\""), unsafe base[end + 1] == UInt8(ascii: ":"),
            word(at: start) & name.mask == name.word
        else { return false }
        index = end + 2
        return true
    }

    /// Eight bytes, of which the first is the lowest.
    private func word(at place: Int) -> UInt64 {
        unsafe base.loadUnaligned(fromByteOffset: place, as: UInt64.self).littleEndian
    }

    /// A member's name with its colon: the first eight bytes, and how many there are.
    mutating func name() -> (word: UInt64, count: Int)? {
        guard let range = text(), take(UInt8(ascii: ":")) else { return nil }
        // Behind a name there are at least two bytes more, before it a quote: near the end bytes are taken
        // one by one.
        if range.lowerBound + 8 <= (unsafe base.count) {
            return (word(at: range.lowerBound) & MemberScan.mask(range.count), range.count)
        }
        var word: UInt64 = 0
        for place in range.prefix(8).reversed() { word = word << 8 | UInt64(unsafe base[place]) }
        return (word, range.count)
    }

    /// A string: where its inside is.
    mutating func text() -> Range<Int>? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        let start = index
        let end = unsafe base.count
        while index < end {
            // Eight bytes at a time, up to what ends it.
            if index + 8 <= end {
                let word = word(at: index)
                let marks = Cursor.zeros(word ^ Cursor.quotes) | Cursor.zeros(word ^ Cursor.escapes)
                if marks == 0 {
                    index += 8
                    continue
                }
                index += marks.trailingZeroBitCount / 8
            }
            let byte = unsafe base[index]
            index += byte == UInt8(ascii: "\\") ? 2 : 1
            if byte == UInt8(ascii: "\"") { return start..<(index - 1) }
        }
        return nil
    }

    private static let quotes: UInt64 = 0x2222_2222_2222_2222
    private static let escapes: UInt64 = 0x5C5C_5C5C_5C5C_5C5C

    /// The lowest bit that is set marks the first byte that is zero (Mycroft's test); none: no byte is.
    private static func zeros(_ word: UInt64) -> UInt64 {
        (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
    }

    /// An integer, no larger than sums may be; of another number what is before its point.
    mutating func number() -> Int {
        let isNegative = take(UInt8(ascii: "-"))
        var value = 0
        while index < (unsafe base.count) {
            let digit = unsafe base[index] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            value = min(value * 10 + Int(digit), Row.limit)
            index += 1
        }
        while !isAtEnd, peek != UInt8(ascii: ","), peek != UInt8(ascii: "}") { index += 1 }
        return isNegative ? 0 : value
    }

    /// Steps over an array, an object or a word.
    mutating func skip() -> Bool {
        var depth = 0
        while !isAtEnd {
            switch peek {
            case UInt8(ascii: "\""):
                if text() == nil { return false }
                continue
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                if depth == 0 { return true }
                depth -= 1
            case UInt8(ascii: ","): if depth == 0 { return true }
            default: break
            }
            index += 1
        }
        return false
    }
}
