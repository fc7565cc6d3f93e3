// SPDX-License-Identifier: MIT

import JSON
import Model

/// Reads one request.
///
/// https://platform.openai.com/docs/api-reference/responses/create
struct RequestReader {
    let root: Value
    var request: Request
    var pairing = Pairing()
    /// The names under which the tools of namespaces go on, by namespace and name.
    var flatNames: [String: String] = [:]

    init(_ root: Value, size: Int) {
        self.root = root
        request = Request(model: "", turns: [], isStreamed: false, wantsUsage: true)
        request.dialect = Names.dialect
        request.size = size
    }

    mutating func read() throws(Failure) -> Request {
        try refuseState()
        request.model = try root.requiredString("model")
        request.isStreamed = try root.optionalBool("stream") ?? false
        try readTools()
        try readToolChoice()
        try readInstructions()
        try readInput()
        try readSampling()
        try readFormat()
        try readThinking()
        try readCustomers()
        try readKeeping()
        readRest()
        request.unpaired = pairing.fault
        return request
    }

    /// We keep no answers, so nothing can go on from one.
    private func refuseState() throws(Failure) {
        for name in Members.stateful where root.given(name) != nil {
            throw Failure(
                .unsupported,
                "'\(name)' is not supported: nothing is kept here; send the whole conversation as 'input'.",
                param: name)
        }
        if try root.optionalBool("background") == true {
            throw Failure(.unsupported, "'background' is not supported; leave it out.", param: "background")
        }
    }

    private mutating func readInstructions() throws(Failure) {
        guard let text = try root.optionalString("instructions"), !text.isEmpty else { return }
        request.turns.append(Turn(role: .system, text: text))
    }

    private mutating func readSampling() throws(Failure) {
        request.sampling.temperature = try root.optionalNumber("temperature")
        request.sampling.topP = try root.optionalNumber("top_p")
        request.sampling.topLogprobs = try root.optionalInt("top_logprobs")
        request.outputLimit = try root.optionalInt("max_output_tokens")
        if let limit = request.outputLimit, limit < 1, let value = root["max_output_tokens"] {
            throw Failure.invalid(value, "at least 1 is needed")
        }
        note(.temperature, if: request.sampling.temperature != nil, "temperature")
        note(.topP, if: request.sampling.topP != nil, "top_p")
        if let rivals = request.sampling.topLogprobs, rivals > 0 { wantLogprobs("top_logprobs") }
    }

    private mutating func wantLogprobs(_ member: String) {
        request.sampling.logprobs = true
        note(.logprobs, if: true, member)
    }

    private mutating func readThinking() throws(Failure) {
        guard let reasoning = try root.optionalObject("reasoning") else { return }
        let effort = try effort(reasoning)
        let older = try reasoning.optionalString("generate_summary")
        let summary = try reasoning.optionalString("summary") ?? older
        note(.effort, if: effort != nil, "reasoning.effort")
        note(.thinkingDisplay, if: summary != nil, "reasoning.summary")
        guard effort != nil || summary != nil else { return }
        request.thinking = Thinking(
            isOn: effort != Thinking.Effort.none, effort: effort, display: summary.map { _ in .summarized })
    }

    private func effort(_ reasoning: Value) throws(Failure) -> Thinking.Effort? {
        guard let word = try reasoning.optionalString("effort"), let value = reasoning["effort"] else {
            return nil
        }
        guard let effort = Thinking.Effort(rawValue: word) else {
            let known = Thinking.Effort.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure.invalid(value, "expected one of \(known)")
        }
        return effort
    }

    private mutating func readCustomers() throws(Failure) {
        let safety = try root.optionalString("safety_identifier")
        request.user = try root.optionalString("user") ?? safety
        request.tier = try root.optionalString("service_tier").map(Names.tier)
        note(.user, if: root.given("user") != nil, "user")
        note(.tier, if: request.tier.map { $0 != .automatic } ?? false, "service_tier")
    }

    /// What the provider is to keep, cut or include: members for a provider of this dialect alone.
    private mutating func readKeeping() throws(Failure) {
        note(.store, if: try root.optionalBool("store") == true, "store")
        note(.truncation, if: try root.optionalString("truncation") == "auto", "truncation")
        keep("truncation")
        guard let include = try root.optionalArray("include") else { return }
        for word in include {
            switch word.string {
            case Names.includeSeal?: continue
            case Names.includeLogprobs?: wantLogprobs("include[]")
            case nil: throw Failure.wrong(word, expected: "a string")
            default: request.mentions.note(.include, as: "include[]", at: word.path)
            }
        }
        keep("include")
    }

    private mutating func keep(_ name: String) {
        if let value = root.given(name) { request.extras.append(Extra(name: name, value: value)) }
    }

    /// All other members, known or not.
    private mutating func readRest() {
        guard let object = root.object else { return }
        for member in object.members where !member.value.isNull && !Members.read.contains(member.name) {
            if let feature = Members.kept[member.name] {
                note(feature, if: true, member.name)
            } else {
                request.mentions.noteExtra(member.name)
            }
            request.extras.append(Extra(name: member.name, value: member.value))
        }
    }

    mutating func note(_ feature: Feature, if isUsed: Bool, _ member: String) {
        if isUsed { request.mentions.note(feature, as: member, at: member) }
    }
}

/// The form of the answer.
extension RequestReader {
    fileprivate mutating func readFormat() throws(Failure) {
        guard let text = try root.optionalObject("text") else { return }
        if let verbosity = text.given("verbosity") {
            note(.verbosity, if: true, "text.verbosity")
            request.extras.append(Extra(name: "verbosity", value: verbosity))
        }
        guard let format = try text.optionalObject("format") else { return }
        let type = try format.requiredString("type")
        switch type {
        case "text": return
        case "json_object":
            request.format = .object
            note(.objectFormat, if: true, "text.format")
        case "json_schema":
            request.format = .schema(try schema(format))
            note(.schemaFormat, if: true, "text.format")
        default:
            throw Failure.invalid(format["type"] ?? format, "expected text, json_schema or json_object")
        }
    }

    private func schema(_ format: Value) throws(Failure) -> Format.Schema {
        let schema = try format.requiredObject("schema")
        return Format.Schema(
            name: try format.requiredString("name"), description: try format.optionalString("description"),
            schema: schema, isStrict: try format.optionalBool("strict"))
    }
}
