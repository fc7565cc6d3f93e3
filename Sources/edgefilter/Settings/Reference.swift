// SPDX-License-Identifier: MIT

/// A text that says where a secret is: `${credential:NAME}`, `${env:NAME}` or `${file:PATH}`.
enum Reference: Equatable {
    case credential(String)
    case env(String)
    case file(String)

    /// Nil: not of that form.
    init?(_ text: String) {
        guard text.hasPrefix("${"), text.hasSuffix("}") else { return nil }
        let inner = text.dropFirst(2).dropLast()
        guard let colon = inner.firstIndex(of: ":") else { return nil }
        let name = String(inner[inner.index(after: colon)...])
        switch (inner[..<colon], name.isEmpty) {
        case ("credential", false): self = .credential(name)
        case ("env", false): self = .env(name)
        case ("file", false): self = .file(name)
        default: return nil
        }
    }

    /// The form of a secret's source.
    var source: String {
        switch self {
        case .credential(let name): "credential \(name)"
        case .env(let name): "env \(name)"
        case .file(let path): "file \(path)"
        }
    }
}

// In a flow mapping YAML takes the brace of `{ key: ${credential:glm} }` for its own. So that it can be
// written without quotes, the braces of references are replaced, before parsing, by characters that no text
// holds (U+FDD0 and U+FDD1, noncharacters), one by one: columns stay true.
extension Reference {
    private static let open: [UInt8] = [0xEF, 0xB7, 0x90]
    private static let close: [UInt8] = [0xEF, 0xB7, 0x91]
    private static let longest = 4096
    private static let starts = ["${credential:", "${env:", "${file:"].map { Array($0.utf8) }

    /// The same text with the braces of its references hidden.
    static func shield(_ bytes: [UInt8]) -> [UInt8] {
        var shielded: [UInt8] = []
        var rest = bytes[...]
        while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
            shielded += rest[..<dollar]
            rest = rest[dollar...]
            guard starts.contains(where: { rest.starts(with: $0) }), let end = end(of: rest) else {
                shielded.append(rest.removeFirst())
                continue
            }
            shielded += [UInt8(ascii: "$")] + open + rest[(dollar + 2)..<end] + close
            rest = rest[(end + 1)...]
        }
        return shielded + rest
    }

    private static func end(of bytes: ArraySlice<UInt8>) -> Int? {
        let end = bytes.prefix(longest).firstIndex { $0 == UInt8(ascii: "}") || $0 <= UInt8(ascii: " ") }
        return end.flatMap { bytes[$0] == UInt8(ascii: "}") ? $0 : nil }
    }

    /// The text with its braces again.
    static func unshield(_ text: String) -> String {
        guard text.utf8.contains(0xEF) else { return text }
        let scalars = text.unicodeScalars.map { $0.value == 0xFDD0 ? "{" : $0.value == 0xFDD1 ? "}" : $0 }
        return String(String.UnicodeScalarView(scalars))
    }
}
