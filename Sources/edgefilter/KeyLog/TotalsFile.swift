// SPDX-License-Identifier: MIT

import Glibc
import JSON
import Unix

/// How far totals reach, and how that part of the segment can be recognised.
struct Cover: Equatable, Sendable {
    /// Bytes from the segment's beginning on, up to the end of a line.
    var bytes = 0
    /// The CRC-32C of the first of these, and of the last.
    var head: UInt32 = 0
    var tail: UInt32 = 0

    /// So many bytes are looked at.
    private static let look = 512

    init() {}

    init(_ bytes: Int, of file: borrowing LineFile) throws(Errno) {
        let count = min(bytes, Cover.look)
        self.bytes = bytes
        head = CRC32C.sum(of: try file.bytes(count, at: 0))
        tail = CRC32C.sum(of: try file.bytes(count, at: bytes - count))
    }

    /// Whether the segment begins with what is covered.
    func fits(_ file: borrowing LineFile) throws(Errno) -> Bool {
        guard try file.size >= bytes else { return false }
        return try Cover(bytes, of: file) == self
    }
}

/// The totals of a day as they are on disk: a head, sums in the order of their tags, an end.
///
///     {"covers":BYTES,"of":"requests-20261121.jsonl",…,"rows":N,"crc":…}
///     {"key_id":1,"user":1,"key":"…","endpoint":"…","model":"…","upstream":"…","requests":1,…,"crc":…}
///     {"end":N,"bytes":M,"crc":…}
///
/// What is damaged is noticed when it is read: every line has its sum, and no line can be missing or twice.
struct TotalsFile: ~Copyable {
    private let file: LineFile
    let head: Head
    private let firstRow: Int
    private let end: Int
    /// How long the file is.
    let size: Int

    /// What the first line says.
    struct Head: Equatable {
        var cover = Cover()
        /// The segment was removed, or is about to be: the sums are all that is left of it.
        var isSealed = false
        var counts = Counts()
        var rows = 0
    }

    static let prefix = "totals-"
    /// Members of another meaning get another number.
    static let version = 1

    static func path(_ log: RequestLog, _ day: Day) -> String {
        "\(log.directory)/\(prefix)\(day.compact).jsonl"
    }

    /// Nil: there is none, or none that is whole and that we may read.
    static func open(_ log: RequestLog, _ day: Day) throws(Errno) -> TotalsFile? {
        do throws(Errno) {
            let file = try LineFile(path(log, day))
            guard try Standing(of: file.file.number).kind == S_IFREG else { return nil }
            let size = try file.size
            guard let (head, firstRow) = try head(file, day), let end = try end(file, size, head.rows) else {
                return nil
            }
            return TotalsFile(file: file, head: head, firstRow: firstRow, end: end, size: size)
        } catch {
            if unusable.contains(error.number) { return nil }
            throw error
        }
    }

    /// What opening says of what is not there, is not ours, or is no file: where the segment is, it is summed anew.
    private static let unusable: Set = [ENOENT, EACCES, EPERM, ELOOP, ENXIO]

    private static func head(_ file: borrowing LineFile, _ day: Day) throws(Errno) -> (Head, Int)? {
        var found: (Head, Int)?
        _ = try file.each(from: 0) { line, place in
            let next = place.offset + line.count + 1
            if place.isWhole { found = Head(line, of: day).map { ($0, next) } }
            return false
        }
        return found
    }

    /// Where the last line begins, if it is one; its number of bytes makes a line that is missing or twice
    /// seen.
    private static func end(_ file: borrowing LineFile, _ size: Int, _ rows: Int) throws(Errno) -> Int? {
        let longest = TotalsFile.end(rows, after: size).count
        // The number may have a digit less than that of the whole file.
        for count in [longest, longest - 1] where size > count {
            let start = size - count
            if try file.bytes(count, at: start) == TotalsFile.end(rows, after: start) { return start }
        }
        return nil
    }

    /// The last line, of a file with so many rows and so many bytes before it.
    static func end(_ rows: Int, after bytes: Int) -> [UInt8] {
        var writer = Writer()
        writer.beginObject()
        writer.member("end", rows)
        writer.member("bytes", bytes)
        Checksum.close(&writer)
        return writer.bytes + [0x0A]
    }

    /// Gives every sum; false: the file is damaged, and what was given is not to be trusted.
    func each(_ take: (Tag, Row) -> Void) throws(Errno) -> Bool {
        var reader = RowReader()
        let covered = try file.each(from: firstRow, to: end) { line, _ in
            guard reader.read(line) else { return false }
            take(reader.tag, reader.row)
            return true
        }
        return !reader.isDamaged && reader.count == head.rows && covered == end
    }

    /// Gives the sums of one issued key, found by bisection; false: the file is damaged.
    func each(ofKey keyID: Int, _ take: (Tag, Row) -> Void) throws(Errno) -> Bool {
        guard let start = try find(keyID, firstRow, end) else { return false }
        var reader = RowReader()
        _ = try file.each(from: start, to: end) { line, _ in
            guard reader.read(line), reader.tag.keyID == keyID else { return false }
            take(reader.tag, reader.row)
            return true
        }
        return !reader.isDamaged
    }

    /// Where the first row of a key is, or would be.
    private func find(_ keyID: Int, _ start: Int, _ end: Int) throws(Errno) -> Int? {
        var (low, high) = (start, end)
        while low < high {
            let middle = (low + high) / 2
            guard let row = try row(behind: middle, from: low, to: end) else { return nil }
            // No row begins between the middle and the end: it is one of those before.
            guard row.start < high else {
                high = middle
                continue
            }
            if row.keyID < keyID { low = row.next } else { high = middle <= low ? low : middle }
        }
        return low
    }

    /// The first row that begins at a place or behind it; nil: it is damaged.
    private func row(
        behind place: Int, from low: Int, to end: Int
    ) throws(Errno) -> (start: Int, next: Int, keyID: Int)? {
        let from = place == low ? place : place - 1
        let bytes = try file.bytes(min(2 * Record.lineLimit, end - from), at: from)
        var start = 0
        if place != low {
            guard let newline = bytes.firstIndex(of: 0x0A) else { return nil }
            start = newline + 1
        }
        if from + start >= end { return (end, end, 0) }
        guard let stop = bytes[start...].firstIndex(of: 0x0A) else { return nil }
        var reader = RowReader()
        guard reader.read(bytes.span.extracting(start..<stop)) else { return nil }
        return (from + start, from + stop + 1, reader.tag.keyID)
    }
}

extension TotalsFile.Head {
    /// Nil: it is no head of a day's totals, or of another version.
    init?(_ line: Span<UInt8>, of day: Day) {
        guard Checksum.holds(line), let root = (try? Document(line.array))?.root,
            root["version"]?.int == TotalsFile.version, root["of"]?.string == Self.segment(of: day)
        else { return nil }
        let number = { (name: String) in min(max(0, root[name]?.int ?? 0), Row.limit) }
        (cover.bytes, rows) = (number("covers"), number("rows"))
        cover.head = UInt32(truncatingIfNeeded: number("head"))
        cover.tail = UInt32(truncatingIfNeeded: number("tail"))
        isSealed = number("sealed") == 1
        (counts.lines, counts.torn, counts.altered) = (number("lines"), number("torn"), number("altered"))
        (counts.again, counts.twins) = (number("again"), number("twins"))
    }

    private static func segment(of day: Day) -> String { "\(RequestLog.prefix)\(day.compact).jsonl" }

    /// The line, with its newline.
    func line(of day: Day) -> [UInt8] {
        var writer = Writer()
        writer.beginObject()
        writer.member("covers", cover.bytes)
        writer.member("of", Self.segment(of: day))
        writer.member("head", Int(cover.head))
        writer.member("tail", Int(cover.tail))
        if isSealed { writer.member("sealed", 1) }
        writer.member("lines", counts.lines)
        writer.member("torn", counts.torn)
        writer.member("altered", counts.altered)
        writer.member("again", counts.again)
        writer.member("twins", counts.twins)
        writer.member("rows", rows)
        writer.member("version", TotalsFile.version)
        Checksum.close(&writer)
        return writer.bytes + [0x0A]
    }
}
