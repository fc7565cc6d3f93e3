// SPDX-License-Identifier: MIT

import Corpora
import JSON
import Testing

extension Corpus {
    static let parsing = files(in: "JSONTestSuite/test_parsing", ".json")
    static let transform = files(in: "JSONTestSuite/test_transform", ".json")
    static let recorded =
        files(in: "vercel-ai-fixtures/openai", ".json") + files(in: "client-requests", ".json")
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
