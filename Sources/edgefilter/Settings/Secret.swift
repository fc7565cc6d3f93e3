// SPDX-License-Identifier: MIT

/// A text that is never printed: no description, dump or mirror shows it.
package struct Secret: Equatable, Sendable {
    /// Visible ASCII, never empty.
    package let value: String
    /// Where it came from: `credential glm`, `env X`, `file P` or `literal`.
    package let source: String

    /// A secret of values that are taken as they are.
    package init(value: String, source: String) {
        self.value = value
        self.source = source
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Asterisks and the source.
    package var description: String { "*** (\(source))" }
    /// The same.
    package var debugDescription: String { description }
    /// The source alone.
    package var customMirror: Mirror { Mirror(self, children: ["source": source]) }
}

/// The key of an upstream's calls.
package enum Key: Equatable, Sendable {
    /// The one that the caller sent.
    case caller
    /// None at all.
    case none
    /// The operator's own.
    case secret(Secret)
}

/// Whether a secret is hidden: asterisks alone, as we print them ourselves.
func isMask(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy { $0 == UInt8(ascii: "*") } }

/// Whether a key is one of those that documents print where the reader's own should stand.
package func isSample(_ key: String) -> Bool {
    let key = String(key.lowercased().map { $0 == "_" || $0 == " " ? "-" : $0 })
    return isMask(key) || key.isEmpty || samples.contains { matches($0, key) }
}

private let samples = [
    "*your-*", "your*key*", "*-key-here", "*-token-here", "*...*", "*…*", "<*>", "xxx*", "*xxxxxx*",
    "sk-xxx*",
    "*change-me*", "*changeme*", "*replace-me*", "*placeholder*", "*real-api-key", "api-key", "sk-key",
    "sk-abc123",
    "*你的*", "*您的*",
]
