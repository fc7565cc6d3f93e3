// SPDX-License-Identifier: MIT

/// One entry of `keys.index`: where the last event about a key or a user is.
///
///     line = hash SP kind SP offset SP number SP fence *SP crc LF ; 128 bytes: 64 hex digits, "k" or "u",
///                                                  ; 15, 12 and 12 decimal digits, 8 hex digits
///
/// The fence is not the entry's, but the index's own, see `KeyFences`.
struct KeyIndexLine {
    /// Four words, highest first: SHA-256.
    typealias Hash = (UInt64, UInt64, UInt64, UInt64)

    var hash: Hash
    var offset: Int
    var id: Int
    var isKey: Bool

    /// Bytes of each line, the first one included.
    static let size = 128
    /// What the line's sum covers.
    static let body = size - 9
    static let offsetDigits = 15
    private static let idDigits = 12
    static let offsetPlace = 67..<(67 + offsetDigits)
    private static let idPlace = 83..<(83 + idDigits)
    static let fenceDigits = 12
    static let fencePlace = 96..<(96 + fenceDigits)

    /// Appends the line, without a fence and a sum.
    func write(to bytes: inout [UInt8]) {
        let start = bytes.count
        for word in [hash.0, hash.1, hash.2, hash.3] { bytes.appendHex(word) }
        bytes.append(contentsOf: [0x20, isKey ? UInt8(ascii: "k") : UInt8(ascii: "u"), 0x20])
        bytes.appendDecimal(offset, digits: KeyIndexLine.offsetDigits)
        bytes.append(0x20)
        bytes.appendDecimal(id, digits: KeyIndexLine.idDigits)
        let rest = start + KeyIndexLine.size - 1 - bytes.count
        bytes.append(contentsOf: repeatElement(0x20, count: max(0, rest)))
        bytes.append(0x0A)
    }

    /// The hash in a line of log or index as four words; nil: that are no 64 hex digits.
    static func hash(_ digits: Span<UInt8>) -> Hash? {
        guard digits.count == 64, let first = word(digits, 0), let second = word(digits, 16),
            let third = word(digits, 32), let fourth = word(digits, 48)
        else { return nil }
        return (first, second, third, fourth)
    }

    static func word(_ digits: Span<UInt8>, _ start: Int) -> UInt64? {
        var word: UInt64 = 0
        for index in start..<(start + 16) {
            guard let digit = hexValue(digits[index]) else { return nil }
            word = word << 4 | UInt64(digit)
        }
        return word
    }

    /// Nil: altered.
    init?(_ line: Span<UInt8>) {
        guard line.isIntact, let hash = KeyIndexLine.hash(line.extracting(0..<64)),
            let offset = line.decimal(KeyIndexLine.offsetPlace),
            let id = line.decimal(KeyIndexLine.idPlace)
        else { return nil }
        self.hash = hash
        self.offset = offset
        self.id = id
        isKey = line[65] == UInt8(ascii: "k")
    }

    init(hash: Hash, offset: Int, id: Int, isKey: Bool) {
        (self.hash, self.offset, self.id, self.isKey) = (hash, offset, id, isKey)
    }

    static func < (one: KeyIndexLine, other: KeyIndexLine) -> Bool { one.hash < other.hash }
}

extension [UInt8] {
    mutating func appendDecimal(_ number: Int, digits: Int) {
        let text = String(number).utf8
        append(contentsOf: repeatElement(UInt8(ascii: "0"), count: Swift.max(0, digits - text.count)))
        append(contentsOf: text)
    }

    mutating func appendHex(_ word: UInt64) {
        for shift in stride(from: 60, through: 0, by: -4) {
            append(hexDigit(UInt8(truncatingIfNeeded: word >> UInt64(shift)) & 15))
        }
    }

    /// Fills the line that begins at `start` with spaces and ends it with its sum and a newline.
    mutating func endLine(from start: Int) {
        append(contentsOf: repeatElement(0x20, count: Swift.max(0, start + KeyIndexLine.body - count)))
        let sum = CRC32C.sum(of: span.extracting(start..<(start + KeyIndexLine.body)))
        append(contentsOf: hexadecimal(sum).utf8)
        append(0x0A)
    }

    /// Puts a fence into the line that begins at `start`, and its sum.
    mutating func setFence(_ fence: Int, at start: Int) {
        var rest = fence
        for place in KeyIndexLine.fencePlace.reversed() {
            self[start + place] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        let sum = CRC32C.sum(of: span.extracting(start..<(start + KeyIndexLine.body)))
        for digit in 0..<8 {
            self[start + KeyIndexLine.body + digit] = hexDigit(UInt8(sum >> UInt32(28 - 4 * digit) & 15))
        }
    }
}

extension Span<UInt8> {
    /// Whether a line of the index is as it was written.
    var isIntact: Bool {
        guard count == KeyIndexLine.size, self[count - 1] == 0x0A else { return false }
        var claimed: UInt32 = 0
        for index in KeyIndexLine.body..<(count - 1) {
            guard let digit = hexValue(self[index]) else { return false }
            claimed = claimed << 4 | UInt32(digit)
        }
        return CRC32C.sum(of: extracting(0..<KeyIndexLine.body)) == claimed
    }

    /// A number of decimal digits alone.
    func decimal(_ range: Range<Int>) -> Int? {
        var number = 0
        for index in range {
            let digit = self[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number &* 10 &+ Int(digit)
        }
        return number
    }
}

extension KeyIndexLine: Equatable {
    static func == (one: KeyIndexLine, other: KeyIndexLine) -> Bool {
        one.hash == other.hash && one.offset == other.offset && one.id == other.id && one.isKey == other.isKey
    }
}
