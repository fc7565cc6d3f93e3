// SPDX-License-Identifier: MIT

import Glibc
import Unix

/// Where in an index which hashes begin: line N bears the number of the first line whose hash lies in the
/// N-th of as many equal parts of all hashes as there are lines.
///
/// Hashes are evenly spread, so a part has a line or two, however many there are; and what tells the place
/// has the sum of its line.
enum KeyFences {
    /// In which of `count` parts a hash lies that begins with `word`.
    static func part(of word: UInt64, among count: Int) -> Int {
        Int(truncatingIfNeeded: word.multipliedFullWidth(by: UInt64(count)).high)
    }

    /// Puts the fences into the lines of an index and the sum of each.
    ///
    /// False: a line is none, or out of order.
    static func write(to file: Int32, count: Int) throws(Errno) -> Bool {
        var lead = Lead(file: file, count: count)
        var block = [UInt8](repeating: 0, count: blockLines * KeyIndexLine.size)
        for start in stride(from: 0, to: count, by: blockLines) {
            let lines = min(blockLines, count - start)
            let (place, size) = ((start + 1) * KeyIndexLine.size, lines * KeyIndexLine.size)
            guard try File.read(file, at: place, into: &block, 0..<size) == size else { return false }
            for line in 0..<lines {
                guard let fence = try lead.first(ofPart: start + line) else { return false }
                block.setFence(fence, at: line * KeyIndexLine.size)
            }
            if lines < blockLines { block.removeSubrange(size...) }
            try File.write(block, to: file, at: place)
        }
        return true
    }

    private static let blockLines = 1024

    /// Goes through the lines ahead of who writes.
    private struct Lead {
        let file: Int32
        let count: Int
        private var next = 0
        private var window = [UInt8](repeating: 0, count: blockLines * KeyIndexLine.size)
        private var loaded = 0..<0

        init(file: Int32, count: Int) { (self.file, self.count) = (file, count) }

        /// The first line in or behind a part; parts are asked for in order.
        ///
        /// nil: a line is none.
        mutating func first(ofPart part: Int) throws(Errno) -> Int? {
            while next < count {
                guard let word = try word(next) else { return nil }
                if KeyFences.part(of: word, among: count) >= part { break }
                next += 1
            }
            return next
        }

        private mutating func word(_ line: Int) throws(Errno) -> UInt64? {
            if !loaded.contains(line) {
                let lines = min(blockLines, count - line)
                let (place, size) = ((line + 1) * KeyIndexLine.size, lines * KeyIndexLine.size)
                guard try File.read(file, at: place, into: &window, 0..<size) == size else { return nil }
                loaded = line..<(line + lines)
            }
            return KeyIndexLine.word(window.span, (line - loaded.lowerBound) * KeyIndexLine.size)
        }
    }
}
