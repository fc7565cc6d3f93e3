// SPDX-License-Identifier: MIT

import Digest
import Glibc
import Unix

/// Where the last event about each hash is in a part of `keys.log`.
///
///     index = header *line ; sorted by hash, see `KeyIndexLine`
///     header = "edgefilter-keys-index 2 covers " END " of keys.log, " identity SP COUNT [" from " START]
///              *SP crc LF ; 128 bytes, numbers of 15 digits
///
/// Derived: whatever is wrong with it, `keys.log` knows better.
final class KeyIndex {
    private let file: KeyFile
    /// Where the part of `keys.log` begins that it knows.
    let start: Int
    /// And where it ends.
    let covers: Int
    /// Lines after the header.
    let count: Int
    private let identity: [UInt8]
    /// Which file it is.
    let standing: Standing

    private static let title = Array("edgefilter-keys-index 2 covers ".utf8)
    private static let middle = Array(" of keys.log, ".utf8)
    private static let from = Array(" from ".utf8)
    private static let identityDigits = 16
    private static let countPlace =
        title.count + KeyIndexLine.offsetDigits + middle.count + identityDigits + 1
    private static let fromPlace = countPlace + KeyIndexLine.offsetDigits

    /// Nil: there is none, or none of this `keys.log` as it is now.
    init?(_ path: String, of log: KeyFile, size: Int) throws(Errno) {
        // Whatever lies in its place, or cannot be read, is no index.
        guard let file = try? KeyFile(path) else { return nil }
        var header = [UInt8](repeating: 0, count: KeyIndexLine.size)
        standing = try Standing(of: file.file.number)
        let length = standing.size
        guard try file.read(at: 0, into: &header, from: 0, count: header.count) == header.count,
            header.span.isIntact, header.starts(with: KeyIndex.title), length % KeyIndexLine.size == 0
        else { return nil }
        let place = KeyIndex.title.count + KeyIndexLine.offsetDigits
        guard let covers = header.span.decimal(KeyIndex.title.count..<place), covers <= size,
            header[place...].starts(with: KeyIndex.middle), let start = KeyIndex.start(header),
            start <= covers
        else { return nil }
        count = length / KeyIndexLine.size - 1
        identity = Array(header[..<(KeyIndex.countPlace - 1)].suffix(KeyIndex.identityDigits))
        guard identity.elementsEqual(try KeyIndex.identity(of: log, covers)),
            header.span.decimal(KeyIndex.countPlace..<KeyIndex.fromPlace) == count
        else { return nil }
        self.file = file
        (self.start, self.covers) = (start, covers)
    }

    /// Whether a log still begins with what it knows.
    func fits(_ log: KeyFile) throws(Errno) -> Bool {
        identity.elementsEqual(try KeyIndex.identity(of: log, covers))
    }

    /// Where the part begins that a header tells of; nil: it does not say.
    private static func start(_ header: [UInt8]) -> Int? {
        let place = fromPlace + from.count
        guard header[fromPlace...].starts(with: from) else { return header[fromPlace] == 0x20 ? 0 : nil }
        return header.span.decimal(place..<(place + KeyIndexLine.offsetDigits))
    }

    /// What the first line says of an index of so many lines about a part of a log.
    static func header(
        covering part: Range<Int>, of log: KeyFile, count: Int
    ) throws(Errno) -> [UInt8] {
        var line = title
        line.appendDecimal(part.upperBound, digits: KeyIndexLine.offsetDigits)
        line += middle
        line += try identity(of: log, part.upperBound)
        line.append(0x20)
        line.appendDecimal(count, digits: KeyIndexLine.offsetDigits)
        if part.lowerBound > 0 {
            line += from
            line.appendDecimal(part.lowerBound, digits: KeyIndexLine.offsetDigits)
        }
        line.endLine(from: 0)
        return line
    }

    /// What tells one `keys.log` from another: its first bytes, and the last ones before a place.
    private static func identity(of log: KeyFile, _ covers: Int) throws(Errno) -> ArraySlice<UInt8> {
        let room = min(covers, 256)
        var bytes = [UInt8](repeating: 0, count: 2 * room)
        _ = try log.read(at: 0, into: &bytes, from: 0, count: room)
        _ = try log.read(at: covers - room, into: &bytes, from: room, count: room)
        return Base16.digits(of: Hash.sha256(bytes)).prefix(identityDigits)
    }

    /// What the index says of a hash.
    enum Answer { case at(Int), missing, damaged }

    /// More lines than this no part of an honest index has.
    private static let partLimit = 64

    /// Two short reads, however many lines there are: of the line that tells where the hash's part begins, and
    /// of the part.
    ///
    /// `hash`: 64 hex digits.
    func find(_ hash: [UInt8]) throws(Errno) -> Answer {
        guard count > 0, hash.count == 64, let word = KeyIndexLine.word(hash.span, 0) else { return .missing }
        let part = KeyFences.part(of: word, among: count)
        var room = [UInt8](repeating: 0, count: 2 * KeyIndexLine.size)
        let isLast = part == count - 1
        guard try read(part..<(isLast ? part + 1 : part + 2), into: &room),
            let start = KeyIndex.fence(0, of: room.span),
            let end = isLast ? count : KeyIndex.fence(1, of: room.span),
            start <= end, end <= count, end - start <= KeyIndex.partLimit
        else { return .damaged }
        if start == end { return .missing }
        if end - start > 2 { room = [UInt8](repeating: 0, count: (end - start) * KeyIndexLine.size) }
        guard try read(start..<end, into: &room) else { return .damaged }
        return KeyIndex.look(for: hash, in: room.span, lines: end - start)
    }

    private func read(_ lines: Range<Int>, into room: inout [UInt8]) throws(Errno) -> Bool {
        let bytes = lines.count * KeyIndexLine.size
        let place = (lines.lowerBound + 1) * KeyIndexLine.size
        return try file.read(at: place, into: &room, from: 0, count: bytes) == bytes
    }

    /// An altered line may be the one that is looked for.
    private static func look(for hash: [UInt8], in window: Span<UInt8>, lines: Int) -> Answer {
        var isWhole = true
        for number in 0..<lines {
            let line = window.extracting(range(number))
            isWhole = isWhole && line.isIntact
            guard line.order(of: hash, at: 0) == 0 else { continue }
            return line.isIntact
                ? line.decimal(KeyIndexLine.offsetPlace).map { .at($0) } ?? .damaged : .damaged
        }
        return isWhole ? .missing : .damaged
    }

    private static func line(_ number: Int, of window: Span<UInt8>) -> KeyIndexLine? {
        KeyIndexLine(window.extracting(range(number)))
    }

    private static func range(_ number: Int) -> Range<Int> {
        (number * KeyIndexLine.size)..<((number + 1) * KeyIndexLine.size)
    }

    /// Where a part begins; nil: the line is altered.
    private static func fence(_ number: Int, of window: Span<UInt8>) -> Int? {
        let line = window.extracting(range(number))
        return line.isIntact ? line.decimal(KeyIndexLine.fencePlace) : nil
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
