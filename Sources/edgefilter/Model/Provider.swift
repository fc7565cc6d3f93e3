// SPDX-License-Identifier: MIT

/// What a dialect must know of the upstream at hand.
package struct Provider: Sendable {
    /// The operator's name for it.
    package let name: String
    /// Flags that are set, presets resolved.
    package let flags: Set<String>
    /// Values of those that have one.
    package let values: [String: Int]
    /// Texts of those that have one.
    package let texts: [String: String]
    /// Scheme and authority of its base, for providers that want to hear where they are called.
    package var origin = ""
    /// A UUID by which a provider knows the machine that calls it; always the same one.
    package var device = ""

    package init(
        name: String = "", flags: Set<String> = [], values: [String: Int] = [:], texts: [String: String] = [:]
    ) {
        self.name = name
        self.flags = flags
        self.values = values
        self.texts = texts
    }

    /// Whether a flag is set.
    package func has(_ flag: Quirk) -> Bool { flags.contains(flag.name) }
    /// The number that a flag was given (`max_output=8192`).
    package func value(of flag: Quirk) -> Int? { values[flag.name] }
    /// The text that a flag was given (`default_model=farui-plus`).
    package func text(of flag: Quirk) -> String? { texts[flag.name] }
}

/// A way in which a look-alike differs from the dialect it claims to speak.
package struct Quirk: Sendable, Equatable {
    /// As in the operator's file.
    package let name: String
    /// One line for the manual.
    package let meaning: String
    /// Whether it is written with a number: `name=8192`.
    package let takesValue: Bool
    /// Whether it is written with a text: `name=farui-plus`.
    package let takesText: Bool

    package init(_ name: String, _ meaning: String, takesValue: Bool = false, takesText: Bool = false) {
        self.name = name
        self.meaning = meaning
        self.takesValue = takesValue
        self.takesText = takesText
    }

    /// As it is written, with a stand-in for what stands behind it.
    package var form: String { takesValue ? "\(name)=N" : takesText ? "\(name)=NAME" : name }
}

extension Quirk {
    /// Whether what stands behind its name is what it wants there; nil: nothing does.
    fileprivate func takes(_ text: String?) -> Bool {
        if takesValue { return text.flatMap { Int($0) } != nil }
        return takesText ? text?.isEmpty == false : text == nil
    }
}

/// The flags of a dialect, and its presets: names for vendors, each a set of flags.
package struct QuirkTable: Sendable {
    /// All flags of the dialect.
    package let quirks: [Quirk]
    /// Flags as the operator would write them.
    package let presets: [(name: String, flags: [String])]

    package init(quirks: [Quirk] = [], presets: [(name: String, flags: [String])] = []) {
        self.quirks = quirks
        self.presets = presets
    }

    /// The provider of these quirks; the second value lists words that are neither flag nor preset.
    package func provider(_ name: String, _ words: [String]) -> (provider: Provider, unknown: [String]) {
        var flags: Set<String> = []
        var values: [String: Int] = [:]
        var texts: [String: String] = [:]
        var unknown: [String] = []
        for word in words.flatMap(resolved) {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            let text = parts.count > 1 ? parts[1] : nil
            guard let quirk = quirks.first(where: { $0.name == parts.first }), quirk.takes(text) else {
                unknown.append(word)
                continue
            }
            flags.insert(quirk.name)
            values[quirk.name] = quirk.takesValue ? text.flatMap { Int($0) } : nil
            texts[quirk.name] = quirk.takesText ? text : nil
        }
        return (Provider(name: name, flags: flags, values: values, texts: texts), unknown)
    }

    private func resolved(_ word: String) -> [String] {
        presets.first { $0.name == word }?.flags ?? [word]
    }
}
