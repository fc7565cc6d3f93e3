// SPDX-License-Identifier: MIT

// Eight bytes are tested at once. In `word &- every(n)` a byte below n borrows and so gets its high bit set;
// a borrow may spoil later bytes, never earlier ones, so the lowest bit set is right.

/// Whether two pieces of one length are the same.
private func isSame(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Bool {
    var at = 0
    while one.count - at >= 8 {
        let word = unsafe one.loadUnaligned(fromByteOffset: at, as: UInt64.self)
        guard unsafe word == other.loadUnaligned(fromByteOffset: at, as: UInt64.self) else { return false }
        at += 8
    }
    while at < one.count {
        guard unsafe one[at] == other[at] else { return false }
        at += 1
    }
    return true
}

private func every(_ byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }

/// High bits set from the first byte on that is a quote, a backslash or a control; no bit if there is none.
private func marks(_ word: UInt64) -> UInt64 {
    let quote = word ^ every(UInt8(ascii: "\""))
    let backslash = word ^ every(UInt8(ascii: "\\"))
    return ((word &- every(0x20)) & ~word) | ((quote &- every(1)) & ~quote)
        | ((backslash &- every(1)) & ~backslash)
}

/// Whether a byte cannot stand for itself in a string.
private func isMarked(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
}

extension Span<UInt8> {
    /// The index at or after `start` of the first byte that is not ASCII, or is quote, backslash or control.
    func endOfPlain(from start: Int) -> Int {
        var at = start
        while count - at >= 8 {
            let word = self.word(at: at)
            let found = (marks(word) | word) & every(0x80)
            if found != 0 { return at + found.trailingZeroBitCount / 8 }
            at += 8
        }
        while at < count, self[at] < 0x80, !isMarked(self[at]) { at += 1 }
        return at
    }

    /// The index behind the characters of two or three bytes from `start` on.
    ///
    /// It may stop early: the last four bytes, and leads whose second byte is restricted, are left to
    /// `Continuation`.
    func endOfWide(from start: Int) -> Int {
        var at = start
        while count - at >= 4 {
            let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt32.self)
            let (lead, next) = (self[at], UInt32(littleEndian: word))
            if next & 0xC0_C0F0 == 0x80_80E0, lead != 0xE0, lead != 0xED {
                at += 3
            } else if next & 0xC0E0 == 0x80C0, lead >= 0xC2 {
                at += 2
            } else {
                return at
            }
        }
        return at
    }

    /// The index at or after `start` of the first quote, backslash or control.
    func endOfUnescaped(from start: Int) -> Int {
        var at = start
        while count - at >= 8 {
            let found = marks(word(at: at)) & every(0x80)
            if found != 0 { return at + found.trailingZeroBitCount / 8 }
            at += 8
        }
        while at < count, !isMarked(self[at]) { at += 1 }
        return at
    }

    /// Whether `part` stands at `start`.
    package func holds(_ part: Span<UInt8>, at start: Int) -> Bool {
        repeats(part, 0..<part.count, at: start)
    }

    /// Whether the bytes from `start` on are those of `other` in `range`.
    func repeats(_ other: Span<UInt8>, _ range: Range<Int>, at start: Int) -> Bool {
        guard count - start >= range.count else { return false }
        let (mine, theirs) = (extracting(start..<start + range.count), other.extracting(range))
        return unsafe mine.withUnsafeBytes { mine in unsafe theirs.withUnsafeBytes { unsafe isSame(mine, $0) }
        }
    }

    /// The eight bytes from `index` on, the first one lowest.
    private func word(at index: Int) -> UInt64 {
        let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
        return UInt64(littleEndian: word)
    }
}

extension [UInt8] {
    /// A copy of `bytes`, with no room to spare.
    init(copying bytes: Span<UInt8>) {
        self = []
        append(copying: bytes)
    }

    /// Appends a copy of `bytes`.
    mutating func append(copying bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
