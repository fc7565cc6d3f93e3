// SPDX-License-Identifier: MIT

import Model

// Ways in which servers of the Responses API differ from OpenAI's.
extension Quirk {
    static let noStream = Quirk("no_stream", "is asked for whole answers, also when the caller streams")
    static let maxOutput = Quirk("max_output", "the most tokens an answer may have", takesValue: true)
    static let repairHistory = Quirk(
        "repair_history", "calls without results and results without calls are repaired, not refused")
    static let noSeals = Quirk(
        "no_encrypted_reasoning", "has no encrypted reasoning, and refuses to be asked for it")
    static let noThinking = Quirk("no_reasoning", "refuses the member reasoning")
    static let noSummary = Quirk("no_reasoning_summary", "refuses to summarise its reasoning")
    static let noSampling = Quirk("no_sampling", "refuses temperature and top_p")
    static let noSpaces = Quirk("no_namespaces", "knows no namespaces of tools: their names are joined")
    static let noCustom = Quirk("no_custom_tools", "knows no tools of free text: they become functions")
    static let noInstructions = Quirk("no_instructions", "wants the system's words as the first item")
    static let noStore = Quirk("no_store", "refuses the member store")
}

extension Responder {
    var quirks: QuirkTable { Responder.table }

    private static let table = QuirkTable(
        quirks: [
            .noStream, .maxOutput, .repairHistory, .noSeals, .noThinking, .noSummary, .noSampling, .noSpaces,
            .noCustom, .noInstructions, .noStore,
        ],
        presets: [
            ("lmstudio", ["no_encrypted_reasoning", "no_namespaces", "no_custom_tools"]),
            ("llamacpp", ["no_encrypted_reasoning", "no_namespaces", "no_custom_tools"]),
            ("ollama", ["no_encrypted_reasoning", "no_namespaces", "no_custom_tools"]),
            ("vllm", ["no_encrypted_reasoning", "no_namespaces", "no_custom_tools"]),
            ("openrouter", ["no_namespaces"]),
            ("xai", ["no_namespaces", "no_custom_tools"]),
        ])
}
