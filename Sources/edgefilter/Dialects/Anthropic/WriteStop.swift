// SPDX-License-Identifier: MIT

import JSON
import Model

/// `stop_reason` and what belongs to it.
struct StopWords {
    /// How much of a refusal's words is told again as its explanation, in bytes, about.
    static let explanationLimit = 2000

    let reason: String
    let sequence: String?
    let explanation: String?
    let isRefusal: Bool

    /// Calls win over the reason given, but for a limit and a refusal: a call that was cut must not run.
    init(_ ending: Ending, hasCalls: Bool, refusal: String?, isWarming: Bool) {
        isRefusal = !isWarming && (refusal != nil || ending.stop == .filtered)
        let words = refusal?.isEmpty == true ? nil : refusal
        explanation = isRefusal ? ending.explanation ?? words : nil
        let stop: Stop =
            switch ending.stop {
            case _ where isWarming: .length
            case _ where isRefusal: .filtered
            case .length: .length
            case _ where hasCalls: .toolCall
            case .sequence where ending.sequence != nil: .sequence
            default: .finished
            }
        reason = Names.stopReason(stop)
        sequence = stop == .sequence ? ending.sequence : nil
    }
}

extension Writer {
    mutating func messageHead(id: String, model: String) {
        member("id", id)
        member("type", "message")
        member("role", "assistant")
        member("model", model)
    }

    mutating func member(_ stop: StopWords, isWhole: Bool) {
        member("stop_reason", stop.reason)
        member("stop_sequence", orNull: stop.sequence)
        guard stop.isRefusal else {
            if isWhole { member("stop_details", orNull: String?.none) }
            return
        }
        name("stop_details")
        beginObject()
        member("type", "refusal")
        member("category", orNull: String?.none)
        member("explanation", orNull: stop.explanation)
        endObject()
    }

    /// `usage`, whose input leaves out what the cache read and wrote.
    mutating func member(_ usage: Usage) {
        name("usage")
        beginObject()
        member("input_tokens", max(0, usage.input - usage.cached - usage.written))
        member("cache_creation_input_tokens", usage.written)
        member("cache_read_input_tokens", usage.cached)
        member("output_tokens", usage.output)
        if usage.reasoning > 0 {
            name("output_tokens_details")
            beginObject()
            member("thinking_tokens", usage.reasoning)
            endObject()
        }
        endObject()
    }
}
