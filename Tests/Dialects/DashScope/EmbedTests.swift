// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import DashScope

@Suite struct EmbedTests {
    private let asked = EmbeddingsRequest(model: "text-embedding-v4", texts: ["a", "b"], dimensions: 64)

    private func read(_ body: String) throws(Failure) -> Embeddings {
        try TextEmbedding().read(Array(body.utf8), to: asked)
    }

    @Test func writes() throws {
        var bytes: [UInt8] = []
        try TextEmbedding().write(asked, to: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"model":"text-embedding-v4","input":{"texts":["a","b"]},"parameters":{"dimension":64}}"#
        )
    }

    @Test(arguments: [
        ("text-embedding-v1", 25), ("text-embedding-v2", 25), ("text-embedding-v4", 10), ("x", 10),
    ])
    func batches(model: String, most: Int) throws {
        var bytes: [UInt8] = []
        let texts = Array(repeating: "a", count: most)
        try TextEmbedding().write(EmbeddingsRequest(model: model, texts: texts), to: &bytes)
        let failure = #expect(throws: Failure.self) {
            try TextEmbedding().write(EmbeddingsRequest(model: model, texts: texts + ["b"]), to: &bytes)
        }
        #expect(failure?.param == "input" && failure?.status == 400)
    }

    @Test func reads() throws {
        let found = try read(
            #"{"output":{"embeddings":[{"text_index":1,"embedding":[0.5]},{"text_index":0,"embedding":[1e-3,2]}]},"#
                + #""usage":{"total_tokens":7},"request_id":"r"}"#)
        #expect(found.vectors.map(\.source) == ["[1e-3,2]", "[0.5]"] && found.tokens == 7)
    }

    @Test(arguments: [
        ("{}", Failure.Code.brokenAnswer), ("x", .brokenAnswer),
        (#"{"output":{"embeddings":[{"text_index":9,"embedding":[1]}]}}"#, .brokenAnswer),
        (#"{"output":{"embeddings":[{"text_index":0,"embedding":[1]}]}}"#, .brokenAnswer),
        (#"{"code":"InvalidApiKey","message":"no"}"#, .upstreamKey),
    ])
    func failures(body: String, code: Failure.Code) {
        let failure = #expect(throws: Failure.self) { try read(body) }
        #expect(failure?.code == code)
    }
}
