// SPDX-License-Identifier: MIT

import Digest
import JSON
import Model

/// Embeddings, as OpenAI's callers ask for them.
///
/// https://platform.openai.com/docs/api-reference/embeddings
struct Embedding: EmbeddingsClient {
    var path: String { Names.embeddingsPath }

    func read(_ body: [UInt8]) throws(Failure) -> EmbeddingsRequest {
        let root = try Failure.reading(body)
        let model = try root.requiredString("model")
        var request = EmbeddingsRequest(model: model, texts: try texts(root))
        request.dimensions = try root.optionalInt("dimensions")
        if let count = request.dimensions, count < 1, let value = root["dimensions"] {
            throw Failure.invalid(value, "it must be at least 1")
        }
        if let form = try root.optionalString("encoding_format"), let value = root["encoding_format"] {
            guard let known = Embedding.forms[form] else {
                throw Failure.invalid(value, "'\(form)' is none of base64, float")
            }
            request.form = known
        }
        note(root, in: &request)
        return request
    }

    private func note(_ root: Value, in request: inout EmbeddingsRequest) {
        if root.given("user") != nil { request.mentions.note(.user, as: "user", at: "user") }
        guard let object = root.object else { return }
        for member in object.members where !member.value.isNull {
            let name = member.name
            if !Embedding.members.contains(name) { request.mentions.noteExtra(name) }
        }
    }

    private static let members: Set = ["model", "input", "dimensions", "encoding_format", "user"]

    private static let forms: [String: EmbeddingsRequest.Form] = ["float": .floats, "base64": .base64]

    private func texts(_ root: Value) throws(Failure) -> [String] {
        guard let input = root.given("input") else { throw Failure.missing("input", in: root) }
        var texts: [String] = []
        let all = input.kind == .array ? Array(input.elements) : [input]
        for value in all {
            if value.kind == .number || value.kind == .array {
                throw Failure.invalid(value, "this model's provider takes texts, not tokens")
            }
            guard let text = value.string else {
                throw Failure.wrong(value, expected: "a string or an array of strings")
            }
            guard !text.isEmpty else { throw Failure.invalid(value, "it must not be empty") }
            texts.append(text)
        }
        if texts.isEmpty { throw Failure.invalid(input, "it must not be empty") }
        return texts
    }

    func write(_ embeddings: Embeddings, to request: EmbeddingsRequest) -> [UInt8]? {
        var writer = Writer()
        writer.beginObject()
        writer.member("object", "list")
        writer.name("data")
        writer.beginArray()
        for (index, vector) in embeddings.vectors.enumerated() {
            writer.beginObject()
            writer.member("object", "embedding")
            writer.member("index", index)
            writer.name("embedding")
            guard write(vector, request.form, to: &writer) else { return nil }
            writer.endObject()
        }
        writer.endArray()
        writer.member("model", request.model)
        writer.name("usage")
        writer.beginObject()
        writer.member("prompt_tokens", embeddings.tokens)
        writer.member("total_tokens", embeddings.tokens)
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    /// The numbers as they came, or each as four bytes, the lowest first; false: one is none.
    private func write(_ vector: Value, _ form: EmbeddingsRequest.Form, to writer: inout Writer) -> Bool {
        guard form == .base64 else {
            writer.verbatim(vector)
            return vector.elements.allSatisfy { $0.kind == .number }
        }
        var bytes: [UInt8] = []
        for element in vector.elements {
            guard let number = element.double else { return false }
            let bits = Float(number).bitPattern
            for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(shift))) }
        }
        let padding = String(repeating: "=", count: (3 - bytes.count % 3) % 3)
        writer.string(Base64.standard.encoded(bytes) + padding)
        return true
    }
}
