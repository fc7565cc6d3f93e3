// SPDX-License-Identifier: MIT

import Model

extension Quirk {
    static let defaultModel = Quirk(
        "default_model", "a model of a name that nobody knows is this one", takesText: true)
    static let cumulative = Quirk(
        "cumulative", "streams are asked for in which each event repeats those before it")
    static let textPath = Quirk("text_path", "every model is asked on the path of text generation")
    static let multimodalPath = Quirk(
        "multimodal_path", "every model is asked on the path of multimodal generation")
    static let maxOutput = Quirk(
        "max_output", "no answer has more tokens than this number", takesValue: true)
    static let noThinking = Quirk("no_thinking", "does not know enable_thinking")
    static let streamOnly = Quirk("stream_only", "is only asked for streams; whole answers are made of them")
    static let noTools = Quirk("no_tools", "knows no tools")
    static let jsonSchema = Quirk("json_schema", "knows json_schema; else it is told the schema in words")
}

extension Generation {
    /// What the table of models does not know of an upstream.
    var quirks: QuirkTable {
        QuirkTable(
            quirks: [
                .defaultModel, .cumulative, .textPath, .multimodalPath, .maxOutput, .noThinking, .streamOnly,
                .noTools, .jsonSchema,
            ],
            presets: [
                ("farui", ["default_model=farui-plus"]),
                ("legacy", ["text_path", "cumulative", "no_thinking"]),
            ])
    }
}
