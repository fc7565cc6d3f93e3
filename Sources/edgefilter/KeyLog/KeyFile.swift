// SPDX-License-Identifier: MIT

import CUnix
import Glibc
import Unix

/// A file of lines, open for reading at any place; it may grow while we read.
final class KeyFile {
    let file: Descriptor
    /// What is read at once: whole lines are looked at where they lie.
    private var window: [UInt8] = []

    /// Bytes read at once.
    static let windowSize = 65536

    /// The file at a path; ENOENT: there is none.
    ///
    /// A link or anything but a plain file is refused.
    init(_ path: String, _ flags: Int32 = O_RDONLY) throws(Errno) {
        let file = try Descriptor.open(path, flags | O_NOFOLLOW | O_NONBLOCK)
        let kind = try Standing(of: file.number).kind
        self.file = file
        guard kind == S_IFREG else { throw Errno(EINVAL, in: "open \(path)") }
    }

    /// Nil: there is none.
    static func open(_ path: String, _ flags: Int32 = O_RDONLY) throws(Errno) -> KeyFile? {
        do throws(Errno) {
            return try KeyFile(path, flags)
        } catch {
            if error.number == ENOENT { return nil }
            throw error
        }
    }

    /// Its length now.
    var size: Int { get throws(Errno) { try Standing(of: file.number).size } }

    /// Fills `bytes` from `start` on with what is at `offset`; says how many there were, fewer only at the
    /// end.
    func read(at offset: Int, into bytes: inout [UInt8], from start: Int, count: Int) throws(Errno) -> Int {
        try File.read(file.number, at: offset, into: &bytes, start..<start + count)
    }

    /// Gives whole lines between two places, many at once, with the place of the first; the last one may lack
    /// its newline.
    ///
    /// What is longer than a line may be comes in pieces. `take` says whether it wants more.
    func eachBlock(
        from start: Int, to end: Int, by step: Int = windowSize,
        _ take: (_ offset: Int, _ lines: Span<UInt8>) -> Bool
    ) throws(Errno) {
        var window: [UInt8] = []
        swap(&window, &self.window)
        defer { swap(&window, &self.window) }
        let room = KeyFile.windowSize + KeyEvent.lineLimit
        if window.isEmpty { window = [UInt8](repeating: 0, count: room) }
        var offset = start
        var kept = 0
        while offset + kept < end {
            let wanted = min(step, room - kept, end - offset - kept)
            let count = kept + (try read(at: offset + kept, into: &window, from: kept, count: wanted))
            if count == kept { break }
            let isLast = offset + count >= end
            var whole = isLast ? count : (window.span.lastNewline(before: count) ?? -1) + 1
            if count - whole > KeyEvent.lineLimit { whole = count }
            if whole > 0, !take(offset, window.span.extracting(0..<whole)) { return }
            window.move(whole..<count)
            offset += whole
            kept = count - whole
        }
    }

    /// Gives every line that is not empty, without its newline, and its place, as long as `take` wants more.
    func eachLine(
        from start: Int, to end: Int, by step: Int = windowSize,
        _ take: (_ offset: Int, _ line: Span<UInt8>) -> Bool
    ) throws(Errno) {
        try eachBlock(from: start, to: end, by: step) { offset, block in
            var place = 0
            while place < block.count {
                // A file may hold nothing else.
                if block[place] == 0x0A {
                    place += 1
                    continue
                }
                let stop = block.find(KeyFile.newline, from: place) ?? block.count
                if !take(offset + place, block.extracting(place..<stop)) { return false }
                place = stop + 1
            }
            return true
        }
    }

    static let newline: [UInt8] = [0x0A]
}

extension [UInt8] {
    /// Moves some bytes to the front.
    fileprivate mutating func move(_ range: Range<Int>) {
        guard range.lowerBound > 0, !range.isEmpty else { return }
        unsafe withUnsafeMutableBytes {
            guard let base = $0.baseAddress else { return }
            unsafe memmove(base, base + range.lowerBound, range.count)
        }
    }
}

extension Span<UInt8> {
    /// Where `needle` first is from `start` on.
    func find(_ needle: [UInt8], from start: Int) -> Int? {
        let found = unsafe withUnsafeBytes { bytes in
            unsafe needle.withUnsafeBytes {
                unsafe cunix_find(bytes.baseAddress, bytes.count, start, $0.baseAddress, $0.count)
            }
        }
        return found < 0 ? nil : found
    }

    /// How the 64 bytes of `hash` compare with those at a place: below 0 when they come first.
    func order(of hash: [UInt8], at place: Int) -> Int {
        unsafe withUnsafeBytes { bytes in
            unsafe hash.withUnsafeBytes { hash in
                guard let base = bytes.baseAddress, let other = hash.baseAddress else { return 0 }
                return Int(unsafe memcmp(other, base + place, hash.count))
            }
        }
    }

    /// Where the last newline is before `end`.
    func lastNewline(before end: Int) -> Int? {
        let found = unsafe withUnsafeBytes { unsafe cunix_find_last($0.baseAddress, end, 0x0A) }
        return found < 0 ? nil : found
    }
}
