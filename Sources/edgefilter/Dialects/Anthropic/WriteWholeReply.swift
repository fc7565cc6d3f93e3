// SPDX-License-Identifier: MIT

import JSON
import Model

/// A whole Message.
extension AnswerWriter {
    mutating func write(_ reply: Reply, to bytes: inout [UInt8]) {
        var writer = Writer()
        writer.beginObject()
        writer.messageHead(id: id, model: request.model)
        writer.name("content")
        writer.beginArray()
        if !isWarming { for item in reply.items { write(item, &writer) } }
        writer.endArray()
        let stop = StopWords(
            reply.ending ?? Ending(.finished), hasCalls: !reply.calls.isEmpty, refusal: reply.refusal,
            isWarming: isWarming)
        writer.member(stop, isWhole: true)
        writer.member(reply.usage ?? estimate(of: reply))
        writer.endObject()
        bytes.append(contentsOf: writer.bytes)
    }

    private func write(_ item: Reply.Item, _ writer: inout Writer) {
        switch item {
        case .text(let text):
            if !text.text.isEmpty { Blocks.block("text", [("text", text.text)], &writer) }
        case .refusal(let text):
            if !text.isEmpty { Blocks.block("text", [("text", text)], &writer) }
        case .reasoning(let reasoning): write(reasoning, &writer)
        case .call(let call):
            Blocks.call(id: Wire.callID(call.id), name: call.name, input: call.input, &writer)
        }
    }

    private func write(_ reasoning: Reasoning, _ writer: inout Writer) {
        guard thoughts != .hidden else { return }
        let seal = reasoning.seal ?? ""
        if reasoning.isRedacted {
            Blocks.block("redacted_thinking", [("data", seal)], &writer)
            return
        }
        let text = thoughts == .shown ? reasoning.text : ""
        guard !text.isEmpty || !seal.isEmpty else { return }
        Blocks.block("thinking", [("thinking", text), ("signature", seal)], &writer)
    }

    private func estimate(of reply: Reply) -> Usage {
        var usage = reply.beginning.usage ?? Usage(input: Estimate.input(of: request))
        usage.output = max(usage.output, Estimate.tokens(inBytes: reply.size))
        return usage
    }
}

extension Reply {
    /// Its words of refusal; nil: it refused nothing.
    fileprivate var refusal: String? {
        var words: String?
        for case .refusal(let text) in items { words = (words ?? "") + text }
        return words.map { String($0.prefix(StopWords.explanationLimit)) }
    }
}
