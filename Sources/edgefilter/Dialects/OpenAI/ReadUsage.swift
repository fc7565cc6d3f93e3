// SPDX-License-Identifier: MIT

import JSON
import Model

extension Usage {
    /// `usage` as anyone has it; nil: it says nothing.
    ///
    /// Some count reasoning beside the answer's tokens: then only the total tells of all.
    init?(chat value: Value) {
        guard value.object != nil else { return nil }
        let prompt = value["prompt_tokens"]?.tokens
        let completion = value["completion_tokens"]?.tokens
        let total = value["total_tokens"]?.tokens
        guard prompt != nil || completion != nil || total != nil else { return nil }
        let input = prompt ?? 0
        let told = completion ?? 0
        let output = total.map { $0 >= input ? max(told, $0 - input) : told } ?? told
        let read = value["prompt_tokens_details"]
        let made = value["completion_tokens_details"]
        let cached = Usage.first(
            read?["cached_tokens"], value["prompt_cache_hit_tokens"], value["cached_tokens"])
        let written = Usage.first(
            read?["cache_write_tokens"], read?["cache_creation_tokens"],
            read?["cache_creation_input_tokens"])
        self.init(
            input: input, output: output, cached: min(cached, input), written: min(written, input),
            reasoning: min(Usage.first(made?["reasoning_tokens"], value["reasoning_tokens"]), output),
            billed: output == told ? nil : Billed(input: input, output: told))
    }

    private static func first(_ values: Value?...) -> Int {
        values.lazy.compactMap { $0?.tokens }.first ?? 0
    }
}
