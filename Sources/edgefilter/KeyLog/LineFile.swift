// SPDX-License-Identifier: MIT

import CUnix
import Glibc
import Unix

/// The lines of a file that grows: read in large pieces, in constant memory.
struct LineFile: ~Copyable {
    let file: Descriptor

    /// Bytes read at once: more than any line.
    private static let pieceSize = 256 << 10

    /// A line as `take` gets it.
    struct Place {
        /// Where it begins.
        let offset: Int
        /// Whether it has its newline; the last one may not have it yet.
        let isWhole: Bool
    }

    /// Whatever lies there instead of a file, nobody waits for it.
    ///
    /// `flags`: those of open(2).
    init(_ path: String, _ flags: Int32 = O_RDONLY) throws(Errno) {
        file = try Descriptor.open(path, flags | O_NONBLOCK)
    }

    /// Its length now.
    var size: Int {
        get throws(Errno) {
            var status = stat()
            _ = try system("fstat") { Int(unsafe fstat(file.number, &status)) }
            return Int(status.st_size)
        }
    }

    /// Gives every line that is not empty between two places, without its newline; false from `take` ends it.
    ///
    /// Of a line that is far too long nothing is given: an empty one stands for it. `start` is the beginning
    /// of a line. The answer is the place behind the last newline.
    func each(
        from start: Int, to end: Int = .max, _ take: (Span<UInt8>, Place) -> Bool
    ) throws(Errno) -> Int {
        var pieces = Pieces(start)
        var room = [UInt8](repeating: 0, count: LineFile.pieceSize)
        while true {
            let count = try fill(&room, from: pieces.used, at: pieces.next, upTo: end)
            if count == 0 { break }
            pieces.note(count)
            if !pieces.cut(room.span, take) { return pieces.covered }
            pieces.moveRest(in: &room)
        }
        return pieces.finish(room.span, take)
    }

    private func fill(
        _ room: inout [UInt8], from used: Int, at offset: Int, upTo end: Int
    ) throws(Errno) -> Int {
        let count = min(room.count - used, end - offset)
        guard count > 0 else { return 0 }
        return try File.read(file.number, at: offset, into: &room, used..<used + count)
    }

    /// At most `count` bytes from a place on.
    func bytes(_ count: Int, at offset: Int) throws(Errno) -> [UInt8] {
        var room = [UInt8](repeating: 0, count: count)
        let filled = try fill(&room, from: 0, at: offset, upTo: .max)
        return Array(room.prefix(filled))
    }
}

/// Where we are between pieces of a file and its lines.
private struct Pieces {
    /// Where in the file the room's first byte is.
    private(set) var offset: Int
    /// Bytes in the room.
    private(set) var used = 0
    /// The first byte that belongs to no line given yet.
    private var start = 0
    /// Whether we are inside a line that is too long.
    private var isSkipping = false
    /// The place behind the last newline.
    private(set) var covered: Int

    init(_ offset: Int) { (self.offset, covered) = (offset, offset) }

    /// Where in the file to go on reading.
    var next: Int { offset + used }

    mutating func note(_ count: Int) { used += count }

    /// Gives the lines that are whole.
    mutating func cut(_ room: Span<UInt8>, _ take: (Span<UInt8>, LineFile.Place) -> Bool) -> Bool {
        skipEmpty(room)
        while let end = newline(room) {
            let line = isSkipping ? end..<end : start..<end
            let isWanted = isSkipping || end > start
            let place = LineFile.Place(offset: offset + line.lowerBound, isWhole: true)
            (isSkipping, start, covered) = (false, end + 1, offset + end + 1)
            if isWanted, !take(room.extracting(line), place) { return false }
            skipEmpty(room)
        }
        // No end is in sight: nothing of ours is that long.
        if start == 0, used == room.count { (isSkipping, start) = (true, used) }
        return true
    }

    /// A file may hold nothing else.
    private mutating func skipEmpty(_ room: Span<UInt8>) {
        guard !isSkipping else { return }
        while start < used, room[start] == 0x0A { start += 1 }
        covered = max(covered, offset + start)
    }

    private func newline(_ room: Span<UInt8>) -> Int? {
        guard start < used else { return nil }
        return unsafe room.withUnsafeBytes { bytes -> Int? in
            guard let base = bytes.baseAddress,
                let found = unsafe memchr(base + start, 0x0A, used - start)
            else { return nil }
            return unsafe UnsafeRawPointer(found) - base
        }
    }

    /// What is left goes to the front.
    mutating func moveRest(in room: inout [UInt8]) {
        let rest = used - start
        if start > 0, rest > 0 {
            unsafe room.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                unsafe _ = memmove(base, base + start, rest)
            }
        }
        offset += start
        (start, used) = (0, rest)
    }

    /// Gives the last line, which has no newline.
    func finish(_ room: Span<UInt8>, _ take: (Span<UInt8>, LineFile.Place) -> Bool) -> Int {
        if used > 0 || isSkipping {
            let line = isSkipping ? 0..<0 : 0..<used
            _ = take(room.extracting(line), LineFile.Place(offset: offset, isWhole: false))
        }
        return covered
    }
}
