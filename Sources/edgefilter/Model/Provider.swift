// SPDX-License-Identifier: MIT

/// What a dialect must know of the upstream at hand.
package struct Provider: Sendable {
    /// The operator's name for it.
    package let name: String
    /// Flags that are set, presets resolved.
    package let flags: Set<String>
    /// Values of those that have one.
    package let values: [String: Int]
    /// Scheme and authority of its base, for providers that want to hear where they are called.
    package var origin = ""
    /// A UUID by which a provider knows the machine that calls it; always the same one.
    package var device = ""

    package init(name: String = "", flags: Set<String> = [], values: [String: Int] = [:]) {
        self.name = name
        self.flags = flags
        self.values = values
    }

    /// Whether a flag is set.
    package func has(_ flag: Quirk) -> Bool { flags.contains(flag.name) }
    /// The number that a flag was given (`max_output=8192`).
    package func value(of flag: Quirk) -> Int? { values[flag.name] }
}

/// A way in which a look-alike differs from the dialect it claims to speak.
package struct Quirk: Sendable, Equatable {
    /// As in the operator's file.
    package let name: String
    /// One line for the manual.
    package let meaning: String
    /// Whether it is written with a number: `name=8192`.
    package let takesValue: Bool

    package init(_ name: String, _ meaning: String, takesValue: Bool = false) {
        self.name = name
        self.meaning = meaning
        self.takesValue = takesValue
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
        var unknown: [String] = []
        for word in words.flatMap(resolved) {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            let value = parts.count > 1 ? Int(parts[1]) : nil
            let quirk = quirks.first { $0.name == parts.first }
            guard let quirk, quirk.takesValue == (value != nil), quirk.takesValue || parts.count == 1 else {
                unknown.append(word)
                continue
            }
            flags.insert(quirk.name)
            values[quirk.name] = value
        }
        return (Provider(name: name, flags: flags, values: values), unknown)
    }

    private func resolved(_ word: String) -> [String] {
        presets.first { $0.name == word }?.flags ?? [word]
    }
}
