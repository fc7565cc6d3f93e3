// SPDX-License-Identifier: MIT

import JSON
import Model

/// The events of a stream, and the beginnings of blocks.
enum Frame {
    /// Appends an event; its data is written where it belongs, and never copied.
    static func event(_ type: String, to bytes: inout [UInt8], _ fill: (inout Writer) -> Void) {
        bytes.append(contentsOf: "event: ".utf8)
        bytes.append(contentsOf: type.utf8)
        bytes.append(contentsOf: "\ndata: ".utf8)
        var buffer: [UInt8] = []
        swap(&buffer, &bytes)
        bytes = object(type, after: buffer, fill)
        bytes.append(contentsOf: "\n\n".utf8)
    }

    private static func object(
        _ type: String, after buffer: consuming [UInt8], _ fill: (inout Writer) -> Void
    ) -> [UInt8] {
        var writer = Writer(into: buffer)
        writer.beginObject()
        writer.member("type", type)
        fill(&writer)
        writer.endObject()
        return writer.bytes
    }

    static let textDelta = #"text_delta","text":"#
    static let thinkingDelta = #"thinking_delta","thinking":"#
    static let signatureDelta = #"signature_delta","signature":"#
    static let inputDelta = #"input_json_delta","partial_json":"#

    /// Appends `content_block_delta`, by far the most frequent event.
    static func delta(_ index: Int, _ kind: String, _ text: String, to bytes: inout [UInt8]) {
        bytes.append(
            contentsOf: "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":".utf8)
        bytes.append(contentsOf: String(index).utf8)
        bytes.append(contentsOf: #","delta":{"type":""#.utf8)
        bytes.append(contentsOf: kind.utf8)
        Writer.append(text, to: &bytes)
        bytes.append(contentsOf: "}}\n\n".utf8)
    }

    static func text(_ writer: inout Writer) { block("text", [("text", "")], &writer) }

    static func thinking(_ writer: inout Writer) {
        block("thinking", [("thinking", ""), ("signature", "")], &writer)
    }

    static func redacted(_ seal: String, _ writer: inout Writer) {
        block("redacted_thinking", [("data", seal)], &writer)
    }

    static func call(id: String, name: String, _ writer: inout Writer) {
        writer.beginObject()
        writer.member("type", "tool_use")
        writer.member("id", id)
        writer.member("name", name)
        writer.name("input")
        writer.beginObject()
        writer.endObject()
        writer.endObject()
    }

    /// A block of strings.
    static func block(_ type: String, _ members: [(String, String)], _ writer: inout Writer) {
        writer.beginObject()
        writer.member("type", type)
        for (name, value) in members { writer.member(name, value) }
        writer.endObject()
    }
}

/// `stop_reason` and what belongs to it.
struct StopWords {
    /// How much of a refusal's words is told again as its explanation, in bytes, about.
    static let explanationLimit = 2000

    let reason: String
    let sequence: String?
    let explanation: String?
    let isRefusal: Bool

    /// Calls win over the reason given, but for a limit and a refusal: a call that was cut must not run.
    init(_ ending: Ending, hasCalls: Bool, refusal: String?, isWarming: Bool) {
        isRefusal = !isWarming && (refusal != nil || ending.stop == .filtered)
        let words = refusal?.isEmpty == true ? nil : refusal
        explanation = isRefusal ? ending.explanation ?? words : nil
        let stop: Stop =
            switch ending.stop {
            case _ where isWarming: .length
            case _ where isRefusal: .filtered
            case .length: .length
            case _ where hasCalls: .toolCall
            case .sequence where ending.sequence != nil: .sequence
            default: .finished
            }
        reason = Names.stopReason(stop)
        sequence = stop == .sequence ? ending.sequence : nil
    }
}

extension Writer {
    mutating func messageHead(id: String, model: String) {
        member("id", id)
        member("type", "message")
        member("role", "assistant")
        member("model", model)
    }

    mutating func member(_ stop: StopWords, isWhole: Bool) {
        member("stop_reason", stop.reason)
        member("stop_sequence", orNull: stop.sequence)
        guard stop.isRefusal else {
            if isWhole { member("stop_details", orNull: String?.none) }
            return
        }
        name("stop_details")
        beginObject()
        member("type", "refusal")
        member("category", orNull: String?.none)
        member("explanation", orNull: stop.explanation)
        endObject()
    }

    /// `usage`, whose input leaves out what the cache read and wrote.
    mutating func member(_ usage: Usage) {
        name("usage")
        beginObject()
        member("input_tokens", max(0, usage.input - usage.cached - usage.written))
        member("cache_creation_input_tokens", usage.written)
        member("cache_read_input_tokens", usage.cached)
        member("output_tokens", usage.output)
        if usage.reasoning > 0 {
            name("output_tokens_details")
            beginObject()
            member("thinking_tokens", usage.reasoning)
            endObject()
        }
        endObject()
    }
}
