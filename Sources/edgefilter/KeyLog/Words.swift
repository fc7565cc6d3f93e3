// SPDX-License-Identifier: MIT

import CUnix
import Glibc
import Unix

/// Shared words of 64 bits, all of whose writers are equals: no lock, and none that dies holds another up.
///
/// An index outside is nobody's word: reading it gives 0, writing does nothing. Content may be anything.
@safe struct Words: @unchecked Sendable {
    private let base: UnsafeMutablePointer<UInt64>
    let count: Int

    /// `base`: aligned to 8 bytes, with room for `count` words, there as long as the process.
    init(_ base: UnsafeMutableRawPointer, count: Int) {
        unsafe self.base = unsafe base.assumingMemoryBound(to: UInt64.self)
        self.count = count
    }

    subscript(_ index: Int) -> UInt64 {
        get {
            guard (0..<count).contains(index) else { return 0 }
            return unsafe cunix_read_word(base + index)
        }
        nonmutating set {
            guard (0..<count).contains(index) else { return }
            unsafe cunix_publish_word(base + index, newValue)
        }
    }

    /// Adds, and wraps around.
    func add(_ number: Int, at index: Int) {
        guard number != 0, (0..<count).contains(index) else { return }
        unsafe cunix_add_word(base + index, UInt64(bitPattern: Int64(number)))
    }

    /// Puts a word in the place of the one that was read; false: another came first.
    func swap(_ old: UInt64, for new: UInt64, at index: Int) -> Bool {
        guard (0..<count).contains(index) else { return false }
        return unsafe cunix_swap_word(base + index, old, new) != 0
    }

    /// Changes a word by what stands there, until nobody comes between; the answer is what `change` said
    /// last.
    ///
    /// `change`: the new word, nil: it stays.
    func update<Result>(_ index: Int, _ change: (UInt64) -> (word: UInt64?, result: Result)) -> Result {
        while true {
            let old = self[index]
            let (word, result) = change(old)
            guard let word, (0..<count).contains(index) else { return result }
            if swap(old, for: word, at: index) { return result }
        }
    }

    /// A part of them.
    func part(_ range: Range<Int>) -> Words {
        let range = range.clamped(to: 0..<count)
        return unsafe Words(UnsafeMutableRawPointer(base + range.lowerBound), count: range.count)
    }

    /// Words of a file, to be unmapped by whoever maps them.
    init(mapping number: Int32, at start: Int, size: Int) throws(Errno) {
        let base = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, number, off_t(start))
        guard let base = unsafe base, unsafe base != MAP_FAILED else { throw Errno(errno, in: "mmap") }
        unsafe self.init(base, count: size / 8)
    }

    /// Ends the use of words that were mapped alone.
    func unmap() { unsafe munmap(base, count * 8) }
}
