// SPDX-License-Identifier: MIT

import CUnix
import Glibc
import Unix

/// A file of lines, open for reading at any place; it may grow while we read.
struct KeyFile: ~Copyable {
    let file: Descriptor

    /// Bytes read at once.
    static let windowSize = 65536

    /// Nil: there is none. A link or anything but a plain file is refused.
    static func open(_ path: String, _ flags: Int32 = O_RDONLY) throws(Errno) -> KeyFile? {
        do throws(Errno) {
            let file = try Descriptor.open(path, flags | O_NOFOLLOW | O_NONBLOCK)
            let kind = try status(of: file.number).st_mode & S_IFMT
            guard kind == S_IFREG else { throw Errno(EINVAL, in: "open \(path)") }
            return KeyFile(file: file)
        } catch {
            if error.number == ENOENT { return nil }
            throw error
        }
    }

    static func status(of number: Int32) throws(Errno) -> stat {
        var status = stat()
        _ = try system("fstat") { Int(unsafe fstat(number, &status)) }
        return status
    }

    /// Its length now.
    var size: Int { get throws(Errno) { Int(try KeyFile.status(of: file.number).st_size) } }

    /// Appends at most `count` bytes from `offset` on to `bytes`; says how many.
    func read(_ count: Int, at offset: Int, into bytes: inout [UInt8]) throws(Errno) -> Int {
        let kept = bytes.count
        var failure: Errno?
        let room = unsafe [UInt8](unsafeUninitializedCapacity: count) { room, filled in
            do throws(Errno) {
                filled = try system("pread") {
                    unsafe pread(file.number, room.baseAddress, count, off_t(offset))
                }
            } catch { failure = error }
        }
        if let failure { throw failure }
        if kept == 0 { bytes = room } else { bytes += room }
        return room.count
    }

    /// Gives whole lines between two places, many at once, with the place of the first; the last one may lack its newline.
    ///
    /// What is longer than a line may be comes in pieces.
    func eachBlock(
        from start: Int, to end: Int, _ take: (_ offset: Int, _ lines: [UInt8]) -> Void
    ) throws(Errno) {
        var block: [UInt8] = []
        var offset = start
        while offset + block.count < end {
            let count = min(KeyFile.windowSize, end - offset - block.count)
            guard try read(count, at: offset + block.count, into: &block) > 0 else { break }
            var whole = KeyFile.lastNewline(block, before: block.count).map { $0 + 1 } ?? 0
            if block.count - whole > KeyEvent.lineLimit { whole = block.count }
            guard whole > 0 else { continue }
            let rest = Array(block[whole...])
            block.removeSubrange(whole...)
            take(offset, block)
            offset += whole
            block = rest
        }
        if !block.isEmpty { take(offset, block) }
    }

    /// Gives every line that is not empty, without its newline, and its place.
    func eachLine(
        from start: Int, to end: Int, _ take: (_ offset: Int, _ line: Span<UInt8>) -> Void
    ) throws(Errno) {
        try eachBlock(from: start, to: end) { offset, block in
            var place = 0
            while place < block.count {
                let stop = KeyFile.find([0x0A], in: block, from: place) ?? block.count
                if stop > place { take(offset + place, block.span.extracting(place..<stop)) }
                place = stop + 1
            }
        }
    }

    /// Where `needle` first is in `bytes` from `start` on.
    static func find(_ needle: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        let found = unsafe bytes.withUnsafeBytes { bytes in
            unsafe needle.withUnsafeBytes {
                unsafe cunix_find(bytes.baseAddress, bytes.count, start, $0.baseAddress, $0.count)
            }
        }
        return found < 0 ? nil : found
    }

    static func lastNewline(_ bytes: [UInt8], before end: Int) -> Int? {
        let found = unsafe bytes.withUnsafeBytes { unsafe cunix_find_last($0.baseAddress, end, 0x0A) }
        return found < 0 ? nil : found
    }

    /// The line around a place in a block, without its newline.
    static func line(around place: Int, in block: [UInt8]) -> Range<Int> {
        let start = lastNewline(block, before: place).map { $0 + 1 } ?? 0
        return start..<(find([0x0A], in: block, from: place) ?? block.count)
    }

    /// The last event between two places of whose line `needle` is a part and that `isWanted`.
    func lastEvent(
        with needle: [UInt8], from start: Int, to end: Int, where isWanted: (KeyEvent) -> Bool
    ) throws(Errno) -> KeyEvent? {
        var last: KeyEvent?
        try eachBlock(from: start, to: end) { _, block in
            var place = 0
            while let found = KeyFile.find(needle, in: block, from: place) {
                let line = KeyFile.line(around: found, in: block)
                if let event = KeyEvent(line: block.span.extracting(line)), isWanted(event) { last = event }
                place = line.upperBound
            }
        }
        return last
    }

    /// The last line's event before a place; nil: there is none.
    func lastEvent(before end: Int) throws(Errno) -> KeyEvent? {
        var stop = end
        while stop > 0 {
            // A line that the window cuts is met whole in the one before it.
            let start = max(0, stop - KeyFile.windowSize)
            var last: KeyEvent?
            try eachLine(from: start, to: stop) { _, line in last = KeyEvent(line: line) ?? last }
            if let last { return last }
            stop = start == 0 ? 0 : start + KeyEvent.lineLimit
        }
        return nil
    }
}
