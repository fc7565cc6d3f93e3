// SPDX-License-Identifier: MIT

import Glibc
import Testing

/// The test data beside the repository, which nobody of this project wrote.
enum Corpus {
    static let recorded = ["openai", "open-responses", "xai"].flatMap { folder in
        files(in: "vercel-ai-fixtures/\(folder)").filter { $0.contains("/responses-") }
    }
    static let streams = recorded.filter { $0.hasSuffix(".chunks.txt") }
    static let wholes = recorded.filter { $0.hasSuffix(".json") }
    static let requests = files(in: "client-requests").filter { $0.hasSuffix(".json") }

    /// The paths of a folder's files, from the corpora's root, sorted; none if it is missing.
    static func files(in folder: String) -> [String] {
        guard let directory = opendir("\(root)/\(folder)") else { return [] }
        defer { closedir(directory) }
        var paths: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            paths.append("\(folder)/\(name)")
        }
        return paths.sorted()
    }

    static func read(_ path: String) throws -> [UInt8] {
        let descriptor = open("\(root)/\(path)", O_RDONLY | O_CLOEXEC)
        try #require(descriptor >= 0, "no \(path) in the corpora")
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            try #require(count >= 0)
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    private static let root: String = {
        let parts = #filePath.split(separator: "/")
        for length in stride(from: parts.count, to: 0, by: -1) {
            let path = "/" + parts[..<length].joined(separator: "/") + "/shared/corpora"
            if access(path, R_OK) == 0 { return path }
        }
        return "/"
    }()
}
