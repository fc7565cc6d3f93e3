// SPDX-License-Identifier: MIT

import Model

// Where a relay finds what it needs.
extension Names {
    /// A whole answer is a response; events of a stream hold it below `response`.
    static let landmarks = Landmarks(
        reply: [(["error"], .failure)] + marks([]) + marks(["response"]),
        endMark: endMark,
        stops: stops,
        unfinished: ["in_progress", "queued"])

    private static func marks(_ prefix: [String]) -> [([String], Landmarks.Meaning)] {
        let own: [([String], Landmarks.Meaning)] = [
            (["model"], .model),
            (["status"], .stop),
            (["incomplete_details", "reason"], .stop),
            (["usage", "input_tokens"], .input),
            (["usage", "output_tokens"], .output),
            (["usage", "input_tokens_details", "cached_tokens"], .cached),
            (["usage", "input_tokens_details", "cache_write_tokens"], .written),
            (["usage", "output_tokens_details", "reasoning_tokens"], .reasoning),
        ]
        let failure: [([String], Landmarks.Meaning)] = prefix.isEmpty ? [] : [(["error"], .failure)]
        return (own + failure).map { (prefix + $0.0, $0.1) }
    }
}
