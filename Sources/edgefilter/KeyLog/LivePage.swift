// SPDX-License-Identifier: MIT

import CUnix
import Glibc
package import Unix

/// Memory that the acceptor, its handlers and the tools share, in a file on a tmpfs, or without a name: one slot a
/// connection, what keys and addresses used, and what is counted.
///
/// Nobody trusts what another wrote there: no index and no length is taken from it unchecked. A handler locks its slot's
/// bytes; the kernel unlocks them at its death. Counters and windows are words that all write without a lock.
package struct LivePage: Sendable {
    /// Slots in a page: more connections than this there cannot be.
    package static let count = 16384

    @safe private struct Memory: @unchecked Sendable {
        let base: UnsafeMutableRawPointer
    }

    private let memory: Memory
    /// For looking at locks; this open of the file never holds one.
    package let number: Int32
    /// Where the file is; nil: it has no name, and the page dies with its processes.
    private let path: String?

    /// The page in a directory, or without a name.
    ///
    /// A file of another version is replaced: processes that know it keep it.
    package init(in directory: String?) throws(Errno) {
        guard let directory else {
            try self.init(
                Descriptor(Int32(try system("memfd_create") { Int(unsafe cunix_memory("live")) })), path: nil)
            return
        }
        let path = "\(directory)/live"
        if !LivePage.isFit(path), File.exists(path), unsafe unlink(path) < 0 {
            throw Errno(errno, in: "unlink")
        }
        try self.init(try Descriptor.open(path, O_RDWR | O_CREAT), path: path)
    }

    /// The nameless page that the image before us left open; EINVAL when it is of another version.
    package init(inherited number: Int32) throws(Errno) {
        guard LivePage.isFit(number) else {
            Descriptor.close(number)
            throw Errno(EINVAL, in: "live page")
        }
        try self.init(Descriptor(number), path: nil)
    }

    private init(_ file: consuming Descriptor, path: String?) throws(Errno) {
        let number = file.number
        _ = try system("ftruncate") { Int(ftruncate(number, off_t(Region.size))) }
        let base = unsafe mmap(nil, Region.size, PROT_READ | PROT_WRITE, MAP_SHARED, number, 0)
        guard let base = unsafe base, unsafe base != MAP_FAILED else { throw Errno(errno, in: "mmap") }
        unsafe memory = Memory(base: base)
        self.path = path
        self.number = file.release()
        let header = words(Region.header)
        for (index, word) in Header.mark.enumerated() { header[index] = word }
        if header[Header.salt] == 0 {
            let salt = randomBytes(8).reduce(1) { $0 << 8 | UInt64($1) }
            _ = header.swap(0, for: salt | 1, at: Header.salt)
        }
    }

    /// Whether the file is a page of this version.
    private static func isFit(_ path: String) -> Bool {
        guard let file = try? Descriptor.open(path, O_RDONLY) else { return false }
        return isFit(file.number)
    }

    private static func isFit(_ number: Int32) -> Bool {
        guard lseek(number, 0, SEEK_END) == Region.size else { return false }
        lseek(number, 0, SEEK_SET)
        var head = Buffer()
        _ = try? head.receive(from: number, isSocket: false, limit: Header.mark.count * 8)
        let bytes = head.span.array
        guard bytes.count == Header.mark.count * 8 else { return false }
        return Header.mark.indices.allSatisfy { index in
            bytes[(index * 8)..<(index * 8 + 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
                == Header.mark[index]
        }
    }

    /// The words of a region.
    func words(_ region: Range<Int>) -> Words {
        unsafe Words(memory.base + region.lowerBound * 8, count: region.count)
    }

    /// Whether the page has a name, under which another process finds it.
    package var isNamed: Bool { path != nil }

    /// No slot from this one on was ever used: looking at it would only make memory of a hole.
    package var used: Int { Int(min(words(Region.header)[Header.used], UInt64(LivePage.count))) }

    /// A slot is about to be used.
    package func noteUse(of index: Int) {
        words(Region.header).update(Header.used) { ($0 > UInt64(index) ? nil : UInt64(index + 1), ()) }
    }

    /// A slot by its number, 0 ..< count.
    package func slot(_ index: Int) -> Slot {
        precondition((0..<LivePage.count).contains(index))
        return unsafe Slot(memory.base + LivePage.offset(index))
    }

    /// Takes a slot for this process until its end: locked under an open of its own, since a fork shares
    /// those of its parent.
    ///
    /// False: another holds it.
    package func lock(_ index: Int) -> Bool {
        guard let path else { return true }
        guard let own = try? Descriptor.open(path, O_RDWR) else { return true }
        return cunix_lock(own.release(), Int64(LivePage.offset(index)), Int64(Slot.size)) == 0
    }

    /// Whether a living handler holds the slot.
    package func isLocked(_ index: Int) -> Bool {
        path != nil && cunix_is_locked(number, Int64(LivePage.offset(index)), Int64(Slot.size)) != 0
    }

    private static func offset(_ index: Int) -> Int { Region.slots.lowerBound * 8 + Slot.size * index }
}
