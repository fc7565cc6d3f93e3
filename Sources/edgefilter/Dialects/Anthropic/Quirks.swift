// SPDX-License-Identifier: MIT

import Model

/// Ways in which look-alikes, and models, differ from Anthropic's newest.
enum Quirks {
    static let noEffort = Quirk("no_effort", "does not take output_config.effort")
    static let budgetThinking = Quirk("budget_thinking", "thinking is asked for as a budget of tokens")
    static let adaptiveThinking = Quirk("adaptive_thinking", "thinking is asked for as adaptive")
    static let noSampling = Quirk("no_sampling", "takes neither temperature nor top_p nor top_k")
    static let noPrefill = Quirk("no_prefill", "does not continue an answer that the caller began")
    static let noOutputFormat = Quirk("no_output_format", "does not take output_config.format")
    static let maxOutput = Quirk(
        "max_output", "the most tokens of an answer, asked for where the caller names none", takesValue: true)
    static let repairHistory = Quirk(
        "repair_history", "calls without results and results without calls are repaired, not refused")
    static let noStream = Quirk("no_stream", "cannot stream: answers come whole")

    static let table = QuirkTable(
        quirks: [
            noEffort, budgetThinking, adaptiveThinking, noSampling, noPrefill, noOutputFormat, maxOutput,
            repairHistory, noStream,
        ],
        presets: [
            ("anthropic", []),
            ("deepseek", ["budget_thinking", "no_output_format"]),
            ("kimi", ["budget_thinking", "no_effort", "no_output_format"]),
            ("glm", ["budget_thinking", "no_effort", "no_output_format"]),
        ])
}

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
            provider.has(Quirks.adaptiveThinking)
            || !provider.has(Quirks.budgetThinking) && number >= 4_06
        takesEffort = !provider.has(Quirks.noEffort)
        listsXHigh = number >= 4_07
        takesSampling = !provider.has(Quirks.noSampling) && number < 4_07
        takesPrefill = !provider.has(Quirks.noPrefill) && number < 4_06
        takesFormat = !provider.has(Quirks.noOutputFormat) && number >= 4_01
        let own: Int? = !isClaude || number >= 3_07 ? nil : number >= 3_05 ? 8192 : 4096
        limit = provider.value(of: Quirks.maxOutput) ?? own
        standardLimit =
            limit.map { provider.has(Quirks.maxOutput) ? $0 : min($0, Family.standard) }
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
