// SPDX-License-Identifier: MIT

import JSON
import Model

// Parts of a message.
extension RequestWriter {
    mutating func write(_ part: Part) throws(Failure) {
        switch part {
        case .text(let text): writer.textPart(text)
        case .image(let media): try write(image: media)
        case .audio(let media): try write(audio: media)
        case .file(let media): try write(file: media)
        case .foreign(let foreign): writer.verbatim(foreign.value)
        case .call, .result, .reasoning, .refusal: break
        }
    }

    /// What stands for a piece that is no text, where a text must do; nil: it can be sent as it is.
    func inWords(_ part: Part) -> String? {
        switch part {
        case .file(let media):
            switch media.source {
            case .text(let text): media.told(text)
            case .url(let url): media.told("Document: \(url)")
            default: provider.has(.stringContent) ? "[document: \(media.title ?? "without title")]" : nil
            }
        case .image: provider.has(.stringContent) ? "[image]" : nil
        case .audio: provider.has(.stringContent) ? "[audio]" : nil
        default: nil
        }
    }

    private mutating func write(image media: Media) throws(Failure) {
        if let words = inWords(.image(media)) { return writer.textPart(words) }
        writer.beginObject()
        writer.member("type", "image_url")
        writer.name("image_url")
        writer.beginObject()
        switch media.source {
        case .data(let type, let base64): writer.member("url", DataURL.text(type: type, base64: base64))
        case .url(let url): writer.member("url", url)
        case .id, .text: throw unknownFile()
        }
        if let detail = media.detail {
            writer.member("detail", detail == "original" && !isOwn ? knownDetail : detail)
        }
        writer.endObject()
        writer.endObject()
    }

    /// Only OpenAI itself knows the original's.
    private var knownDetail: String { provider.has(.openAIMembers) ? "original" : "high" }

    private mutating func write(audio media: Media) throws(Failure) {
        if let words = inWords(.audio(media)) { return writer.textPart(words) }
        writer.beginObject()
        writer.member("type", "input_audio")
        writer.name("input_audio")
        writer.beginObject()
        switch media.source {
        case .data(let type, let base64):
            writer.member("data", base64)
            writer.member("format", media.audioFormat(type))
        case .url(let url):
            writer.member("data", url)
            if let format = media.detail { writer.member("format", format) }
        case .id, .text: throw unknownFile()
        }
        writer.endObject()
        writer.endObject()
    }

    private mutating func write(file media: Media) throws(Failure) {
        if let words = inWords(.file(media)) { return writer.textPart(words) }
        if let context = media.context { writer.textPart(context) }
        writer.beginObject()
        writer.member("type", "file")
        writer.name("file")
        writer.beginObject()
        switch media.source {
        case .data(let type, let base64):
            writer.member("filename", media.title ?? "document.pdf")
            writer.member("file_data", DataURL.text(type: type, base64: base64))
        case .id(let id) where isOwn || provider.has(.files): writer.member("file_id", id)
        default: throw unknownFile()
        }
        writer.endObject()
        writer.endObject()
    }

    private func unknownFile() -> Failure {
        Failure(
            .unsupported,
            "A file kept elsewhere cannot be sent to the provider of this model; send its data.",
            param: request.mentions.path(of: .fileIDs))
    }
}

extension Writer {
    mutating func textPart(_ text: String) {
        beginObject()
        member("type", "text")
        member("text", text)
        endObject()
    }
}
