// SPDX-License-Identifier: MIT

import Corpora

extension Corpus {
    static let recorded = ["openai", "open-responses", "xai"].flatMap { folder in
        files(in: "vercel-ai-fixtures/\(folder)") { $0.hasPrefix("responses-") }
    }
    static let streams = recorded.filter { $0.hasSuffix(".chunks.txt") }
    static let wholes = recorded.filter { $0.hasSuffix(".json") }
    static let requests = files(in: "client-requests", ".json")
}
