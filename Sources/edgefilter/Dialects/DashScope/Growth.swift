// SPDX-License-Identifier: MIT

/// A text that comes again and again, each time with more at its end.
///
/// What it does for a text is no more than its length, however often it comes.
struct Growth: Sendable {
    /// What went on.
    private var sent: [UInt8] = []

    /// What is new in it.
    ///
    /// The end of it may be half a character, which reads as U+FFFD: that waits for the next time, unless
    /// this `isLast`. Of a text that does not go on from where it was, all counts as new from where they
    /// part.
    mutating func news(_ text: String, isLast: Bool = false) -> String {
        var text = text
        return text.withUTF8 { unsafe news(Span(_unsafeElements: $0), isLast) }
    }

    private mutating func news(_ text: Span<UInt8>, _ isLast: Bool) -> String {
        var end = text.count
        if !isLast { while end >= 3, Growth.isBroken(text, at: end - 3) { end -= 3 } }
        var start = 0
        let most = min(sent.count, end)
        while start < most, sent[start] == text[start] { start += 1 }
        if start < sent.count {
            // Shorter than before: nothing is new.
            if start == end { return "" }
            while start > 0, text[start] & 0xC0 == 0x80 { start -= 1 }
            sent.removeLast(sent.count - start)
        }
        guard start < end else { return "" }
        for index in start..<end { sent.append(text[index]) }
        return String(decoding: sent[start...], as: UTF8.self)
    }

    private static func isBroken(_ text: Span<UInt8>, at index: Int) -> Bool {
        text[index] == 0xEF && text[index + 1] == 0xBF && text[index + 2] == 0xBD
    }
}
