// SPDX-License-Identifier: MIT

import Glibc
import JSON
import Testing

/// The test data beside the repository, which nobody of this project wrote.
enum Corpus {
    static let parsing = files(in: "JSONTestSuite/test_parsing")
    static let transform = files(in: "JSONTestSuite/test_transform")
    static let recorded = files(in: "vercel-ai-fixtures/openai") + files(in: "client-requests")

    /// The paths of a folder's JSON files, from the corpora's root, sorted; none if it is missing.
    static func files(in folder: String) -> [String] {
        guard let directory = opendir("\(root)/\(folder)") else { return [] }
        defer { closedir(directory) }
        var paths: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".json") { paths.append("\(folder)/\(name)") }
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
        let parts = #filePath.split(separator: "/").dropLast(4)
        return "/" + parts.joined(separator: "/") + "/shared/corpora"
    }()
}

/// The document of a text in a test.
func document(_ text: String) throws(Malformed) -> Document {
    try Document(Array(text.utf8))
}

/// What a document makes of a text: nil if it accepts it.
func complaint(of bytes: [UInt8], limits: Limits = .standard) -> Malformed? {
    do throws(Malformed) {
        _ = try Document(bytes, limits: limits)
        return nil
    } catch {
        return error
    }
}

/// What a watch makes of a text that it gets in pieces cut at `cuts`.
func watched(
    _ bytes: [UInt8], cutAt cuts: some Sequence<Int>, paths: [[String]] = everything,
    limits: Limits = .standard
) -> Result<[Watch.Found], Malformed> {
    var watch = Watch(Watch.Plan(paths: paths), limits: limits)
    do throws(Malformed) {
        var start = 0
        for cut in Array(cuts) + [bytes.count] {
            try watch.feed(bytes[start..<cut].span)
            start = cut
        }
        try watch.finish()
        return .success(watch.found)
    } catch {
        return .failure(error)
    }
}

/// Paths that lead to something in most of the corpus.
let everything: [[String]] = [
    [], ["*"], ["a"], ["*", "*"], ["*", "a"], ["a", "b"], ["model"], ["id"], ["body", "model"],
    ["output", "*", "type"], ["choices", "*", "finish_reason"], ["usage", "input_tokens"],
]
