// SPDX-License-Identifier: MIT

import Glibc

/// The test data beside the project, which nobody of this project wrote.
package enum Corpus {
    /// A file that cannot be read.
    package struct Missing: Error {
        package let path: String
    }

    /// The folder, in the nearest directory above that has one; nil: there is none.
    package static let root: String? = {
        var parts = #filePath.split(separator: "/").dropLast()
        while !parts.isEmpty {
            let folder = "/" + parts.joined(separator: "/") + "/shared/corpora"
            if access(folder, R_OK) == 0 { return folder }
            parts.removeLast()
        }
        return nil
    }()

    /// Files of a folder, sorted, as paths from the root; none if it is missing.
    package static func files(in folder: String, where isMeant: (String) -> Bool) -> [String] {
        guard let root, let directory = opendir("\(root)/\(folder)") else { return [] }
        defer { closedir(directory) }
        var paths: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if isMeant(name) { paths.append("\(folder)/\(name)") }
        }
        return paths.sorted()
    }

    /// Those whose names end so.
    package static func files(in folder: String, _ ending: String) -> [String] {
        files(in: folder) { $0.hasSuffix(ending) }
    }

    /// The content of one.
    package static func read(_ path: String) throws -> [UInt8] {
        let descriptor = open("\(root ?? "")/\(path)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Missing(path: path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { throw Missing(path: path) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    /// Its lines that are not empty.
    package static func lines(_ path: String) throws -> [String] {
        String(decoding: try read(path), as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
