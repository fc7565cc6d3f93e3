// SPDX-License-Identifier: MIT

import JSON
import Model

// A whole answer.
extension AnswerWriter {
    mutating func write(_ reply: Reply, to bytes: inout [UInt8]) {
        var writer = Writer()
        writer.head(
            id: id, object: "chat.completion", created: created, model: request.model,
            session: request.session)
        writer.name("choices")
        writer.beginArray()
        writer.beginObject()
        writer.member("index", 0)
        writer.name("message")
        write(message: reply, &writer)
        writer.name("logprobs")
        write(logprobs: reply, &writer)
        writer.member("finish_reason", finish(reply.ending?.stop ?? .finished))
        writer.endObject()
        writer.endArray()
        if let usage = reply.usage { writer.member(usage) }
        writer.endObject()
        bytes.append(contentsOf: writer.bytes)
    }

    private func write(message reply: Reply, _ writer: inout Writer) {
        let text = reply.text
        let calls = reply.calls
        let refusal = refusal(of: reply, hasSpoken: !text.isEmpty || !calls.isEmpty)
        writer.beginObject()
        writer.member("role", "assistant")
        writer.member("content", orNull: text.isEmpty && (!calls.isEmpty || refusal != nil) ? nil : text)
        writer.member("refusal", orNull: refusal)
        let thoughts = reply.thoughts
        if !thoughts.isEmpty, request.thinking?.display != .omitted {
            writer.member("reasoning_content", thoughts)
        }
        write(citations: reply, &writer)
        if !calls.isEmpty { write(calls, &writer) }
        writer.endObject()
    }

    /// What the model said instead of an answer, or, where it said nothing at all, why.
    private func refusal(of reply: Reply, hasSpoken: Bool) -> String? {
        let words = reply.items.compactMap { if case .refusal(let text) = $0 { text } else { nil } }
        if !words.isEmpty { return words.joined() }
        guard let ending = reply.ending, ending.stop == .filtered, !hasSpoken else { return nil }
        return ending.explanation ?? Names.refusal
    }

    private func write(_ calls: [ToolCall], _ writer: inout Writer) {
        let told = calls.map { unwrapped($0) }
        guard !isLegacy else {
            writer.name("function_call")
            writer.beginObject()
            writer.member("name", told[0].name)
            writer.member("arguments", told[0].arguments)
            writer.endObject()
            return
        }
        writer.name("tool_calls")
        writer.beginArray()
        for call in told { writer.call(call) }
        writer.endArray()
    }

    /// The call in the words of the caller's tool.
    private func unwrapped(_ call: ToolCall) -> ToolCall {
        var call = call
        if !call.isCustom, customs.contains(call.name) {
            call.arguments = Arguments.freeText(call.arguments)
            call.isCustom = true
        } else if call.arguments.isEmpty, !call.isCustom {
            call.arguments = "{}"
        }
        return call
    }

    private func write(citations reply: Reply, _ writer: inout Writer) {
        var spans: [([Citation], Range<Int>)] = []
        var place = 0
        for case .text(let text) in reply.items {
            let end = place + text.text.unicodeScalars.count
            if !text.citations.isEmpty { spans.append((text.citations, place..<end)) }
            place = end
        }
        guard !spans.isEmpty else { return }
        writer.name("annotations")
        writer.beginArray()
        for (citations, span) in spans {
            for citation in citations { writer.annotation(citation, span) }
        }
        writer.endArray()
    }

    private func write(logprobs reply: Reply, _ writer: inout Writer) {
        let all = reply.items.compactMap { item -> String? in
            if case .text(let text) = item, !text.logprobs.isEmpty { text.logprobs } else { nil }
        }
        guard !all.isEmpty else {
            writer.null()
            return
        }
        writer.beginObject()
        writer.name("content")
        writer.verbatim(Array("[\(all.joined(separator: ","))]".utf8).span)
        writer.name("refusal")
        writer.null()
        writer.endObject()
    }
}

extension Request {
    /// The name of the conversation that the provider holds; nil: there is none.
    var session: String? { dialogue.flatMap { $0.name.isEmpty ? nil : $0.name } }
}

extension Reply {
    /// Its thoughts, joined.
    fileprivate var thoughts: String {
        items.reduce(into: "") { if case .reasoning(let thoughts) = $1 { $0 += thoughts.text } }
    }
}

extension Writer {
    /// Opens an answer or a chunk, up to its choices.
    mutating func head(id: String, object: String, created: Int, model: String, session: String?) {
        beginObject()
        member("id", id)
        member("object", object)
        member("created", created)
        member("model", model)
        if let session { member(Names.session, session) }
    }

    /// A call, whole or as its first piece, which alone has an index.
    mutating func call(_ call: ToolCall, index: Int? = nil) {
        beginObject()
        if let index { member("index", index) }
        member("id", call.id)
        member("type", call.isCustom ? "custom" : "function")
        name(call.isCustom ? "custom" : "function")
        beginObject()
        member("name", call.name)
        member(call.isCustom ? "input" : "arguments", call.arguments)
        endObject()
        endObject()
    }

    mutating func annotations(_ citations: [Citation], _ span: Range<Int>) {
        beginArray()
        for citation in citations { annotation(citation, span) }
        endArray()
    }

    /// Where a text came from; the span counts the code points of the content.
    mutating func annotation(_ citation: Citation, _ span: Range<Int>) {
        beginObject()
        member("type", "url_citation")
        name("url_citation")
        beginObject()
        member("start_index", span.lowerBound)
        member("end_index", span.upperBound)
        member("title", citation.title)
        member("url", citation.url)
        endObject()
        endObject()
    }

    mutating func member(_ usage: Usage) {
        name("usage")
        beginObject()
        member("prompt_tokens", usage.input)
        member("completion_tokens", usage.output)
        member("total_tokens", usage.input + usage.output)
        if usage.cached > 0 || usage.written > 0 {
            name("prompt_tokens_details")
            beginObject()
            member("cached_tokens", usage.cached)
            if usage.written > 0 { member("cache_write_tokens", usage.written) }
            endObject()
        }
        if usage.reasoning > 0 {
            name("completion_tokens_details")
            beginObject()
            member("reasoning_tokens", usage.reasoning)
            endObject()
        }
        endObject()
    }
}
