// SPDX-License-Identifier: MIT

import JSON
import Model

extension Usage {
    /// `usage` as anyone has it; nil: it says nothing.
    ///
    /// Some count reasoning beside the answer's tokens: then only the total tells of all.
    init?(chat value: Value) {
        guard value.object != nil else { return nil }
        let prompt = Usage.count(value["prompt_tokens"])
        let completion = Usage.count(value["completion_tokens"])
        let total = Usage.count(value["total_tokens"])
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
        values.lazy.compactMap(count).first ?? 0
    }

    /// A number of tokens, be it written as a fraction or in quotes; nil: it is none.
    private static func count(_ value: Value?) -> Int? {
        guard let value, let number = value.double ?? value.string.flatMap({ Double($0) }), number.isFinite,
            number >= 0
        else { return nil }
        return number >= Double(sane.upperBound) ? sane.upperBound : Int(number)
    }
}
