// SPDX-License-Identifier: MIT

import CUnix
import Glibc

/// Whole small files.
package enum File {
    /// The file's bytes; EFBIG when there are more than `limit`.
    package static func read(_ path: String, limit: Int) throws(Errno) -> [UInt8] {
        let file = try Descriptor.open(path, O_RDONLY)
        var buffer = Buffer()
        while try buffer.receive(from: file.number, isSocket: false, limit: 65536) > 0 {
            if buffer.count > limit { throw Errno(EFBIG, in: "read") }
        }
        return buffer.span.array
    }

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
