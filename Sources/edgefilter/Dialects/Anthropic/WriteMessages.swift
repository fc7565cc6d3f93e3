// SPDX-License-Identifier: MIT

import JSON
import Model

/// `messages`.
extension RequestWriter {
    mutating func writeMessages() throws(Failure) {
        writer.name("messages")
        writer.beginArray()
        for turn in messages {
            writer.beginObject()
            writer.member("role", turn.role.rawValue)
            writer.name("content")
            writer.beginArray()
            for part in turn.parts { try write(part) }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
    }

    private mutating func write(_ part: Part) throws(Failure) {
        switch part {
        case .text(let text), .refusal(let text): Blocks.block("text", [("text", text)], &writer)
        case .image(let media): try write(image: media)
        case .file(let media): try write(document: media)
        case .call(let call): write(call)
        case .result(let result): try write(result)
        case .reasoning(let reasoning): write(reasoning)
        case .foreign(let foreign): writer.verbatim(foreign.value)
        case .audio: lose(.audioInput)
        }
    }

    private mutating func write(_ call: ToolCall) {
        Blocks.call(
            id: Wire.callID(call.id), name: outgoing.sentName(of: call.name), input: call.input, &writer)
    }

    private mutating func write(_ reasoning: Reasoning) {
        let seal = reasoning.seal ?? ""
        if reasoning.isRedacted {
            Blocks.redacted(seal, &writer)
        } else {
            Blocks.block("thinking", [("thinking", reasoning.text), ("signature", seal)], &writer)
        }
    }

    private mutating func write(_ result: ToolResult) throws(Failure) {
        writer.beginObject()
        writer.member("type", "tool_result")
        writer.member("tool_use_id", Wire.callID(result.id))
        let parts = result.parts.filter { isWorthTelling($0) }
        if !parts.isEmpty {
            writer.name("content")
            writer.beginArray()
            for part in parts { try write(part) }
            writer.endArray()
        }
        if result.isError { writer.member("is_error", true) }
        writer.endObject()
    }

    private mutating func isWorthTelling(_ part: Part) -> Bool {
        switch part {
        case .text(let text), .refusal(let text): return !text.isBlank
        case .image, .file: return true
        case .audio: lose(.audioInput)
        case .call, .result, .reasoning, .foreign: lose(.unknownBlocks)
        }
        return false
    }
}
