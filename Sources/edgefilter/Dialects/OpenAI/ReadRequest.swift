// SPDX-License-Identifier: MIT

import JSON
import Model

extension Client {
    func readRequest(_ body: [UInt8]) throws(Failure) -> Request {
        let root = try Failure.reading(body)
        try checkCount(root)
        var request = Request(
            model: try root.requiredString("model"), turns: [],
            isStreamed: try root.optionalBool("stream") ?? false,
            wantsUsage: try root.optionalObject("stream_options")?.optionalBool("include_usage") ?? false)
        request.dialect = name
        request.size = body.count
        try request.readTurns(root)
        try request.readTools(root)
        try request.readLimits(root)
        try request.readSampling(root)
        try request.readFormat(root)
        try request.readThinking(root)
        try request.readPayer(root)
        request.readExtras(root)
        return request
    }

    /// More members than any request has cost time with each look for one.
    private func checkCount(_ root: Value) throws(Failure) {
        let count = root.object?.members.reduce(into: 0) { count, _ in count += 1 } ?? 0
        if count > Names.memberLimit {
            throw Failure(.invalidMember, "The body has more than \(Names.memberLimit) members.")
        }
    }
}

extension Request {
    /// Notes a member that stands at the top, if it is there.
    mutating func note(_ feature: Feature, _ name: String) {
        mentions.note(feature, as: name, at: name)
    }

    fileprivate mutating func readTurns(_ root: Value) throws(Failure) {
        var conversation = ConversationReader()
        for message in try root.requiredArray("messages") { try conversation.read(message) }
        guard !conversation.turns.isEmpty else {
            throw Failure(
                .missingMember, "'messages' is empty; at least one message is needed.", param: "messages")
        }
        turns = conversation.turns
        mentions = conversation.mentions
        unpaired = conversation.pairing.fault
        if let last = turns.last, last.role == .assistant, last.calls.isEmpty {
            mentions.note(.prefill, as: "messages[-1]", at: "messages.\(turns.count - 1)")
        }
    }

    /// The newer name wins.
    fileprivate mutating func readLimits(_ root: Value) throws(Failure) {
        for name in ["max_tokens", "max_completion_tokens"] {
            guard let limit = try root.optionalInt(name) else { continue }
            guard limit > 0 else { throw Failure.invalid(root.given(name) ?? root, "it must be at least 1") }
            outputLimit = limit
        }
        guard let stop = root.given("stop") else { return }
        note(.stops, "stop")
        guard stop.kind == .array else {
            guard let word = stop.string else {
                throw Failure.wrong(stop, expected: "a string or an array of strings")
            }
            stops = word.isEmpty ? [] : [word]
            return try Failure.check(stops: stops, at: stop)
        }
        for element in stop.elements {
            guard let word = element.string else { throw Failure.wrong(element, expected: "a string") }
            if !word.isEmpty { stops.append(word) }
        }
        try Failure.check(stops: stops, at: stop)
    }

    fileprivate mutating func readSampling(_ root: Value) throws(Failure) {
        sampling.temperature = try number(root, "temperature", .temperature)
        sampling.topP = try number(root, "top_p", .topP)
        sampling.frequencyPenalty = try number(root, "frequency_penalty", .frequencyPenalty)
        sampling.presencePenalty = try number(root, "presence_penalty", .presencePenalty)
        sampling.topK = try integer(root, "top_k", .topK)
        sampling.seed = try integer(root, "seed", .seed)
        sampling.logprobs = try root.optionalBool("logprobs")
        sampling.topLogprobs = try root.optionalInt("top_logprobs")
        if sampling.logprobs == true { note(.logprobs, "logprobs") }
        guard let count = try root.optionalInt("n") else { return }
        guard count > 0 else { throw Failure.invalid(root.given("n") ?? root, "it must be at least 1") }
        sampling.count = count
        if count > 1 { note(.count, "n") }
    }

    private mutating func number(_ root: Value, _ name: String, _ feature: Feature) throws(Failure) -> String?
    {
        let value = try root.optionalNumber(name)
        if value != nil { note(feature, name) }
        return value
    }

    private mutating func integer(_ root: Value, _ name: String, _ feature: Feature) throws(Failure) -> Int? {
        let value = try root.optionalInt(name)
        if value != nil { note(feature, name) }
        return value
    }

    fileprivate mutating func readPayer(_ root: Value) throws(Failure) {
        user = try root.optionalString("user")
        if user != nil { note(.user, "user") }
        guard let word = try root.optionalString("service_tier") else { return }
        tier = Names.tiers[word] ?? .other(word)
        note(.tier, "service_tier")
    }

    /// What has no place in the canonical form; of several members of one name the last counts.
    fileprivate mutating func readExtras(_ root: Value) {
        guard let object = root.object else { return }
        var places: [String: Int] = [:]
        for member in object.members {
            let name = member.name
            let feature = Members.kept.first { $0.name == name }?.feature
            guard feature != nil || !Members.top.contains(name) || Names.legacy.contains(name) else {
                continue
            }
            let extra = Extra(name: name, value: member.value)
            if let place = places[name] {
                extras[place] = extra
            } else {
                places[name] = extras.count
                extras.append(extra)
            }
        }
        extras.removeAll { $0.value.isNull }
        for extra in extras { noteExtra(extra) }
        if user == nil { user = extras.first { $0.name == "safety_identifier" }?.value.string }
    }

    private mutating func noteExtra(_ extra: Extra) {
        guard let feature = Members.kept.first(where: { $0.name == extra.name })?.feature else {
            if !Names.legacy.contains(extra.name) { mentions.noteExtra(extra.name) }
            return
        }
        switch (extra.name, extra.value) {
        case ("store", let value) where value.bool != true: break
        case ("modalities", let value) where !value.elements.contains { $0.string != "text" }: break
        default: note(feature, extra.name)
        }
    }
}
