// SPDX-License-Identifier: MIT

/// A `data:` URL with base64 (RFC 2397).
///
///     dataurl = "data:" [ type ] *( ";" parameter ) ";base64," data
struct DataURL {
    /// In lower case, without parameters; `image/jpg` is `image/jpeg`.
    let type: String
    /// Without white space.
    let base64: String

    /// nil: it is none, or not in base64.
    init?(_ text: String) {
        guard DataURL.isOne(text), let comma = text.utf8.firstIndex(of: UInt8(ascii: ",")) else { return nil }
        let words = text[..<comma].dropFirst(5).split(separator: ";", omittingEmptySubsequences: false)
        guard words.count > 1, words.last?.lowercased() == "base64" else { return nil }
        let type = words[0].lowercased()
        self.type = type == "image/jpg" ? "image/jpeg" : type
        base64 = DataURL.dense(text[text.utf8.index(after: comma)...])
    }

    static func isOne(_ text: String) -> Bool { begins(text, with: "data:") }

    /// Whether it is an address that leads elsewhere.
    static func isAddress(_ text: String) -> Bool {
        begins(text, with: "https://") || begins(text, with: "http://")
    }

    /// Without white space.
    static func dense(_ text: some StringProtocol) -> String {
        let isBlank = { (byte: UInt8) in byte == 0x20 || 0x09...0x0D ~= byte }
        guard text.utf8.contains(where: isBlank) else { return String(text) }
        return String(decoding: text.utf8.filter { !isBlank($0) }, as: UTF8.self)
    }

    /// Writes one.
    static func text(type: String, base64: String) -> String { "data:\(type);base64,\(base64)" }

    private static func begins(_ text: String, with prefix: String) -> Bool {
        let start = text.utf8.prefix(prefix.utf8.count)
        return start.count == prefix.utf8.count
            && zip(start, prefix.utf8).allSatisfy { $0 == $1 || $0 | 0x20 == $1 }
    }
}
