// SPDX-License-Identifier: MIT

import JSON
import Model

/// The canonical form in lines for a person: a word, and what it says; what belongs to a thing stands
/// indented below it.
struct Explanation {
    private(set) var lines: [String] = []
    private var depth = 0

    /// Nothing yet.
    init() {}

    /// Longer texts are cut.
    private static let textLimit = 400
    private static let width = 12

    var text: String { lines.joined(separator: "\n") }

    private mutating func line(_ word: String, _ what: String?) {
        guard let what else { return }
        let indent = String(repeating: "    ", count: depth)
        let padding = String(repeating: " ", count: max(1, Explanation.width - word.count))
        lines.append(indent + word + (what.isEmpty ? "" : padding + what))
    }

    private mutating func below(_ write: (inout Explanation) -> Void) {
        depth += 1
        write(&self)
        depth -= 1
    }

    private func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        Writer.append(String(text.prefix(Explanation.textLimit)), to: &bytes)
        let rest = text.count - Explanation.textLimit
        return String(decoding: bytes, as: UTF8.self) + (rest > 0 ? " … \(rest) more" : "")
    }

    private func shown(_ value: Value) -> String {
        let text = String(decoding: value.verbatim, as: UTF8.self)
        return text.count <= Explanation.textLimit ? text : "\(text.prefix(Explanation.textLimit)) …"
    }
}

// A request.
extension Explanation {
    init(_ request: Request) {
        line("model", request.model)
        line("streamed", request.isStreamed ? request.wantsUsage ? "yes, with usage" : "yes" : "no")
        line("limit", request.outputLimit.map { "\($0) tokens" })
        for (word, what) in Explanation.words(request) { line(word, what) }
        for turn in request.turns { add(turn) }
        for tool in request.tools { add(tool) }
        line("tool choice", request.toolChoice.map { "\($0)" })
        line("parallel", request.allowsParallelCalls.map { $0 ? "yes" : "no" })
        for extra in request.extras { line("extra", "\(extra.name) \(shown(extra.value))") }
        for mention in request.mentions.all {
            line("mentions", "\(mention.feature.rawValue) at \(mention.path)")
        }
        line("unpaired", request.unpaired?.message)
    }

    private static func words(_ request: Request) -> [(String, String?)] {
        let sampling = request.sampling
        let numbers = [
            ("temperature", sampling.temperature), ("top_p", sampling.topP),
            ("top_k", sampling.topK.map(String.init)), ("seed", sampling.seed.map(String.init)),
            ("frequency", sampling.frequencyPenalty), ("presence", sampling.presencePenalty),
            ("answers", sampling.count.map(String.init)), ("logprobs", sampling.topLogprobs.map(String.init)),
        ]
        let stops = request.stops.isEmpty ? nil : "\(request.stops)"
        return numbers + [
            ("stops", stops), ("thinking", request.thinking.map(words)),
            ("format", request.format.map(words)),
            ("user", request.user), ("tier", request.tier.map { "\($0)" }),
        ]
    }

    private static func words(_ thinking: Thinking) -> String {
        guard thinking.isOn else { return "off" }
        let details = [
            thinking.effort.map { "effort \($0)" }, thinking.budget.map { "\($0) tokens" },
            thinking.display.map { "\($0)" },
        ]
        return (["on"] + details.compactMap { $0 }).joined(separator: ", ")
    }

    private static func words(_ format: Format) -> String {
        switch format {
        case .object: return "a JSON object"
        case .schema(let schema):
            let strict = schema.isStrict.map { $0 ? " strict" : " not strict" } ?? ""
            let text = schema.schema.map { String(decoding: $0.verbatim, as: UTF8.self) } ?? "none"
            return "schema \(schema.name ?? "without a name")\(strict) \(text)"
        }
    }

    private mutating func add(_ turn: Turn) {
        line(turn.role.rawValue, "")
        below { for part in turn.parts { $0.add(part) } }
    }

    private mutating func add(_ part: Part) {
        switch part {
        case .text(let text): line("text", quoted(text))
        case .refusal(let text): line("refusal", quoted(text))
        case .image(let media): add("image", media)
        case .audio(let media): add("audio", media)
        case .file(let media): add("file", media)
        case .call(let call):
            line(
                "call", "\(call.id) \(call.name)\(call.isCustom ? " (custom)" : "") \(quoted(call.arguments))"
            )
        case .result(let result):
            line("result", result.id + (result.isError ? " (error)" : ""))
            below { for part in result.parts { $0.add(part) } }
        case .reasoning(let reasoning):
            line("reasoning", quoted(reasoning.text) + (reasoning.seal == nil ? "" : " sealed"))
        case .foreign(let foreign):
            line("foreign", "\(foreign.dialect) \(foreign.type) \(shown(foreign.value))")
        }
    }

    private mutating func add(_ word: String, _ media: Media) {
        let source =
            switch media.source {
            case .data(let type, let base64): "\(type), \(base64.utf8.count) characters of base64"
            case .url(let url): url
            case .id(let id): "id \(id)"
            case .text(let text): quoted(text)
            }
        let more = [media.detail, media.title, media.context].compactMap { $0 }.map(quoted)
        line(word, ([source] + more).joined(separator: ", "))
    }

    private mutating func add(_ tool: Tool) {
        let strict = tool.isStrict.map { $0 ? ", strict" : ", not strict" } ?? ""
        line("tool", tool.name + strict + (tool.isDeferred ? ", deferred" : ""))
        below {
            $0.line("describes", tool.description.map($0.quoted))
            switch tool.kind {
            case .function(let schema): $0.line("function", schema.map($0.shown) ?? "without a schema")
            case .custom(let grammar):
                $0.line("custom", grammar.map { "\($0.syntax) \($0.definition)" } ?? "free text")
            case .hosted(let foreign): $0.line("hosted", "\(foreign.dialect) \(foreign.type)")
            }
        }
    }
}

// A reply.
extension Explanation {
    /// The lines of the next step.
    mutating func lines(of event: Event) -> String {
        lines.removeAll(keepingCapacity: true)
        add(event)
        return text + "\n"
    }

    private mutating func add(_ event: Event) {
        switch event {
        case .begin(let beginning): line("begin", "\(quoted(beginning.id)) \(quoted(beginning.model))")
        case .open(let item):
            line("open", Explanation.words(item))
            depth += 1
        case .delta(let delta): add(delta)
        case .close:
            depth -= 1
            line("close", "")
        case .usage(let usage):
            line(
                "usage",
                "input \(usage.input) (cached \(usage.cached), written \(usage.written)), "
                    + "output \(usage.output) (reasoning \(usage.reasoning))")
        case .end(let ending):
            line("end", ending.stop.rawValue + (ending.sequence.map { " " + quoted($0) } ?? ""))
        case .failure(let failure):
            depth = 0
            line("failure", "\(failure.code.rawValue) \(failure.message)")
        }
    }

    private static func words(_ item: Item) -> String {
        switch item {
        case .text: "text"
        case .reasoning: "reasoning"
        case .redacted: "redacted reasoning"
        case .refusal: "refusal"
        case .call(let id, let name, let isCustom): "call \(id) \(name)\(isCustom ? " (custom)" : "")"
        }
    }

    private mutating func add(_ delta: Delta) {
        switch delta {
        case .text(let text): line("text", quoted(text))
        case .seal: line("seal", "")
        case .citation(let citation): line("citation", "\(citation.url) \(quoted(citation.title))")
        case .logprobs(let elements): line("logprobs", "\(elements.utf8.count) bytes")
        }
    }
}
