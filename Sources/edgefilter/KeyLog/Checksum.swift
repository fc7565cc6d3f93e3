// SPDX-License-Identifier: MIT

import JSON

/// How a line of a log ends, `,"crc":"xxxxxxxx"}`: the CRC-32C of all before it.
enum Checksum {
    private static let mark = Array(#","crc":""#.utf8)
    private static let length = mark.count + 8 + 2

    /// Ends the object, which began at `start`, with the sum as its last member.
    static func close(_ writer: inout Writer, from start: Int = 0) {
        let sum = CRC32C.sum(of: writer.bytes.span.extracting(start..<writer.bytes.count))
        writer.member(plain: "crc", hexadecimal(sum))
        writer.endObject()
    }

    /// Whether the line has its beginning and its end, whatever its sum.
    static func isWhole(_ line: Span<UInt8>) -> Bool {
        let body = line.count - length
        guard body > 0, line[0] == UInt8(ascii: "{"), line[line.count - 1] == UInt8(ascii: "}") else {
            return false
        }
        for index in mark.indices where line[body + index] != mark[index] { return false }
        return true
    }

    /// Whether a line that does not hold was a whole one before somebody changed it; an editor may have put a carriage
    /// return behind it.
    static func wasWhole(_ line: Span<UInt8>) -> Bool {
        guard let last = line.indices.last, line[last] == 0x0D else { return isWhole(line) }
        return isWhole(line.extracting(0..<last))
    }

    /// Whether the line is as it was written.
    static func holds(_ line: Span<UInt8>) -> Bool {
        let body = line.count - length
        guard body > 0 else { return false }
        for index in mark.indices where line[body + index] != mark[index] { return false }
        var claimed: UInt32 = 0
        for index in (line.count - 10)..<(line.count - 2) {
            guard let digit = hexValue(line[index]) else { return false }
            claimed = claimed << 4 | UInt32(digit)
        }
        return line[line.count - 2] == UInt8(ascii: "\"") && line[line.count - 1] == UInt8(ascii: "}")
            && CRC32C.sum(of: line.extracting(0..<body)) == claimed
    }
}

/// The lower-case hex digit of a value below 16.
///
/// As in `Base16`, and here once more: called across modules it makes an index of a million keys a quarter slower.
func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
}

/// A lower-case hex digit's value.
func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
}
