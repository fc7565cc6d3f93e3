// SPDX-License-Identifier: MIT

import Glibc
import Unix

/// `keys.index`: where the last event about each hash is in `keys.log`, as far as it covers that.
///
///     index = header *line ; sorted by hash, see `KeyIndexLine`
///     header = "edgefilter-keys-index 1 covers " BYTES " of keys.log, " identity *SP crc LF ; 128 bytes
///
/// Derived: whatever is wrong with it, `keys.log` knows better.
final class KeyIndex {
    private let file: KeyFile
    /// Bytes of `keys.log` that it knows.
    let covers: Int
    /// Lines after the header.
    let count: Int
    /// Which file it is.
    let standing: Standing

    private static let start = Array("edgefilter-keys-index 1 covers ".utf8)
    private static let middle = Array(" of keys.log, ".utf8)
    private static let identityDigits = 16

    /// Nil: there is none, or none of this `keys.log` as it is now.
    init?(_ path: String, of log: KeyFile, size: Int) throws(Errno) {
        // Whatever lies in its place, or cannot be read, is no index.
        guard let file = try? KeyFile(path) else { return nil }
        var header = [UInt8](repeating: 0, count: KeyIndexLine.size)
        standing = try Standing(of: file.file.number)
        let length = standing.size
        guard try file.read(at: 0, into: &header, from: 0, count: header.count) == header.count,
            header.span.isSealed, header.starts(with: KeyIndex.start), length % KeyIndexLine.size == 0
        else { return nil }
        let place = KeyIndex.start.count + KeyIndexLine.offsetDigits
        guard let covers = header.span.decimal(KeyIndex.start.count..<place), covers <= size,
            header[place...].starts(with: KeyIndex.middle)
        else { return nil }
        let rest = header[(place + KeyIndex.middle.count)...]
        let claimed = rest.dropFirst(KeyIndex.identityDigits + 1).prefix(KeyIndexLine.offsetDigits)
        count = length / KeyIndexLine.size - 1
        guard rest.prefix(KeyIndex.identityDigits).elementsEqual(try KeyIndex.identity(of: log, covers)),
            claimed.span.decimal(0..<claimed.count) == count
        else { return nil }
        self.file = file
        self.covers = covers
    }

    /// What the first line says of an index of so many lines.
    static func header(covering covers: Int, of log: KeyFile, count: Int) throws(Errno) -> [UInt8] {
        var line = start
        line.appendDecimal(covers, digits: KeyIndexLine.offsetDigits)
        line += middle
        line += try identity(of: log, covers)
        line.append(0x20)
        line.appendDecimal(count, digits: KeyIndexLine.offsetDigits)
        line.seal(from: 0)
        return line
    }

    /// What tells one `keys.log` from another: its first bytes, and the last ones before a place.
    private static func identity(of log: KeyFile, _ covers: Int) throws(Errno) -> ArraySlice<UInt8> {
        let room = min(covers, 256)
        var bytes = [UInt8](repeating: 0, count: 2 * room)
        _ = try log.read(at: 0, into: &bytes, from: 0, count: room)
        _ = try log.read(at: covers - room, into: &bytes, from: room, count: room)
        return hexDigits(sha256(bytes)).prefix(identityDigits)
    }

    /// What the index says of a hash.
    enum Answer { case at(Int), missing, damaged }

    /// Lines read at once.
    private static let windowLines = 32

    /// Interpolates: hashes are evenly spread, so that two or three reads do, however many there are.
    ///
    /// `hash`: 64 hex digits.
    func find(_ hash: [UInt8]) throws(Errno) -> Answer {
        guard let word = KeyIndexLine.word(hash.span, 0), hash.count == 64 else { return .missing }
        var bounds = (low: 0, high: count, first: UInt64.min, last: UInt64.max)
        var window = [UInt8](repeating: 0, count: KeyIndex.windowLines * KeyIndexLine.size)
        var reads = 0
        while bounds.low < bounds.high {
            reads += 1
            let guess = KeyIndex.guess(word, bounds, isEven: reads <= 8)
            let least = min(guess - KeyIndex.windowLines / 2, bounds.high - KeyIndex.windowLines)
            let start = max(bounds.low, least)
            let lines = min(KeyIndex.windowLines, bounds.high - start)
            let bytes = lines * KeyIndexLine.size
            let place = (start + 1) * KeyIndexLine.size
            guard try file.read(at: place, into: &window, from: 0, count: bytes) == bytes else {
                return .damaged
            }
            switch KeyIndex.look(for: hash, in: window.span.extracting(0..<bytes), &bounds) {
            case .found(let offset): return .at(offset)
            case .between: return .missing
            case .damaged: return .damaged
            case .before: bounds.high = start
            case .after: bounds.low = start + lines
            }
        }
        return .missing
    }

    private typealias Bounds = (low: Int, high: Int, first: UInt64, last: UInt64)

    private static func guess(_ word: UInt64, _ bounds: Bounds, isEven: Bool) -> Int {
        let middle = bounds.low + (bounds.high - bounds.low) / 2
        guard isEven, bounds.first < bounds.last else { return middle }
        let share = Double(word &- bounds.first) / Double(bounds.last - bounds.first)
        return bounds.low + Int(share * Double(bounds.high - bounds.low))
    }

    private enum Place { case found(Int), between, before, after, damaged }

    /// Narrows the bounds by what the lines of a window say.
    ///
    /// Whichever line led astray is one of the two that are left at the end: only of them the sums are looked
    /// at.
    private static func look(for hash: [UInt8], in window: Span<UInt8>, _ bounds: inout Bounds) -> Place {
        var (low, high) = (0, window.count / KeyIndexLine.size)
        let last = high
        while low < high {
            let middle = low + (high - low) / 2
            let order = window.order(of: hash, at: middle * KeyIndexLine.size)
            if order == 0 { return offset(middle, of: window).map { .found($0) } ?? .damaged }
            if order < 0 { high = middle } else { low = middle + 1 }
        }
        if low > 0 {
            guard let word = word(low - 1, of: window), word >= bounds.first else { return .damaged }
            bounds.first = word
        }
        if low < last {
            guard let word = word(low, of: window), word <= bounds.last else { return .damaged }
            bounds.last = word
        }
        return low == 0 ? .before : low == last ? .after : .between
    }

    private static func line(_ number: Int, of window: Span<UInt8>) -> KeyIndexLine? {
        KeyIndexLine(window.extracting(range(number)))
    }

    private static func range(_ number: Int) -> Range<Int> {
        (number * KeyIndexLine.size)..<((number + 1) * KeyIndexLine.size)
    }

    /// A hash's first word; nil: the line is altered.
    private static func word(_ number: Int, of window: Span<UInt8>) -> UInt64? {
        let line = window.extracting(range(number))
        return line.isSealed ? KeyIndexLine.word(line, 0) : nil
    }

    /// Where in `keys.log` a line points; nil: it is altered.
    private static func offset(_ number: Int, of window: Span<UInt8>) -> Int? {
        let line = window.extracting(range(number))
        return line.isSealed ? line.decimal(KeyIndexLine.offsetPlace) : nil
    }

    /// Gives every line in order; false: the index is damaged there.
    func eachLine(_ take: (KeyIndexLine) -> Bool) throws(Errno) -> Bool {
        var isWhole = true
        var last: KeyIndexLine?
        let end = (count + 1) * KeyIndexLine.size
        try file.eachBlock(from: KeyIndexLine.size, to: end) { _, block in
            isWhole = isWhole && block.count % KeyIndexLine.size == 0
            for number in 0..<(block.count / KeyIndexLine.size) where isWhole {
                guard let line = KeyIndex.line(number, of: block), last.map({ $0 < line }) ?? true else {
                    isWhole = false
                    break
                }
                last = line
                if !take(line) { return false }
            }
            return isWhole
        }
        return isWhole
    }
}
