// SPDX-License-Identifier: MIT

import JSON
import Model

/// What a reply cost, as its events tell it: later numbers overwrite earlier ones.
struct Count: Sendable {
    private var input: Int?
    private var output: Int?
    private var cached: Int?
    private var written: Int?
    private var reasoning: Int?
    private var billed: Usage.Billed?

    /// nil: nothing was told.
    var usage: Usage? {
        guard input != nil || output != nil else { return nil }
        let (cached, written) = (cached ?? 0, written ?? 0)
        return Usage(
            input: (input ?? 0) + cached + written, output: output ?? 0, cached: cached, written: written,
            reasoning: min(reasoning ?? 0, output ?? 0), billed: billed)
    }

    /// Takes a `usage` object; members that are absent keep their values.
    mutating func take(_ usage: Value?) {
        guard let usage, usage.kind == .object else { return }
        input = Count.number(usage, "input_tokens") ?? input
        output = Count.number(usage, "output_tokens") ?? output
        cached = Count.number(usage, "cache_read_input_tokens") ?? cached
        written = Count.number(usage, "cache_creation_input_tokens") ?? written
        if let details = usage["output_tokens_details"] {
            reasoning = Count.number(details, "thinking_tokens") ?? reasoning
        }
        if let iterations = usage["iterations"] { bill(iterations) }
    }

    /// The rounds that a provider took for one answer are billed one by one.
    private mutating func bill(_ iterations: Value) {
        var sum = Usage.Billed(input: 0, output: 0)
        var hasAny = false
        for round in iterations.elements {
            var count = Count()
            count.take(round)
            guard let usage = count.usage else { continue }
            hasAny = true
            sum.input = min(sum.input + usage.input, Usage.sane.upperBound)
            sum.output = min(sum.output + usage.output, Usage.sane.upperBound)
        }
        billed = hasAny ? sum : nil
    }

    /// A number of tokens; one in quotes is none.
    private static func number(_ usage: Value, _ name: String) -> Int? {
        usage[name].flatMap { $0.kind == .number ? $0.tokens : nil }
    }
}
