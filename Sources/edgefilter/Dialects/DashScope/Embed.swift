// SPDX-License-Identifier: MIT

import JSON
import Model

/// Embeddings of texts.
///
/// https://help.aliyun.com/zh/model-studio/text-embedding-synchronous-api
struct TextEmbedding: EmbeddingsProvider {
    var path: String { Names.embeddingsPath }

    func write(_ request: EmbeddingsRequest, to bytes: inout [UInt8]) throws(Failure) {
        let most = TextEmbedding.batch(of: request.model)
        guard request.texts.count <= most else {
            throw Failure(
                .invalidMember,
                "Invalid value for 'input': '\(request.model)' takes at most \(most) texts at a time, not "
                    + "\(request.texts.count).", param: "input")
        }
        var writer = Writer()
        writer.beginObject()
        writer.member("model", request.model)
        writer.name("input")
        writer.beginObject()
        writer.name("texts")
        writer.beginArray()
        for text in request.texts { writer.string(text) }
        writer.endArray()
        writer.endObject()
        writer.name("parameters")
        writer.beginObject()
        if let dimensions = request.dimensions { writer.member("dimension", dimensions) }
        writer.endObject()
        writer.endObject()
        bytes.append(contentsOf: writer.bytes)
    }

    /// The oldest models take more.
    private static func batch(of model: String) -> Int {
        model.hasPrefix("text-embedding-v1") || model.hasPrefix("text-embedding-v2") ? 25 : 10
    }

    func read(_ body: [UInt8], to request: EmbeddingsRequest) throws(Failure) -> Embeddings {
        guard let root = Document.lenient(body)?.root else { throw Failure.malformedAnswer }
        if Complaint.isMeant(root) { throw Complaint(root).failure(status: nil) }
        var vectors: [Value?] = Array(repeating: nil, count: request.texts.count)
        for (place, element) in (root["output"]?["embeddings"]?.elements ?? root.elements).enumerated() {
            let index = element["text_index"]?.int ?? place
            guard vectors.indices.contains(index), let vector = element["embedding"], vector.kind == .array
            else {
                throw Failure.malformedAnswer
            }
            vectors[index] = vector
        }
        let found = vectors.compactMap(\.self)
        guard found.count == vectors.count else { throw Failure.malformedAnswer }
        return Embeddings(vectors: found, tokens: root["usage"]?["total_tokens"]?.tokens ?? 0)
    }
}
