// SPDX-License-Identifier: MIT

import Digest
import JSON
import Model

/// Images and documents.
extension RequestWriter {
    mutating func write(image media: Media) throws(Failure) {
        let source = Payload.unpacked(media.source)
        if case .data(let type, _) = source, !Names.imageTypes.contains(Names.imageTwins[type] ?? type) {
            throw Failure(
                .invalidMember,
                "The image's media type '\(type)' is none of image/jpeg, image/png, image/gif, image/webp.",
                param: request.mentions.path(of: .images))
        }
        if media.detail != nil, media.detail != "auto" { lose(.imageDetail) }
        writer.beginObject()
        writer.member("type", "image")
        try write(source: source, .images)
        writer.endObject()
    }

    mutating func write(document media: Media) throws(Failure) {
        let source = try readable(Payload.unpacked(media.source))
        if case .text(let text) = source, text.isBlank { return }
        writer.beginObject()
        writer.member("type", "document")
        try write(source: source, .documents)
        if let title = media.title, !title.isEmpty { writer.member("title", title) }
        if let context = media.context, !context.isEmpty { writer.member("context", context) }
        writer.endObject()
    }

    private mutating func write(source: Media.Source, _ feature: Feature) throws(Failure) {
        writer.name("source")
        switch source {
        case .data(let type, let base64):
            let type = Names.imageTwins[type] ?? type
            Blocks.block("base64", [("media_type", type), ("data", base64)], &writer)
        case .url(let url):
            guard url.isWebAddress else {
                throw Failure(
                    .invalidMember, "An address must begin with http:// or https://.",
                    param: request.mentions.path(of: feature))
            }
            Blocks.block("url", [("url", url)], &writer)
        case .id(let id): Blocks.block("file", [("file_id", id)], &writer)
        case .text(let text):
            Blocks.block("text", [("media_type", "text/plain"), ("data", text)], &writer)
        }
    }

    /// A document as Anthropic reads it: PDF, or plain text.
    private func readable(_ source: Media.Source) throws(Failure) -> Media.Source {
        guard case .data(let type, let base64) = source, type != "application/pdf" else { return source }
        if type.isEmpty { return .data(type: "application/pdf", base64: base64) }
        guard Payload.isText(type),
            let bytes = Base64.standard.decoded(base64.utf8.prefix { $0 != UInt8(ascii: "=") })
        else {
            throw Failure(
                .unsupported,
                "Documents of the media type '\(type)' are not supported by the provider of this model.",
                param: request.mentions.path(of: .documents))
        }
        return .text(String(decoding: bytes, as: UTF8.self))
    }
}

/// Documents whose address holds all of them.
private enum Payload {
    /// What an address holds; any other source as it is.
    static func unpacked(_ source: Media.Source) -> Media.Source {
        guard case .url(let url) = source, let data = DataURL(url) else { return source }
        return .data(type: data.type, base64: data.base64)
    }

    /// Whether a media type is that of a text.
    static func isText(_ type: String) -> Bool {
        type.hasPrefix("text/") || ["application/json", "application/xml"].contains(type)
    }
}
