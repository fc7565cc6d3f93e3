// SPDX-License-Identifier: MIT

import JSON
import Model

// Messages: of strings on the path of texts, of arrays of parts on the other.
extension RequestWriter {
    mutating func writeMessages() throws(Failure) {
        let all = messages()
        writer.beginArray()
        for message in all {
            writer.beginObject()
            writer.member("role", message.role.rawValue)
            switch message.role {
            case .system, .user: try write(content: message.parts)
            case .tool: write(message.result)
            case .assistant: writeAssistant(message)
            }
            writer.endObject()
        }
        writer.endArray()
    }

    private mutating func write(content parts: [Part]) throws(Failure) {
        writer.name("content")
        guard order.road == .multimodal else {
            var texts: [String] = []
            for part in parts { texts.append(try words(part)) }
            return writer.string(texts.joined(separator: traits.contains(.alternating) ? "\n\n" : "\n"))
        }
        writer.beginArray()
        for part in parts { try write(part) }
        writer.endArray()
    }

    private mutating func write(text: String) {
        writer.name("content")
        guard order.road == .multimodal else { return writer.string(text) }
        writer.beginArray()
        if !text.isEmpty { writer.part("text", text) }
        writer.endArray()
    }

    private mutating func write(_ result: ToolResult?) {
        guard let result else { return }
        writer.member("tool_call_id", result.id)
        if let name = calledNames[result.id] { writer.member("name", sentName(of: name)) }
        let hasMedia = result.parts.contains { if case .image = $0 { true } else { false } }
        if hasMedia, order.road == .text { outgoing.lose(.resultImages) }
        var text = result.marked(result.words)
        if text.isEmpty {
            text = !hasMedia ? " " : order.road == .text ? "[image]" : "[image attached below]"
        }
        write(text: text)
    }

    private mutating func writeAssistant(_ message: Message) {
        write(text: message.parts.map(\.said).joined())
        if message.isPartial { writer.member("partial", true) }
        let calls = Turn(role: .assistant, parts: message.parts).calls
        guard !calls.isEmpty else { return }
        writer.name("tool_calls")
        writer.beginArray()
        for (index, call) in calls.enumerated() { write(call, at: index) }
        writer.endArray()
    }

    private mutating func write(_ call: ToolCall, at index: Int) {
        writer.beginObject()
        writer.member("index", index)
        writer.member("id", call.id)
        writer.member("type", "function")
        writer.name("function")
        writer.beginObject()
        writer.member("name", sentName(of: call.name))
        let arguments =
            call.isCustom
            ? Arguments.wrapped(freeText: call.arguments)
            : String(decoding: Arguments.object(call.arguments), as: UTF8.self)
        writer.member("arguments", arguments)
        writer.endObject()
        writer.endObject()
    }
}

// Parts.
extension RequestWriter {
    private mutating func write(_ part: Part) throws(Failure) {
        switch part {
        case .image(let media): writer.part("image", try address(of: media, "image"))
        case .audio(let media): writer.part("audio", try address(of: media, "audio"))
        default: writer.part("text", try words(part))
        }
    }

    /// Where a picture or a sound is: an address, or all of it.
    private func address(of media: Media, _ kind: String) throws(Failure) -> String {
        switch media.source {
        case .data(let type, let base64): return DataURL.text(type: type, base64: base64)
        case .url(let url): return url
        case .id, .text:
            throw Failure(
                .unsupported,
                "A file kept elsewhere cannot be sent to the provider of this model; send its data.",
                param: request.mentions.path(of: .fileIDs))
        }
    }

    /// What stands for a piece where texts are taken alone; throws at one that nothing can stand for.
    private mutating func words(_ part: Part) throws(Failure) -> String {
        switch part {
        case .text(let text), .refusal(let text): return text
        case .image: throw textsAlone("images", .images)
        case .audio: throw textsAlone("sound", .audioInput)
        case .file(let media): return words(of: media)
        case .call, .result, .reasoning, .foreign: return ""
        }
    }

    private mutating func words(of document: Media) -> String {
        switch document.source {
        case .text(let text): return document.told(text)
        case .url(let url): return document.told("Document: \(url)")
        case .data, .id:
            outgoing.lose(.documents)
            return document.told("[document]")
        }
    }

    private func textsAlone(_ what: String, _ feature: Feature) -> Failure {
        Failure(
            .unsupported,
            "The model '\(request.model)' takes texts only; leave the \(what) out or ask a model that takes \(what).",
            param: request.mentions.path(of: feature))
    }
}

extension Writer {
    /// A part: its kind is the name of its one member.
    fileprivate mutating func part(_ kind: String, _ text: String) {
        beginObject()
        member(kind, text)
        endObject()
    }
}
