// SPDX-License-Identifier: MIT

import KeyLog
import Unix

extension Moment {
    /// `2026-11-21`, `2026-11-21T08:00`, `…T08:00:00`, `…T08:00:00.5`; `Z` or an offset may follow, else it
    /// is UTC.
    ///
    /// `isEnd`: what is not said is the last, not the first, so that a bound that is included holds all of
    /// it.
    init?(iso8601 text: String, isEnd: Bool = false) {
        var rest = text.utf8[...]
        guard let day = Day(String(decoding: rest.prefix(10), as: UTF8.self)),
            text.utf8.dropFirst(4).first == 0x2D
        else { return nil }
        rest = rest.dropFirst(10)
        guard let mark = rest.popFirst() else {
            self = isEnd ? day.end : day.start
            return
        }
        guard [UInt8(ascii: "T"), UInt8(ascii: "t"), UInt8(ascii: " ")].contains(mark),
            let hours = rest.number(2, below: 24), rest.take(":"), let minutes = rest.number(2, below: 60)
        else { return nil }
        let seconds = rest.take(":") ? rest.number(2, below: 60) : isEnd ? 59 : 0
        guard let seconds, let milliseconds = rest.fraction(isEnd: isEnd), let offset = rest.offset(),
            rest.isEmpty
        else { return nil }
        self.init(
            seconds: day.start.seconds + hours * 3600 + minutes * 60 + seconds - offset,
            milliseconds: milliseconds)
    }
}

extension Substring.UTF8View {
    /// Takes so many digits.
    fileprivate mutating func number(_ width: Int, below limit: Int) -> Int? {
        let digits = prefix(width)
        guard digits.count == width, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        self = dropFirst(width)
        let number = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return number < limit ? number : nil
    }

    fileprivate mutating func take(_ text: Unicode.Scalar) -> Bool {
        guard let first, UInt32(first) == text.value else { return false }
        self = dropFirst()
        return true
    }

    /// Milliseconds.
    fileprivate mutating func fraction(isEnd: Bool) -> Int? {
        guard take(".") else { return isEnd ? 999 : 0 }
        let digits = prefix { (0x30...0x39).contains($0) }
        guard 1...9 ~= digits.count else { return nil }
        self = dropFirst(digits.count)
        let three = Array(digits.prefix(3)) + [UInt8](repeating: 0x30, count: Swift.max(0, 3 - digits.count))
        return three.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// Seconds east of UTC.
    fileprivate mutating func offset() -> Int? {
        if isEmpty || take("Z") || take("z") { return 0 }
        let isWest = take("-")
        guard isWest || take("+"), let hours = number(2, below: 24) else { return nil }
        _ = take(":")
        guard let minutes = number(2, below: 60) else { return nil }
        return (hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
    }
}
