// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model

/// Reads an answer of text or multimodal generation, streamed or whole.
///
///     event  = [ id ] [ "event:result" ] [ ":HTTP_STATUS/200" ] "data:" answer
///     answer = { output: { choices: [ { message, finish_reason } ] } / { text, finish_reason }, usage, request_id }
///
/// Nothing marks the end of a stream but the reason why it ended.
///
/// https://help.aliyun.com/zh/model-studio/dashscope-api-reference/
struct AnswerReader: ReplyReader {
    private(set) var losses: [Feature] = []
    let isCumulative: Bool

    var composition = Composition()
    var repeated = Repetition()
    var calls = Calls()

    var isOver = false
    private var hasBegun = false
    private var isWhole = false
    /// Whether anything came that is an answer.
    private var hasOutput = false
    private(set) var id = ""
    private var usage: Usage?
    private var stop: Stop?
    /// What the event at hand says of its status.
    private var status: Int?

    init(isCumulative: Bool) { self.isCumulative = isCumulative }

    mutating func read(remark: [UInt8]) { status = Complaint.status(remark) }

    mutating func read(event name: [UInt8], data: [UInt8], to events: inout [Event]) {
        defer { status = nil }
        guard !isOver, !data.allSatisfy(\.isBlank) else { return }
        let isError = name.elementsEqual(Names.error.utf8)
        if let root = Document.lenient(data)?.root { return take(root, isError, to: &events) }
        guard let roots = Pieces.documents(data) else {
            return fail(
                isError ? Complaint(body: data).failure(status: status) : .malformedAnswer, to: &events)
        }
        for root in roots where !isOver { take(root, isError, to: &events) }
    }

    mutating func read(whole body: [UInt8], to events: inout [Event]) {
        guard !isOver else { return }
        guard let root = Document.lenient(body)?.root else { return fail(.malformedAnswer, to: &events) }
        isWhole = true
        take(root, false, to: &events)
        finish(to: &events)
    }

    mutating func finish(to events: inout [Event]) {
        guard !isOver else { return }
        guard stop != nil || isWhole && hasOutput && (composition.hasSpoken || !composition.calls.isEmpty)
        else {
            return fail(isWhole ? .malformedAnswer : .cutAnswer, to: &events)
        }
        end(to: &events)
    }

    mutating func fail(_ failure: Failure, to events: inout [Event]) {
        guard !isOver else { return }
        isOver = true
        events.append(.failure(failure))
    }

    /// Fails where more waits than may.
    mutating func checkSize(to events: inout [Event]) {
        if composition.isTooLarge { fail(.hugeAnswer, to: &events) }
    }

    mutating func lose(_ feature: Feature) { losses.add(feature) }
}

// One event, or a whole answer.
extension AnswerReader {
    private mutating func take(_ root: Value, _ isError: Bool, to events: inout [Event]) {
        guard let object = root.object else { return fail(.malformedAnswer, to: &events) }
        if isError || Complaint.isMeant(root) {
            return fail(Complaint(root, status: status).failure(status: nil), to: &events)
        }
        var output: Value?
        for member in object.members where !member.value.isNull {
            if member.isNamed("output") {
                output = member.value
            } else if member.isNamed("usage") {
                usage = Usage(generation: member.value) ?? usage
            } else if !hasBegun, member.isNamed("request_id") {
                id = member.value.string ?? ""
            }
        }
        if let output, output.object != nil { take(output: output, to: &events) }
        if stop != nil, usage != nil { end(to: &events) }
    }

    private mutating func take(output: Value, to events: inout [Event]) {
        let choice = output.given("choices").flatMap(first)
        guard choice != nil || output.given("text") != nil || output.given("finish_reason") != nil else {
            return
        }
        hasOutput = true
        begin(to: &events)
        if let message = choice?.given("message") {
            take(message: message, to: &events)
        } else if let text = output.given("text")?.string {
            say(.text, text, to: &events)
        }
        take(finish: choice?.given("finish_reason") ?? output.given("finish_reason"))
    }

    /// The first choice, by its index or by its place.
    private func first(of choices: Value) -> Value? {
        for choice in choices.elements where choice.object != nil {
            if let index = choice["index"], index.int ?? 0 != 0 { continue }
            return choice
        }
        return nil
    }

    private mutating func begin(to events: inout [Event]) {
        guard !hasBegun else { return }
        hasBegun = true
        events.append(.begin(Beginning(id: id)))
    }

    private mutating func take(finish reason: Value?) {
        guard let word = reason?.string, !word.isEmpty, word != Names.unfinished else { return }
        stop = Names.stops[word] ?? .finished
    }

    private mutating func take(message: Value, to events: inout [Event]) {
        guard let object = message.object else { return }
        var (thoughts, content, calls): (Value?, Value?, Value?)
        for member in object.members where !member.value.isNull {
            switch member.value.kind {
            case .string where member.isNamed("reasoning_content"): thoughts = member.value
            case .string where member.isNamed("content"), .array where member.isNamed("content"):
                content = member.value
            case .array where member.isNamed("tool_calls"): calls = member.value
            default: break
            }
        }
        if let text = thoughts?.string { say(.reasoning, text, to: &events) }
        if let content { say(.text, text(of: content), to: &events) }
        guard let calls else { return }
        for (place, call) in calls.elements.enumerated() where !isOver { take(call, at: place, to: &events) }
    }

    /// A string, or the texts of an array of parts.
    private mutating func text(of content: Value) -> String {
        if let text = content.string { return text }
        var whole = ""
        for part in content.elements {
            if let text = part["text"]?.string ?? part.string { whole += text } else { lose(.unknownBlocks) }
        }
        return whole
    }

    private mutating func end(to events: inout [Event]) {
        begin(to: &events)
        for kind in [Item.reasoning, .text] { sayRest(of: kind, to: &events) }
        finishCalls(to: &events)
        guard !isOver else { return }
        composition.end(to: &events)
        if let usage { events.append(.usage(usage)) }
        let stop = stop ?? .finished
        let isCall = composition.hasCalls && (stop == .finished || stop == .toolCall)
        events.append(.end(Ending(isCall ? .toolCall : stop == .toolCall ? .finished : stop)))
        isOver = true
    }
}

extension Usage {
    /// `usage` as text and multimodal generation have it; nil: it says nothing.
    init?(generation value: Value) {
        let (input, output) = (value["input_tokens"]?.tokens, value["output_tokens"]?.tokens)
        guard input != nil || output != nil else { return nil }
        let read = value["prompt_tokens_details"] ?? value["input_tokens_details"]
        let made = value["output_tokens_details"]
        self.init(
            input: input ?? 0, output: output ?? 0,
            cached: min(read?["cached_tokens"]?.tokens ?? 0, input ?? 0),
            written: min(
                read?["cache_creation"]?["ephemeral_5m_input_tokens"]?.tokens
                    ?? read?["cache_creation_input_tokens"]?.tokens ?? 0, input ?? 0),
            reasoning: min(made?["reasoning_tokens"]?.tokens ?? 0, output ?? 0))
    }
}
