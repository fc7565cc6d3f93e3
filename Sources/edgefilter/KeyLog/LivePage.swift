// SPDX-License-Identifier: MIT

import CUnix
import Glibc
package import Unix

/// Memory that the acceptor, its handlers and the tools share, in a file on a tmpfs, or without a name: one
/// slot a connection, what keys and addresses used, and what is counted.
///
/// Nobody trusts what another wrote there: no index and no length is taken from it unchecked. A handler locks
/// its slot's bytes; the kernel unlocks them at its death. Counters and windows are words that all write
/// without a lock.
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
        try self.init(try LivePage.open(path, in: directory), path: path)
    }

    /// Opens the page, and makes it when it is missing.
    ///
    /// Many may do so at once: what stands under the name is always whole, and all get the same.
    private static func open(_ path: String, in directory: String) throws(Errno) -> Descriptor {
        for _ in 0..<tries {
            do throws(Errno) {
                let file = try Descriptor.open(path, O_RDWR)
                if isFit(file.number) { return file }
                removeUnfit(path, file.number)
            } catch {
                guard error.number == ENOENT else { throw error }
                try make(path, in: directory)
            }
        }
        throw Errno(EBUSY, in: "live page")
    }

    private static let tries = 1000

    private static func make(_ path: String, in directory: String) throws(Errno) {
        let draft = "\(path).\(randomName())"
        let file = try Descriptor.open(draft, O_RDWR | O_CREAT | O_EXCL)
        defer { unsafe unlink(draft) }
        adopt(file.number, in: directory)
        _ = try system("ftruncate") { Int(ftruncate(file.number, off_t(Region.size))) }
        let written = unsafe Header.mark.withUnsafeBytes {
            unsafe pwrite(file.number, $0.baseAddress, $0.count, 0)
        }
        guard written == Header.mark.count * 8 else { throw Errno(ENOSPC, in: "pwrite") }
        if unsafe link(draft, path) < 0, errno != EEXIST { throw Errno(errno, in: "link") }
    }

    /// Takes the name from a page of another version: one of those who see it, and nobody from a page that
    /// came since.
    private static func removeUnfit(_ path: String, _ number: Int32) {
        guard cunix_lock(number, 0, 1) == 0, let now = try? Descriptor.open(path, O_RDONLY),
            isSame(now.number, number)
        else { return }
        unsafe unlink(path)
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
