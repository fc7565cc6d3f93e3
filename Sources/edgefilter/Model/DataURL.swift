// SPDX-License-Identifier: MIT

/// A URL that holds its data, in base64 (RFC 2397).
///
///     dataurl = "data:" [ type ] *( ";" parameter ) ";base64," data
package struct DataURL: Sendable {
    /// In lower case, without parameters, perhaps empty; `image/jpg` is `image/jpeg`.
    package let type: String
    /// Without white space.
    package let base64: String

    /// nil: it is none, or not in base64.
    package init?(_ text: String) {
        guard DataURL.isMeant(text), let comma = text.utf8.firstIndex(of: UInt8(ascii: ",")) else {
            return nil
        }
        let words = text[..<comma].dropFirst(5).split(separator: ";", omittingEmptySubsequences: false)
        guard words.count > 1, words.last?.lowercased() == "base64" else { return nil }
        let type = words[0].lowercased()
        self.type = type == "image/jpg" ? "image/jpeg" : type
        base64 = DataURL.dense(text[text.utf8.index(after: comma)...])
    }

    /// Whether a text begins like one.
    package static func isMeant(_ text: String) -> Bool { text.begins(with: "data:") }

    /// A text without its white space, which base64 may have.
    package static func dense(_ text: some StringProtocol) -> String {
        guard text.utf8.contains(where: \.isBlank) else { return String(text) }
        return String(decoding: text.utf8.filter { !$0.isBlank }, as: UTF8.self)
    }

    /// The URL that holds this.
    package static func text(type: String, base64: String) -> String { "data:\(type);base64,\(base64)" }
}

extension String {
    /// Whether it is an address that leads elsewhere.
    package var isWebAddress: Bool { begins(with: "https://") || begins(with: "http://") }

    /// Whether it is white space alone; so is the empty text.
    package var isBlank: Bool { utf8.allSatisfy(\.isBlank) }

    /// Whether it begins with a text that is in lower case, letters of either case being the same.
    fileprivate func begins(with prefix: String) -> Bool {
        let start = utf8.prefix(prefix.utf8.count)
        return start.count == prefix.utf8.count
            && zip(start, prefix.utf8).allSatisfy { $0 == $1 || $0 | 0x20 == $1 }
    }
}

extension UInt8 {
    /// Whether it is white space of ASCII.
    package var isBlank: Bool { self == 0x20 || 0x09...0x0D ~= self }
}

extension Media {
    /// What stands for a document that is a text: its title, what it is about, and its words, a line each.
    package func told(_ words: String) -> String {
        [title, context, words].compactMap(\.self).joined(separator: "\n")
    }

    /// The format of audio of this media type, as OpenAI's dialects name it: `wav`, `mp3`.
    package func audioFormat(_ type: String) -> String {
        detail ?? String(type.split(separator: "/").last ?? "wav")
    }
}
