// SPDX-License-Identifier: MIT

import Model

/// What a model understands, as far as its name tells.
///
/// Anthropic refuses what a model does not know; of a model whose name is none of Anthropic's only what every
/// look-alike takes is expected.
struct Family {
    let isClaude: Bool
    /// Whether the model decides how long it thinks; else it is given a budget.
    let isAdaptive: Bool
    /// Whether it refuses not to think.
    let alwaysThinks: Bool
    let takesEffort: Bool
    let listsXHigh: Bool
    let takesSampling: Bool
    let takesPrefill: Bool
    let takesFormat: Bool
    /// The most tokens of an answer; nil: beyond what callers ask for.
    let limit: Int?
    /// What is asked for where the caller names no limit.
    let standardLimit: Int

    private static let standard = 8192
    private static let words = ["claude", "opus", "sonnet", "haiku", "fable", "mythos"]

    init(_ model: String, _ provider: Provider) {
        let version = Family.version(of: model.lowercased())
        let number = version ?? 0
        isClaude = version != nil
        alwaysThinks = ["fable", "mythos"].contains { model.lowercased().contains($0) }
        isAdaptive =
            provider.has(.adaptiveThinking)
            || !provider.has(.budgetThinking) && number >= 4_06
        takesEffort = !provider.has(.noEffort)
        listsXHigh = number >= 4_07
        takesSampling = !provider.has(.noSampling) && number < 4_07
        takesPrefill = !provider.has(.noPrefill) && number < 4_06
        takesFormat = !provider.has(.noOutputFormat) && number >= 4_01
        let own: Int? = !isClaude || number >= 3_07 ? nil : number >= 3_05 ? 8192 : 4096
        limit = provider.value(of: .maxOutput) ?? own
        standardLimit =
            limit.map { provider.has(.maxOutput) ? $0 : min($0, Family.standard) }
            ?? Family.standard
    }

    /// A model's version: `claude-sonnet-4-5-20250929` is 405.
    ///
    /// The newest where its name has no number; nil: it is not Anthropic's.
    private static func version(of model: String) -> Int? {
        guard words.contains(where: model.contains) else { return nil }
        let numbers = model.split { !$0.isLetter && !$0.isNumber }
            .filter { $0.utf8.count <= 2 }.compactMap { Int($0) }
        guard let major = numbers.first else { return Int.max }
        return major * 100 + (numbers.count > 1 ? numbers[1] : 0)
    }
}
