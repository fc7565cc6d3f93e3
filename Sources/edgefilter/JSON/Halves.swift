// SPDX-License-Identifier: MIT

/// Characters that stand in two strings, one half in each.
///
/// Whoever cuts a text by its UTF-16 units may end a string with the first half of a surrogate pair and begin
/// the next with the second (RFC 8259 §7, §8.2).
///
///     first  = "\u" ( "d" / "D" ) ( "8" / "9" / "a" / "b" / "A" / "B" ) 2HEXDIG
///     second = "\u" ( "d" / "D" ) ( "c" / "d" / "e" / "f" / "C" / "D" / "E" / "F" ) 2HEXDIG
package enum Halves {
    private static let length = 6

    /// The first half with which a string of the JSON text ends; nil: none does.
    package static func first(endingIn json: Span<UInt8>) -> [UInt8]? {
        guard json.count > length else { return nil }
        for end in length..<json.count where json[end] == UInt8(ascii: "\"") {
            let start = end - length
            guard isHalf(json, at: start, 0xD800...0xDBFF), backslashes(in: json, before: start) % 2 == 0
            else {
                continue
            }
            return (start..<end).map { json[$0] }
        }
        return nil
    }

    /// The JSON text with a first half put in front of each string that begins with a second; nil: none does.
    package static func joining(_ first: [UInt8], to json: Span<UInt8>) -> [UInt8]? {
        var (whole, done): ([UInt8], Int) = ([], 0)
        for start in 1..<max(1, json.count) where json[start - 1] == UInt8(ascii: "\"") {
            guard isHalf(json, at: start, 0xDC00...0xDFFF), backslashes(in: json, before: start - 1) == 0
            else {
                continue
            }
            whole.append(copying: json.extracting(done..<start))
            whole += first
            done = start
        }
        guard done > 0 else { return nil }
        whole.append(copying: json.extracting(done..<json.count))
        return whole
    }

    private static func isHalf(_ json: Span<UInt8>, at start: Int, _ range: ClosedRange<UInt32>) -> Bool {
        unit(json, at: start).map(range.contains) ?? false
    }

    private static func backslashes(in json: Span<UInt8>, before end: Int) -> Int {
        var start = end
        while start > 0, json[start - 1] == UInt8(ascii: "\\") { start -= 1 }
        return end - start
    }
}
