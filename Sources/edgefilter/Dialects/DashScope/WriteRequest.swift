// SPDX-License-Identifier: MIT

import JSON
import Model

/// Writes one request for text or multimodal generation.
///
///     request = { model, input: { messages }, parameters }
///
/// https://help.aliyun.com/zh/model-studio/dashscope-api-reference/
struct RequestWriter {
    let request: Request
    let provider: Provider
    let order: Order
    /// The tools that were called, by the calls' ids.
    let calledNames: [String: String]
    /// What a tool is called instead of a name that is forbidden.
    let insteadOfForbidden: String
    var writer = Writer()
    var outgoing = Outgoing()

    init(_ request: Request, for provider: Provider) {
        var request = request
        request.gatherResults()
        self.request = request
        self.provider = provider
        order = Order(request, provider)
        let calls = request.turns.flatMap(\.calls).map { ($0.id, $0.name) }
        calledNames = Dictionary(calls) { first, _ in first }
        var names = Distinct(Set(request.tools.map(\.name)))
        insteadOfForbidden = names.name(Names.insteadOfForbidden)
    }

    var bytes: [UInt8] { writer.bytes }
    var traits: Family.Traits { order.family.traits }

    mutating func write() throws(Failure) {
        writer.beginObject()
        writer.member("model", request.model)
        writer.name("input")
        writer.beginObject()
        writer.name("messages")
        try writeMessages()
        writer.endObject()
        writer.name("parameters")
        writer.beginObject()
        try writeParameters()
        writer.endObject()
        writer.endObject()
    }

    private mutating func writeParameters() throws(Failure) {
        writer.member("result_format", "message")
        if order.isStreamed { writer.member("incremental_output", !order.isCumulative) }
        writeLimit()
        try writeSampling()
        writeStops()
        writeFormat()
        writeThinking()
        writeExtras()
        writeTools()
    }

    private mutating func writeLimit() {
        guard let limit = request.outputLimit else { return }
        let most =
            [provider.value(of: .maxOutput), order.family.maxOutput, limit].compactMap(\.self).min() ?? limit
        if most < limit { outgoing.lose(.outputLimit) }
        writer.member("max_tokens", max(1, most))
    }

    /// A provider that is not told of the strings is cut off at them.
    private mutating func writeStops() {
        guard !request.stops.isEmpty else { return }
        guard !request.has(.withoutStops) else {
            outgoing.cuts = request.stops
            return outgoing.lose(.stops)
        }
        writer.name("stop")
        writer.beginArray()
        for stop in request.stops { writer.string(stop) }
        writer.endArray()
    }

    private mutating func writeThinking() {
        let wish = request.wantsThinking
        switch order.family.thinks {
        case .always where wish == false, .never where wish == true: outgoing.lose(.effort)
        case .onDemand where wish != nil, .usually where wish != nil: writeEnabled(wish)
        default: break
        }
        guard order.isThinking, !traits.contains(.thinksUntold), let budget = request.thinking?.tokens else {
            if request.thinking?.budget != nil { outgoing.lose(.thinkingBudget) }
            return
        }
        writer.member("thinking_budget", budget)
    }

    private mutating func writeEnabled(_ wish: Bool?) {
        guard !provider.has(.noThinking), !request.has(.withoutThinking) else {
            if wish == true { outgoing.lose(.effort) }
            return
        }
        writer.member("enable_thinking", wish == true)
    }

    /// What this provider has beyond the canonical form, if its caller knows it by the same name.
    private mutating func writeExtras() {
        for extra in request.extras {
            guard let feature = RequestWriter.shared[extra.name] else { continue }
            if traits.contains(.plain) || !RequestWriter.isOwn(extra) {
                outgoing.lose(feature)
            } else {
                writer.member(extra.name, extra.value)
            }
        }
    }

    private static let shared: [String: Feature] = [
        "enable_search": .search, "search_options": .search, "web_search_options": .search,
        "repetition_penalty": .tokenOptions, "min_p": .tokenOptions, "ignore_eos": .tokenOptions,
        "skip_special_tokens": .tokenOptions, "chat_template_kwargs": .tokenOptions,
    ]

    private static func isOwn(_ extra: Extra) -> Bool {
        switch extra.name {
        case "enable_search": extra.value.bool != nil
        case "search_options": extra.value.object != nil
        case "repetition_penalty": (extra.value.double ?? 0) > 0
        default: false
        }
    }
}

extension Thinking {
    /// The tokens for it; nil: the model's choice.
    fileprivate var tokens: Int? {
        if let budget { return max(1, budget) }
        switch effort {
        case .low?: return 1_024
        case .medium?: return 4_096
        case .high?: return 16_384
        case .xhigh?, .max?, .minimal?, .some(.none), nil: return nil
        }
    }
}

// The form of the answer. JSON is not to be had together with thoughts.
extension RequestWriter {
    /// Whether JSON is asked for by a member, for which the word must stand in a message.
    var asksForJSON: Bool { request.format != nil && !order.isThinking && !traits.contains(.plain) }

    private var schema: Format.Schema? {
        guard case .schema(let schema)? = request.format else { return nil }
        return schema
    }

    /// The form in words, where no member says all of it.
    var formInWords: String? {
        guard let format = request.format, !(provider.has(.jsonSchema) && asksForJSON && schema != nil) else {
            return nil
        }
        if case .schema(let schema) = format, let value = schema.schema {
            return Instruction.json(obeying: value)
        }
        return asksForJSON && saysJSON ? nil : Instruction.json
    }

    private var saysJSON: Bool {
        request.turns.contains { $0.text(joinedBy: "\n").lowercased().contains("json") }
    }

    private mutating func writeFormat() {
        guard let format = request.format else { return }
        let isSchema = if case .schema = format { true } else { false }
        guard asksForJSON else { return outgoing.lose(isSchema ? .schemaFormat : .objectFormat) }
        writer.name("response_format")
        writer.beginObject()
        if let schema, provider.has(.jsonSchema) {
            writer.member("type", "json_schema")
            write(schema)
        } else {
            if isSchema { outgoing.lose(.schemaFormat) }
            writer.member("type", "json_object")
        }
        writer.endObject()
    }

    private mutating func write(_ schema: Format.Schema) {
        writer.name("json_schema")
        writer.beginObject()
        writer.member("name", Wire.toolName(schema.name ?? "output"))
        if let description = schema.description { writer.member("description", description) }
        if let value = schema.schema { writer.member("schema", value) }
        if let isStrict = schema.isStrict { writer.member("strict", isStrict) }
        writer.endObject()
    }
}
