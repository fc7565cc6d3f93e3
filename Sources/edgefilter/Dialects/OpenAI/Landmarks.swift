// SPDX-License-Identifier: MIT

import Model

// Where a relay finds what it needs.
extension Names {
    /// Chat, completions and embeddings answer at the top level; events of the Responses API below
    /// `response`.
    static let landmarks = Landmarks(
        reply: chatLandmarks + responsesLandmarks([]) + responsesLandmarks(["response"]),
        endMark: endMark,
        stops: stops,
        unfinished: ["in_progress", "queued"])

    private static let chatLandmarks: [([String], Landmarks.Meaning)] = [
        (["model"], .model),
        (["error"], .failure),
        (["choices", "*", "finish_reason"], .stop),
        (["usage", "prompt_tokens"], .input),
        (["usage", "completion_tokens"], .output),
        (["usage", "prompt_tokens_details", "cached_tokens"], .cached),
        (["usage", "completion_tokens_details", "reasoning_tokens"], .reasoning),
    ]

    private static func responsesLandmarks(_ prefix: [String]) -> [([String], Landmarks.Meaning)] {
        let below: [([String], Landmarks.Meaning)] = [
            (["usage", "input_tokens"], .input),
            (["usage", "output_tokens"], .output),
            (["usage", "input_tokens_details", "cached_tokens"], .cached),
            (["usage", "output_tokens_details", "reasoning_tokens"], .reasoning),
        ]
        let own: [([String], Landmarks.Meaning)] =
            prefix.isEmpty ? [] : [(["model"], .model), (["status"], .stop)]
        return (own + below).map { (prefix + $0.0, $0.1) }
    }
}
