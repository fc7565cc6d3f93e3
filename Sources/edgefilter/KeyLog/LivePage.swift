// SPDX-License-Identifier: MIT

import CUnix
import Glibc
package import Unix

/// Memory that the acceptor and its handlers share: one slot a connection, in a file on a tmpfs, or without a name.
///
///     page = magic version *fill *slot ; each 512 bytes, see `Slot`
///
/// Nobody trusts what another wrote there. A handler locks its slot's bytes; the kernel unlocks them at its death.
package struct LivePage: Sendable {
    /// Slots in a page: more connections than this there cannot be.
    package static let count = 16384

    private static let mark: [UInt32] = [0x6566_6C70, 1]
    private static let size = Slot.size * (count + 1)

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

    /// The nameless page that the image before us left open.
    package init(inherited number: Int32) throws(Errno) {
        try self.init(Descriptor(number), path: nil)
    }

    private init(_ file: consuming Descriptor, path: String?) throws(Errno) {
        let number = file.number
        _ = try system("ftruncate") { Int(ftruncate(number, off_t(LivePage.size))) }
        let base = unsafe mmap(nil, LivePage.size, PROT_READ | PROT_WRITE, MAP_SHARED, number, 0)
        guard let base = unsafe base, unsafe base != MAP_FAILED else { throw Errno(errno, in: "mmap") }
        unsafe memory = Memory(base: base)
        self.path = path
        self.number = file.release()
        for (index, word) in LivePage.mark.enumerated() {
            unsafe base.storeBytes(of: word, toByteOffset: index * 4, as: UInt32.self)
        }
    }

    /// Whether the file is a page of this version.
    private static func isFit(_ path: String) -> Bool {
        guard let file = try? Descriptor.open(path, O_RDONLY), lseek(file.number, 0, SEEK_END) == size else {
            return false
        }
        lseek(file.number, 0, SEEK_SET)
        var head = Buffer()
        _ = try? head.receive(from: file.number, isSocket: false, limit: mark.count * 4)
        let bytes = head.span.array
        guard bytes.count == mark.count * 4 else { return false }
        return mark.indices.allSatisfy { index in
            bytes[(index * 4)..<(index * 4 + 4)].reversed().reduce(0) { $0 << 8 | UInt32($1) } == mark[index]
        }
    }

    /// Whether the page has a name, under which another process finds it.
    package var isNamed: Bool { path != nil }

    private static let usedOffset = 8

    /// No slot from this one on was ever used: looking at it would only make memory of a hole.
    package var used: Int {
        min(
            Int(unsafe memory.base.load(fromByteOffset: LivePage.usedOffset, as: UInt32.self)), LivePage.count
        )
    }

    /// A slot is about to be used.
    package func noteUse(of index: Int) {
        guard index >= used else { return }
        unsafe memory.base.storeBytes(
            of: UInt32(index + 1), toByteOffset: LivePage.usedOffset, as: UInt32.self)
    }

    /// A slot by its number, 0 ..< count.
    package func slot(_ index: Int) -> Slot {
        precondition((0..<LivePage.count).contains(index))
        return unsafe Slot(memory.base + Slot.size * (index + 1))
    }

    /// Takes a slot for this process until its end: locked under an open of its own, since a fork shares
    /// those of its parent.
    ///
    /// False: another holds it.
    package func lock(_ index: Int) -> Bool {
        guard let path else { return true }
        guard let own = try? Descriptor.open(path, O_RDWR) else { return true }
        return cunix_lock(own.release(), LivePage.offset(index), Int64(Slot.size)) == 0
    }

    /// Whether a living handler holds the slot.
    package func isLocked(_ index: Int) -> Bool {
        path != nil && cunix_is_locked(number, LivePage.offset(index), Int64(Slot.size)) != 0
    }

    private static func offset(_ index: Int) -> Int64 { Int64(Slot.size * (index + 1)) }
}
