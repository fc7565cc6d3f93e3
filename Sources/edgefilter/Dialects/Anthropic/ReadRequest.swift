// SPDX-License-Identifier: MIT

import JSON
import Model

extension Client {
    func readRequest(_ body: [UInt8]) throws(Failure) -> Request { try read(body, isCount: false) }

    func readCount(_ body: [UInt8]) throws(Failure) -> Request { try read(body, isCount: true) }

    private func read(_ body: [UInt8], isCount: Bool) throws(Failure) -> Request {
        let root = try Failure.reading(body)
        var reader = RequestReader(model: try root.requiredString("model"))
        reader.request.size = body.count
        try reader.readLimit(root, isNeeded: !isCount)
        reader.noteTop(root)
        try reader.readSystem(root)
        try reader.readMessages(root)
        try reader.readTools(root)
        try reader.readToolChoice(root)
        try reader.readSampling(root)
        try reader.readThinking(root)
        try reader.readFormat(root)
        try reader.readAccount(root)
        return reader.finished()
    }
}

/// Reads one request.
///
/// https://platform.claude.com/docs/en/api/messages
struct RequestReader {
    var request: Request
    var pairing = Pairing()
    /// What the conversation says last of a tool: whether the model sees it.
    var visibility: [String: Bool] = [:]
    /// The effort of the last message that has its own.
    var turnEffort: Thinking.Effort?
    private var strange: Set<String> = []

    init(model: String) {
        request = Request(model: model, turns: [], isStreamed: false, wantsUsage: true)
        request.dialect = Names.dialect
    }

    /// What was read, after all of it was.
    func finished() -> Request {
        var request = request
        request.unpaired = pairing.fault
        return request
    }

    /// Notes a member that is not in the table, once.
    mutating func noteStrange(_ prefix: String, _ name: String) {
        guard strange.count < Mentions.extrasLimit, strange.insert(prefix + name).inserted else { return }
        request.mentions.noteExtra(prefix + name)
    }

    /// Notes what the members at the top mean, and keeps those that only the same dialect understands.
    mutating func noteTop(_ root: Value) {
        guard let object = root.object else { return }
        for member in object.members where !isAbsent(member.value) {
            let name = member.name
            guard let feature = Members.top[name] else {
                noteStrange("", name)
                request.extras.append(Extra(name: name, value: member.value))
                continue
            }
            let isNew = name == "thread" && member.value["type"]?.string == "create"
            if feature == .extras || isNew {
                request.mentions.noteExtra(name)
            } else if let feature {
                request.mentions.note(feature, as: name, at: name)
            }
            if Members.carriedBack.contains(name) {
                request.extras.append(Extra(name: name, value: member.value))
            }
        }
    }

    /// Whether a member says nothing: null, or an empty list.
    private func isAbsent(_ value: Value) -> Bool {
        value.isNull || value.kind == .array && value.elements.isEmpty
    }

    mutating func readLimit(_ root: Value, isNeeded: Bool) throws(Failure) {
        request.outputLimit = try root.optionalInt("max_tokens")
        guard let limit = request.outputLimit else {
            if isNeeded { throw Failure.missing("max_tokens", in: root) }
            return
        }
        // 0 only warms the provider's cache.
        if limit < 0, let value = root["max_tokens"] {
            throw Failure.invalid(value, "it must be at least 0")
        }
    }

    mutating func readSampling(_ root: Value) throws(Failure) {
        request.isStreamed = try root.optionalBool("stream") ?? false
        request.sampling.temperature = try root.optionalNumber("temperature")
        request.sampling.topP = try root.optionalNumber("top_p")
        request.sampling.topK = try root.optionalInt("top_k")
        guard let stops = try root.optionalArray("stop_sequences") else { return }
        for stop in stops {
            guard let text = stop.string else { throw Failure.wrong(stop, expected: "a string") }
            if !text.isEmpty { request.stops.append(text) }
        }
        if let value = root["stop_sequences"] { try Failure.check(stops: request.stops, at: value) }
    }

    mutating func readAccount(_ root: Value) throws(Failure) {
        if let tier = try root.optionalString("service_tier") {
            request.tier = Names.tiers[tier] ?? .other(tier)
        }
        guard let metadata = try root.optionalObject("metadata"), let object = metadata.object else { return }
        request.user = try metadata.optionalString("user_id")
        for member in object.members where !member.value.isNull {
            let feature: Feature = member.isNamed("user_id") ? .user : .metadata
            request.mentions.note(feature, as: "metadata.\(member.name)", at: member.value.path)
        }
    }
}

extension Names {
    static let tiers: [String: Tier] = ["auto": .automatic, "standard_only": .standard]
}
