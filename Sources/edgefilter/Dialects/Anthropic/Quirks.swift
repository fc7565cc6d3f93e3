// SPDX-License-Identifier: MIT

import Model

// Ways in which look-alikes, and models, differ from Anthropic's newest.
extension Quirk {
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
}

extension Messages {
    var quirks: QuirkTable { Messages.table }

    private static let table = QuirkTable(
        quirks: [
            .noEffort, .budgetThinking, .adaptiveThinking, .noSampling, .noPrefill, .noOutputFormat,
            .maxOutput,
            .repairHistory, .noStream,
        ],
        presets: [
            ("anthropic", []),
            ("deepseek", ["budget_thinking", "no_output_format"]),
            ("kimi", ["budget_thinking", "no_effort", "no_output_format"]),
            ("glm", ["budget_thinking", "no_effort", "no_output_format"]),
        ])
}
