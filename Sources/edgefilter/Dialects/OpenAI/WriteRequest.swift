// SPDX-License-Identifier: MIT

import Digest
import JSON
import Model

/// Writes one request in the words of Chat Completions.
///
/// https://platform.openai.com/docs/api-reference/chat/create
struct RequestWriter {
    let request: Request
    let provider: Provider
    /// Whether the caller speaks this dialect, so that what it said goes on as it was.
    let isOwn: Bool
    let isStreamed: Bool
    /// The tools that are sent, without those that nobody has referred to.
    let tools: [Tool]
    /// The ids of calls as a provider of nine letters and digits has them.
    let nineIDs: [String: String]
    var writer = Writer()
    var outgoing = Outgoing()

    init(_ request: Request, for provider: Provider) {
        var request = request
        request.gatherResults()
        if request.dialect != Names.dialect, request.instructSchema() { outgoing.lose(.schemaFormat) }
        self.request = request
        self.provider = provider
        isOwn = request.dialect == Names.dialect
        isStreamed = request.isStreamed && !provider.has(.noStream)
        tools = RequestWriter.tools(of: request, isOwn: isOwn)
        nineIDs = provider.has(.nineIDs) ? Wire.nineIDs(of: request) : [:]
    }

    var bytes: [UInt8] { writer.bytes }

    mutating func write() throws(Failure) {
        writer.beginObject()
        writer.member("model", request.model)
        writer.name("messages")
        try writeMessages()
        writeTools()
        writeLimits()
        writeSampling()
        writeFormat()
        writeThinking()
        writePayer()
        writeStream()
        writeExtras()
        writer.endObject()
    }

    private mutating func writeLimits() {
        if let limit = request.outputLimit {
            let most = provider.value(of: .maxOutput) ?? limit
            writer.member(
                provider.has(.maxCompletionTokens) ? "max_completion_tokens" : "max_tokens",
                max(1, min(limit, most)))
        }
        let most = max(0, provider.value(of: .stopLimit) ?? 4)
        let told = request.stops.prefix(most)
        outgoing.cuts = Array(request.stops.dropFirst(most))
        guard !told.isEmpty else { return }
        writer.name("stop")
        writer.beginArray()
        for stop in told { writer.string(stop) }
        writer.endArray()
    }

    private mutating func writeSampling() {
        let sampling = request.sampling
        if !provider.has(.noSampling) {
            write("temperature", sampling.temperature)
            write("top_p", sampling.topP)
            write("frequency_penalty", sampling.frequencyPenalty)
            write("presence_penalty", sampling.presencePenalty)
        }
        if let topK = sampling.topK, isOwn || provider.has(.topK) { writer.member("top_k", topK) }
        guard isOwn || !provider.has(.closed) else { return }
        if let seed = sampling.seed { writer.member("seed", seed) }
        if sampling.logprobs == true { writer.member("logprobs", true) }
        if let count = sampling.topLogprobs, sampling.logprobs == true {
            writer.member("top_logprobs", count)
        }
    }

    private mutating func write(_ name: String, _ number: String?) {
        guard let number else { return }
        writer.name(name)
        writer.number(number)
    }

    private mutating func writeStream() {
        guard isStreamed else { return }
        writer.member("stream", true)
        guard !provider.has(.noStreamOptions) else { return }
        writer.name("stream_options")
        writer.beginObject()
        writer.member("include_usage", true)
        writer.endObject()
    }

    private mutating func writePayer() {
        if let user = request.user, isOwn || !provider.has(.closed) {
            let isSaid = request.extras.contains {
                $0.name == "safety_identifier" && $0.value.string == user
            }
            if !isSaid || !isOwn {
                writer.member("user", user.utf8.count > 64 && !isOwn ? Hash.hex(user, 64) : user)
            }
        }
        guard let tier = request.tier, isOwn || provider.has(.openAIMembers) else { return }
        switch tier {
        case .automatic: writer.member("service_tier", "auto")
        case .standard: writer.member("service_tier", "default")
        case .other(let word): writer.member("service_tier", word)
        }
    }

    /// Members without a place in the canonical form: a caller of this dialect gets all of them back,
    /// another one those that its dialect shares, toward a provider that knows them.
    private mutating func writeExtras() {
        for extra in request.extras where !Names.legacy.contains(extra.name) {
            if isOwn || isShared(extra.name) { writer.member(extra.name, extra.value) }
        }
    }

    private func isShared(_ name: String) -> Bool {
        Names.shared.contains(name) && provider.has(.openAIMembers)
            || Names.samplers.contains(name) && provider.has(.topK)
    }
}

// The form of the answer.
extension RequestWriter {
    private mutating func writeFormat() {
        switch request.format {
        case nil: return
        case .object?: writeFormat("json_object")
        case .schema(let schema)?:
            guard !provider.has(.schemaAsInstruction) else {
                outgoing.lose(.schemaFormat)
                return writeFormat("json_object")
            }
            writer.name("response_format")
            writer.beginObject()
            writer.member("type", "json_schema")
            writer.name("json_schema")
            write(schema)
            writer.endObject()
        }
    }

    private mutating func writeFormat(_ type: String) {
        writer.name("response_format")
        writer.beginObject()
        writer.member("type", type)
        writer.endObject()
    }

    private mutating func write(_ schema: Format.Schema) {
        writer.beginObject()
        writer.member("name", Wire.toolName(schema.name ?? "output"))
        if let description = schema.description { writer.member("description", description) }
        if let value = schema.schema { writer.member("schema", value) }
        if isOwn {
            if let isStrict = schema.isStrict { writer.member("strict", isStrict) }
        } else {
            let isStrict = schema.isStrict ?? true
            let canBe = schema.schema.map(Strictness.allows) ?? false
            if isStrict, !canBe, schema.isStrict == true { outgoing.lose(.strictTools) }
            writer.member("strict", isStrict && canBe)
        }
        writer.endObject()
    }
}
