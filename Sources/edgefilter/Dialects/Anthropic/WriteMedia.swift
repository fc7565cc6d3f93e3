// SPDX-License-Identifier: MIT

import JSON
import Model

/// Images and documents.
extension Composer {
    mutating func write(image media: Media) throws(Failure) {
        let source = Payload.unpacked(media.source)
        if case .data(let type, _) = source, !Names.imageTypes.contains(Names.imageTwins[type] ?? type) {
            throw Failure(
                .invalidMember,
                "The image's media type '\(type)' is none of image/jpeg, image/png, image/gif, image/webp.",
                param: place(of: .images))
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
            Frame.block("base64", [("media_type", type), ("data", base64)], &writer)
        case .url(let url):
            guard url.isWebAddress else {
                throw Failure(
                    .invalidMember, "An address must begin with http:// or https://.",
                    param: place(of: feature))
            }
            Frame.block("url", [("url", url)], &writer)
        case .id(let id): Frame.block("file", [("file_id", id)], &writer)
        case .text(let text):
            Frame.block("text", [("media_type", "text/plain"), ("data", text)], &writer)
        }
    }

    /// A document as Anthropic reads it: PDF, or plain text.
    private func readable(_ source: Media.Source) throws(Failure) -> Media.Source {
        guard case .data(let type, let base64) = source, type != "application/pdf" else { return source }
        if type.isEmpty { return .data(type: "application/pdf", base64: base64) }
        guard Payload.isText(type), let bytes = Base64.decoded(base64) else {
            throw Failure(
                .unsupported,
                "Documents of the media type '\(type)' are not supported by the provider of this model.",
                param: place(of: .documents))
        }
        return .text(String(decoding: bytes, as: UTF8.self))
    }
}

extension String {
    fileprivate var isWebAddress: Bool {
        let start = prefix(8).lowercased()
        return start.hasPrefix("http://") || start.hasPrefix("https://")
    }
}

/// What an address holds that holds all of it (RFC 2397).
///
///     dataurl = "data:" [ mediatype ] *( ";" parameter ) [ ";base64" ] "," data
private enum Payload {
    static func unpacked(_ source: Media.Source) -> Media.Source {
        guard case .url(let url) = source, url.prefix(5).lowercased() == "data:",
            let comma = url.firstIndex(of: ",")
        else { return source }
        let type = url[url.index(url.startIndex, offsetBy: 5)..<comma].split(separator: ";").first ?? ""
        let data = url[url.index(after: comma)...].utf8.filter { $0 > 0x20 }
        return .data(
            type: type.lowercased().filter { !$0.isWhitespace }, base64: String(decoding: data, as: UTF8.self)
        )
    }

    static func isText(_ type: String) -> Bool {
        type.hasPrefix("text/") || ["application/json", "application/xml"].contains(type)
    }
}

// RFC 4648 section 4.
enum Base64 {
    private static let values: [UInt8: Int] = {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        return Dictionary(uniqueKeysWithValues: zip(letters.utf8, 0..<64))
    }()

    /// The bytes of a text whose padding may be missing; nil: it is none.
    static func decoded(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count * 3 / 4)
        var (bits, count) = (0, 0)
        for letter in text.utf8 where letter != UInt8(ascii: "=") {
            guard let value = values[letter] else { return nil }
            bits = (bits << 6 | value) & 0xFFFF
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> count))
        }
        return bytes
    }
}
