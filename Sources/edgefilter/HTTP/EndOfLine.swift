// SPDX-License-Identifier: MIT

// Eight bytes are tested at once: in `word &- every(1)` a byte of zero borrows and so gets its high bit set;
// a borrow may spoil later bytes, never earlier ones, so the lowest bit set is right.

private func every(_ byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }

/// High bits set from the first byte on that is CR or LF; no bit if there is none.
private func marks(_ word: UInt64) -> UInt64 {
    let lf = word ^ every(.lf)
    let cr = word ^ every(.cr)
    return (((lf &- every(1)) & ~lf) | ((cr &- every(1)) & ~cr)) & every(0x80)
}

extension Span<UInt8> {
    /// The place of the first CR or LF at or after `start`; the end of the bytes where there is none.
    func endOfLine(from start: Int) -> Int {
        var at = start
        while count - at >= 8 {
            let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)
            let found = marks(UInt64(littleEndian: word))
            if found != 0 { return at + found.trailingZeroBitCount / 8 }
            at += 8
        }
        while at < count, self[at] != .lf, self[at] != .cr { at += 1 }
        return at
    }
}
