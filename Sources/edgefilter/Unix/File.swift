// SPDX-License-Identifier: MIT

import CUnix
import Glibc

/// Whole small files.
package enum File {
    /// The file's bytes; EFBIG when there are more than `limit`.
    package static func read(_ path: String, limit: Int) throws(Errno) -> [UInt8] {
        let file = try Descriptor.open(path, O_RDONLY)
        return try drain(file.number, limit: limit)
    }

    /// All of what a descriptor can seek in, from its beginning; EFBIG when there is more than `limit`.
    package static func readAll(_ number: Int32, limit: Int) throws(Errno) -> [UInt8] {
        _ = try system("lseek") { Int(lseek(number, 0, SEEK_SET)) }
        return try drain(number, limit: limit)
    }

    /// What is left to read of a descriptor; EFBIG when there is more than `limit`.
    package static func drain(_ number: Int32, limit: Int) throws(Errno) -> [UInt8] {
        var buffer = Buffer()
        while try buffer.receive(from: number, isSocket: false, limit: 65536) > 0 {
            if buffer.count > limit { throw Errno(EFBIG, in: "read") }
        }
        return buffer.span.array
    }

    /// A file without a name that holds these bytes.
    package static func nameless(_ bytes: [UInt8]) throws(Errno) -> Descriptor {
        let file = Descriptor(Int32(try system("memfd_create") { Int(unsafe cunix_memory("edgefilter")) }))
        try write(bytes, to: file.number)
        return file
    }

    /// Writes all of it where the descriptor stands, however many calls that takes.
    ///
    /// A throw means that a part may have been written.
    package static func write(_ bytes: [UInt8], to number: Int32) throws(Errno) {
        try unsafe writeAll(bytes, "write") { unsafe Glibc.write(number, $0, $1) }
    }

    /// The same at a place, which must be possible.
    package static func write(_ bytes: [UInt8], to number: Int32, at place: Int) throws(Errno) {
        var place = place
        try unsafe writeAll(bytes, "pwrite") { piece, count in
            let written = unsafe pwrite(number, piece, count, off_t(place))
            place += max(0, written)
            return written
        }
    }

    private static func writeAll(
        _ bytes: [UInt8], _ call: String, _ write: (UnsafeRawPointer, Int) -> Int
    ) throws(Errno) {
        var done = 0
        while done < bytes.count {
            let written = try system(call) { unsafe some(of: bytes, from: done, write) }
            // A call that takes nothing and does not say why would take nothing for ever.
            guard written > 0 else { throw Errno(ENOSPC, in: call) }
            done += written
        }
    }

    private static func some(
        of bytes: [UInt8], from start: Int, _ write: (UnsafeRawPointer, Int) -> Int
    ) -> Int {
        unsafe bytes.withUnsafeBytes { all in
            guard let base = all.baseAddress else { return 0 }
            return unsafe write(base + start, all.count - start)
        }
    }

    /// Fills a part of `bytes` with what a file has at a place; says how many there were, fewer only at its
    /// end.
    package static func read(
        _ number: Int32, at place: Int, into bytes: inout [UInt8], _ part: Range<Int>
    ) throws(Errno) -> Int {
        var rest = part
        while !rest.isEmpty {
            let offset = place + rest.lowerBound - part.lowerBound
            let more = try system("pread") { piece(number, offset, &bytes, rest) }
            if more == 0 { break }
            rest = rest.lowerBound + more..<part.upperBound
        }
        return rest.lowerBound - part.lowerBound
    }

    private static func piece(
        _ number: Int32, _ offset: Int, _ bytes: inout [UInt8], _ part: Range<Int>
    ) -> Int {
        unsafe bytes.withUnsafeMutableBytes { all in
            guard let base = all.baseAddress else { return 0 }
            return unsafe pread(number, base + part.lowerBound, part.count, off_t(offset))
        }
    }

    /// The file's length; nil: there is none.
    package static func size(_ path: String) -> Int? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    /// The path without any link; nil: nothing is there.
    package static func real(_ path: String) -> String? {
        guard let resolved = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// Where a symbolic link points.
    package static func link(_ path: String) throws(Errno) -> String {
        var room = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = try system("readlink") {
            unsafe room.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return -1 }
                return unsafe readlink(path, base, bytes.count)
            }
        }
        return String(decoding: room.prefix(count), as: UTF8.self)
    }

    /// Whether we may make files in this directory.
    package static func isWritable(_ path: String) -> Bool { unsafe access(path, W_OK | X_OK) == 0 }

    /// Whether something is there under this name.
    package static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// Makes a directory and those above it, each only for its owner and group.
    package static func makeDirectory(_ path: String) throws(Errno) {
        if exists(path) || path.isEmpty { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeDirectory(String(path[..<slash]))
        }
        if unsafe mkdir(path, 0o750) < 0, errno != EEXIST { throw Errno(errno, in: "mkdir") }
    }

    /// The names in a directory, sorted.
    package static func names(in path: String) throws(Errno) -> [String] {
        guard let directory = unsafe opendir(path) else { throw Errno(errno, in: "opendir") }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            names.append(
                unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                    unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
                })
        }
        return names.filter { $0 != "." && $0 != ".." }.sorted()
    }
}

extension Span<UInt8> {
    /// A copy of the bytes.
    package var array: [UInt8] { unsafe withUnsafeBufferPointer { unsafe [UInt8]($0) } }
}

/// Random bytes of the kernel.
package func randomBytes(_ count: Int) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: count) { bytes, filled in
        filled = max(0, unsafe cunix_random(bytes.baseAddress, count))
    }
}

/// The environment variable's value, when it is there and not empty.
package func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    let text = unsafe String(cString: value)
    return text.isEmpty ? nil : text
}

/// All environment variables.
package func environment() -> [String: String] {
    var all: [String: String] = [:]
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
        let pair = unsafe String(cString: text)
        if let equals = pair.firstIndex(of: "=") {
            all[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
        }
        unsafe entry += 1
    }
    return all
}

/// A word that no other file of ours ends in: 64 random bits, in hexadecimal digits.
package func randomName() -> String { randomBytes(8).map { String($0, radix: 16) }.joined() }
