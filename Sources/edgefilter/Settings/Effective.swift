// SPDX-License-Identifier: MIT

extension Settings {
    /// The effective configuration as a file of the operator's form, which reads as the same settings again.
    ///
    /// No secret is in it: a reference stands as it was written, a literal is `***`, which is refused when it
    /// is read; the source is in a comment.
    /// The notices are comments.
    package var effective: String {
        let notices = notices.map { "# \($0)\n" }.joined()
        let lines = settingsWords.compactMap { word in word.write(self).map { entry(word.name, $0) } }
        return "\(notices)\(lines.joined(separator: "\n"))\n"
    }
}

private func entry(_ name: String, _ value: String) -> String {
    value.hasPrefix("\n") ? "\(name):\(value)" : "\(name): \(value)"
}

/// The members of a thing, a line each.
func block<Thing>(_ thing: Thing, by words: [Keyword<Thing>], indent: Int) -> String {
    let margin = "\n" + String(repeating: " ", count: indent)
    return words.compactMap { word in word.write(thing).map { margin + entry(word.name, $0) } }.joined()
}

/// The members of a thing on one line.
func flow<Thing>(_ thing: Thing, by words: [Keyword<Thing>]) -> String {
    flow(words.compactMap { word in word.write(thing).map { (word.name, $0) } })
}

func flow(_ members: [(String, String)]) -> String {
    "{\(members.map { "\($0): \($1)" }.joined(separator: ", "))}"
}

func list(_ items: [String]) -> String {
    "[\(items.map(scalar).joined(separator: ", "))]"
}

/// A secret as its reference, or as asterisks; the source stands behind it.
func masked(_ secret: Secret) -> String {
    "\(quoted(Secret.reference(secret.source)))  # \(secret)"
}

extension Secret {
    /// A source as it is written in a file; asterisks for a literal.
    static func reference(_ source: String) -> String {
        let words = source.split(separator: " ", maxSplits: 1)
        return words.count == 2 ? "${\(words[0]):\(words[1])}" : "***"
    }
}

/// A text as a YAML scalar: plain where no reader could take it for something else.
func scalar(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            || "._/-".utf8.contains(byte)
    }
    guard isPlain, let first = text.utf8.first, first | 0x20 >= UInt8(ascii: "a") || isDigit(first),
        !["null", "true", "false", "yes", "no", "on", "off"].contains(text.lowercased())
    else { return quoted(text) }
    return text
}

/// In double quotes, with the escapes of YAML 1.1, section 5.7; ASCII apart from letters of the text.
private func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"", "\\": quoted += "\\\(scalar)"
        case "\u{20}"..."\u{7E}", "\u{A1}"..."\u{2027}", "\u{202A}"..."\u{D7FF}":
            quoted.unicodeScalars.append(scalar)
        default:
            let hex = String(scalar.value, radix: 16)
            quoted += "\\U" + String(repeating: "0", count: 8 - hex.count) + hex
        }
    }
    return quoted + "\""
}
