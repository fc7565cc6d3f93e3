// SPDX-License-Identifier: MIT

import JSON
import Model

// The conversation, as items.
extension RequestWriter {
    mutating func writeConversation() {
        var turns = request.turns[...]
        if !provider.has(.noInstructions), let instructions = request.instructions {
            turns = turns.dropFirst()
            if !instructions.isEmpty { writer.member("instructions", instructions) }
        }
        writer.name("input")
        writer.beginArray()
        for turn in turns {
            if turn.role == .assistant { assistant(turn.parts) } else { other(turn) }
        }
        writer.endArray()
    }

    /// What others said: results as items of their own, all else as messages around them.
    private mutating func other(_ turn: Turn) {
        var pending: [Part] = []
        for part in turn.parts {
            switch part {
            case .result(let result):
                message(turn.role, &pending)
                self.result(result)
            case .foreign(let foreign):
                message(turn.role, &pending)
                self.foreign(foreign)
            case .text, .image, .audio, .file, .refusal: pending.append(part)
            case .call, .reasoning: continue
            }
        }
        message(turn.role, &pending)
    }

    /// What the assistant did; thoughts wait for what they led to, and are dropped with nothing behind them.
    private mutating func assistant(_ parts: [Part]) {
        var pending: [Part] = []
        var thoughts: [(value: Value, text: String)] = []
        for part in parts {
            if case .reasoning(let reasoning) = part {
                message(.assistant, &pending)
                if let value = sealed(part) {
                    thoughts.append((value, reasoning.text))
                } else {
                    lose(reasoning.isRedacted ? .redactedThoughts : .thoughts)
                }
                continue
            }
            for thought in thoughts { reasoning(thought.value, thought.text) }
            thoughts.removeAll()
            switch part {
            case .call(let call):
                message(.assistant, &pending)
                self.call(call)
            case .foreign(let foreign):
                message(.assistant, &pending)
                self.foreign(foreign)
            default: pending.append(part)
            }
        }
        message(.assistant, &pending)
    }

    private mutating func foreign(_ foreign: Foreign) {
        if foreign.dialect == Names.dialect {
            writer.verbatim(foreign.value)
        } else {
            lose(.hostedCalls)
        }
    }

    /// Encrypted reasoning as this provider made it.
    private mutating func reasoning(_ value: Value, _ text: String) {
        guard let encrypted = value["encrypted_content"]?.string ?? value.string else { return }
        writer.beginObject()
        writer.member("type", Names.Kind.reasoning)
        if let id = value["id"]?.string { writer.member("id", id) }
        writer.name("summary")
        writer.beginArray()
        if !text.isEmpty { writer.summary(text) }
        writer.endArray()
        writer.member("encrypted_content", encrypted)
        writer.endObject()
    }

    private mutating func call(_ call: ToolCall) {
        let isCustom = call.isCustom && !provider.has(.noCustom)
        writer.beginObject()
        writer.member("type", isCustom ? Names.Kind.customCall : Names.Kind.call)
        writer.member("call_id", Wire.callID(call.id))
        let space = provider.has(.noSpaces) ? nil : toolbox.space(of: call.name)
        writer.member("name", space?.name ?? Wire.toolName(call.name))
        if let space { writer.member("namespace", space.space) }
        if isCustom {
            writer.member("input", call.arguments)
        } else if call.isCustom {
            writer.member("arguments", Arguments.wrapped(freeText: call.arguments))
        } else {
            writer.member("arguments", call.arguments.allSatisfy(\.isWhitespace) ? "{}" : call.arguments)
        }
        writer.endObject()
    }

    private mutating func result(_ result: ToolResult) {
        let isCustom = customCalls.contains(result.id) && !provider.has(.noCustom)
        writer.beginObject()
        writer.member("type", isCustom ? Names.Kind.customResult : Names.Kind.result)
        writer.member("call_id", Wire.callID(result.id))
        writer.name("output")
        let isText = result.parts.allSatisfy { if case .text = $0 { true } else { false } }
        if isText {
            let text = result.parts.text(joinedBy: Names.resultJoint)
            writer.string(result.marked(text))
        } else {
            writer.beginArray()
            if result.isError { self.text(ToolResult.errorMark, Names.Part.input) }
            for part in result.parts { self.part(part, .user) }
            writer.endArray()
        }
        writer.endObject()
    }

    private mutating func message(_ role: Turn.Role, _ parts: inout [Part]) {
        let kept = parts.filter { $0 != .text("") }
        parts.removeAll()
        guard !kept.isEmpty else { return }
        writer.beginObject()
        writer.member("type", Names.Kind.message)
        writer.member("role", role.rawValue)
        writer.name("content")
        writer.beginArray()
        for part in kept { self.part(part, role) }
        writer.endArray()
        writer.endObject()
    }
}

// The parts of messages and results.
extension RequestWriter {
    private mutating func part(_ part: Part, _ role: Turn.Role) {
        switch part {
        case .text(let text): self.text(text, role == .assistant ? Names.Part.output : Names.Part.input)
        case .refusal(let words) where role == .assistant: refusal(words)
        case .refusal(let words): text(words, Names.Part.input)
        case .image(let media): image(media)
        case .file(let media): file(media)
        case .audio(let media): audio(media)
        case .foreign(let foreign):
            lose(.unknownBlocks)
            text(foreign.value.source, Names.Part.input)
        case .call, .result, .reasoning: return
        }
    }

    private mutating func text(_ text: String, _ type: String) {
        writer.beginObject()
        writer.member("type", type)
        writer.member("text", text)
        writer.endObject()
    }

    private mutating func refusal(_ words: String) {
        writer.beginObject()
        writer.member("type", Names.Part.refusal)
        writer.member("refusal", words)
        writer.endObject()
    }

    private mutating func image(_ media: Media) {
        if case .text(let text) = media.source { return self.text(text, Names.Part.input) }
        writer.beginObject()
        writer.member("type", Names.Part.image)
        writer.member("detail", media.detail ?? "auto")
        switch media.source {
        case .data(let type, let base64): writer.member("image_url", DataURL.text(type: type, base64: base64))
        case .url(let url): writer.member("image_url", url)
        case .id(let id): writer.member("file_id", id)
        case .text: break
        }
        writer.endObject()
    }

    private mutating func file(_ media: Media) {
        if case .text(let text) = media.source {
            return self.text(
                media.told(text), Names.Part.input
            )
        }
        if let context = media.context { text(context, Names.Part.input) }
        writer.beginObject()
        writer.member("type", Names.Part.file)
        switch media.source {
        case .data(let type, let base64):
            writer.member("filename", media.title ?? "document.pdf")
            writer.member("file_data", DataURL.text(type: type, base64: base64))
        case .url(let url): writer.member("file_url", url)
        case .id(let id): writer.member("file_id", id)
        case .text: break
        }
        writer.endObject()
    }

    private mutating func audio(_ media: Media) {
        guard case .data(let type, let base64) = media.source else { return lose(.audioInput) }
        writer.beginObject()
        writer.member("type", Names.Part.audio)
        writer.name("input_audio")
        writer.beginObject()
        writer.member("data", base64)
        writer.member("format", media.audioFormat(type))
        writer.endObject()
        writer.endObject()
    }
}
