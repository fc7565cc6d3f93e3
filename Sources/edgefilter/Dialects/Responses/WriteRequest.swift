// SPDX-License-Identifier: MIT

import Digest
import JSON
import Model

/// Writes one request.
struct RequestWriter {
    let request: Request
    let provider: Provider
    var writer = Writer()
    var outgoing = Outgoing()
    /// The tools that go out, as this provider may know them.
    var tools: [Tool] = []
    /// Names as they are sent, by the caller's.
    var sent: [String: String] = [:]

    /// The ids of calls of free text: their results are of another kind, too.
    let customCalls: Set<String>
    let toolbox: Toolbox

    init(_ request: Request, _ provider: Provider) {
        var request = request
        request.gatherResults()
        if request.dialect != Names.dialect, request.instructSchema() { outgoing.lose(.schemaFormat) }
        customCalls = Set(request.turns.flatMap(\.calls).filter(\.isCustom).map(\.id))
        toolbox = Toolbox(request.tools)
        self.request = request
        self.provider = provider
    }

    var bytes: [UInt8] { writer.bytes }

    mutating func write() throws(Failure) {
        if let count = request.sampling.count, count > 1 {
            throw Failure(.unsupported, "'n' must be 1 for the provider of this model.", param: "n")
        }
        chooseTools()
        writer.beginObject()
        writer.member("model", request.model)
        writeConversation()
        writeTools()
        writeForm()
        writeThinking()
        writeSampling()
        writeCustomers()
        writeExtras()
        if !provider.has(.noStore) { writer.member("store", false) }
        writer.member("stream", request.isStreamed && !provider.has(.noStream))
        writer.endObject()
        outgoing.cuts = request.stops
    }

    mutating func lose(_ feature: Feature) {
        outgoing.lose(feature)
    }

    private mutating func writeTools() {
        guard !tools.isEmpty else { return }
        writer.name("tools")
        writer.tools(tools)
        if let choice = request.toolChoice.map(choice) {
            writer.name("tool_choice")
            writer.toolChoice(choice, tools)
        }
        if let isAllowed = request.allowsParallelCalls { writer.member("parallel_tool_calls", isAllowed) }
    }

    /// A choice of a tool that does not go out is none.
    private func choice(_ choice: ToolChoice) -> ToolChoice {
        let known = Set(tools.filter { !$0.isHosted }.map(\.name))
        switch choice {
        case .automatic, .none, .required: return choice
        case .named(let name): return known.contains(sentName(name)) ? .named(sentName(name)) : .automatic
        case .among(let names, let isRequired):
            let left = names.map(sentName).filter(known.contains)
            return left.isEmpty ? .automatic : .among(left, isRequired: isRequired)
        }
    }

    private mutating func writeForm() {
        let verbosity = request.extra("verbosity")
        guard request.format != nil || verbosity != nil else { return }
        writer.name("text")
        writer.beginObject()
        if let format = request.format {
            writer.name("format")
            writer.format(format)
        }
        if let verbosity { writer.member("verbosity", verbosity) }
        writer.endObject()
    }

    private mutating func writeSampling() {
        if let limit = request.outputLimit {
            let most = provider.value(of: .maxOutput) ?? limit
            writer.member("max_output_tokens", max(Names.leastOutput, min(limit, most)))
        }
        if request.sampling.logprobs == true {
            writer.member("top_logprobs", request.sampling.topLogprobs ?? 0)
        }
        guard !provider.has(.noSampling) else { return }
        if let temperature = request.sampling.temperature {
            writer.name("temperature")
            writer.number(temperature)
        }
        if let topP = request.sampling.topP {
            writer.name("top_p")
            writer.number(topP)
        }
    }

    private mutating func writeCustomers() {
        if let tier = request.tier { writer.member("service_tier", Names.word(tier)) }
        guard let user = request.user, request.extra("safety_identifier")?.string != user else { return }
        writer.member("user", user.utf8.count <= Names.longestID ? user : Hash.hex(user, Names.longestID))
    }

    /// Members that wait for this dialect, and, if the caller spoke it too, those that it does not know.
    private mutating func writeExtras() {
        let isSame = request.dialect == Names.dialect
        var written: Set<String> = ["verbosity", "include"]
        for extra in request.extras.reversed() where written.insert(extra.name).inserted {
            if isSame || Names.sharedExtras.contains(extra.name) {
                writer.member(extra.name, extra.value)
            } else if let feature = Members.kept[extra.name] {
                lose(feature)
            }
        }
        if !isSame, request.mentions.all.contains(where: { $0.feature == .extras }) { lose(.extras) }
    }
}

// Thoughts.
extension RequestWriter {
    private mutating func writeThinking() {
        writeInclude()
        guard !provider.has(.noThinking), let thinking = request.thinking else { return }
        let asked = thinking.effort ?? thinking.budget.map(Thinking.Effort.init(budget:))
        let wantsSummary =
            thinking.isOn && thinking.display != .omitted && !provider.has(.noSummary)
        // Switched off without the word for it is left out: not every model knows `none`.
        let effort = thinking.isOn || asked == Thinking.Effort.none ? asked : nil
        guard effort != nil || wantsSummary else { return }
        writer.name("reasoning")
        writer.beginObject()
        if let effort { writer.member("effort", effort.rawValue) }
        if wantsSummary { writer.member("summary", "auto") }
        writer.endObject()
    }

    /// Encrypted reasoning is asked for where there is reasoning: other models refuse the word.
    private mutating func writeInclude() {
        var words: [String] = []
        let asked = request.extra("include")?.elements.compactMap(\.string) ?? []
        if !provider.has(.noSeals), thinks || asked.contains(Names.includeSeal) {
            words.append(Names.includeSeal)
        }
        if request.sampling.logprobs == true { words.append(Names.includeLogprobs) }
        let own = request.dialect == Names.dialect ? asked : []
        words += own.filter { !words.contains($0) && $0 != Names.includeSeal }
        guard !words.isEmpty else { return }
        writer.name("include")
        writer.beginArray()
        for word in words { writer.string(word) }
        writer.endArray()
    }

    private var thinks: Bool {
        if let thinking = request.thinking, thinking.isOn { return true }
        return request.turns.contains { turn in turn.parts.contains { sealed($0) != nil } }
    }

    /// What this provider sealed in an earlier answer; nil: nothing.
    func sealed(_ part: Part) -> Value? {
        guard case .reasoning(let reasoning) = part, let seal = reasoning.seal,
            !provider.has(.noSeals)
        else { return nil }
        return Seal.open(seal, upstream: provider.name)
    }
}

extension Names {
    /// Members that Chat Completions has as well, with the same meaning.
    static let sharedExtras: Set<String> = [
        "metadata", "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options", "safety_identifier",
        "moderation",
    ]
}
