// SPDX-License-Identifier: MIT

import Digest
import JSON
import Model

/// Writes one request, having decided what of it the model understands.
///
/// Anthropic refuses members that it does not know, so that nothing is written that is not named here.
struct RequestWriter {
    let request: Request
    let provider: Provider
    let family: Family
    var writer = Writer()
    var outgoing = Outgoing()
    /// What is said, as it is written: alternating roles, nothing empty.
    var messages: [Turn] = []
    var system: [String] = []
    /// What may be called.
    var tools: [Tool] = []
    var choice: ToolChoice?
    var thinking = ThinkingPlan.open
    var format = FormatPlan.open
    var limit = 0

    init(_ request: Request, for provider: Provider) throws(Failure) {
        var request = request
        request.gatherResults()
        self.request = request
        self.provider = provider
        family = Family(request.model, provider)
        if let count = request.sampling.count, count > 1 {
            throw Failure(.unsupported, "Only one answer can be given: 'n' must be 1.", param: "n")
        }
        planTools()
        planMessages()
        planThinking()
        planFormat()
    }

    var bytes: [UInt8] { writer.bytes }

    /// Tells that something of the request was left out.
    mutating func lose(_ feature: Feature) {
        outgoing.lose(feature)
    }

    mutating func write() throws(Failure) {
        writer.beginObject()
        writer.member("model", request.model)
        writer.member("max_tokens", limit)
        writeSystem()
        try writeMessages()
        writeTools()
        writeThinking()
        writeSampling()
        writeAccount()
        if request.isStreamed, !provider.has(.noStream) { writer.member("stream", true) }
        writeExtras()
        writer.endObject()
    }

    private mutating func writeSystem() {
        guard !system.isEmpty else { return }
        writer.name("system")
        writer.beginArray()
        for text in system { Blocks.block("text", [("text", text)], &writer) }
        writer.endArray()
    }

    private mutating func writeSampling() {
        let sampling = request.sampling
        // While it thinks, a model chooses its words by itself.
        let isFree = family.takesSampling && !thinking.isOn
        if let temperature = sampling.temperature {
            if isFree {
                writer.name("temperature")
                writer.number((Double(temperature) ?? 0) > 1 ? "1" : temperature)
            } else {
                lose(.temperature)
            }
        }
        if let topP = sampling.topP {
            if isFree, sampling.temperature == nil {
                writer.name("top_p")
                writer.number(topP)
            } else {
                lose(.topP)
            }
        }
        if let topK = sampling.topK {
            if isFree { writer.member("top_k", topK) } else { lose(.topK) }
        }
        writeStops()
    }

    /// Strings of white space are refused, so that we cut at them.
    private mutating func writeStops() {
        outgoing.cuts = request.stops.filter { $0.isBlank && !$0.isEmpty }
        let stops = request.stops.filter { !$0.isBlank }
        guard !stops.isEmpty else { return }
        writer.name("stop_sequences")
        writer.beginArray()
        for stop in stops { writer.string(stop) }
        writer.endArray()
    }

    private mutating func writeAccount() {
        if let user = request.user, !user.isEmpty {
            writer.name("metadata")
            writer.beginObject()
            writer.member("user_id", Account.anonymous(user))
            writer.endObject()
        }
        switch request.tier {
        case .standard: writer.member("service_tier", "standard_only")
        case .automatic: writer.member("service_tier", "auto")
        case .other: lose(.tier)
        case nil: break
        }
    }

    private mutating func writeExtras() {
        guard request.dialect == Names.dialect else { return }
        for extra in request.extras { writer.member(extra.name, extra.value) }
    }
}

/// Names of a caller's users.
private enum Account {
    /// Anthropic's own limit.
    private static let limit = 256

    /// Itself, unless it is too long, or looks like an address or a number: they are not for others.
    static func anonymous(_ user: String) -> String {
        let isPhone =
            user.utf8.allSatisfy { phone.contains($0) } && user.utf8.count { $0 > 0x2F && $0 < 0x3A } >= 7
        return user.utf8.contains(UInt8(ascii: "@")) || isPhone || user.utf8.count > limit
            ? Hash.hex(user, 32) : user
    }

    private static let phone = Array("0123456789+-() ./".utf8)
}
