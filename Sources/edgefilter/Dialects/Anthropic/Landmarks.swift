// SPDX-License-Identifier: MIT

import Model

extension Names {
    /// A whole answer and `message_delta` tell at the top, `message_start` below `message`.
    static let landmarks = Landmarks(
        reply: [
            (["model"], .model), (["error"], .failure), (["stop_reason"], .stop),
            (["delta", "stop_reason"], .stop), (["message", "model"], .model),
            (["message", "stop_reason"], .stop),
        ] + counts([]) + counts(["message"]),
        // Not Anthropic's, but of some that look like it.
        endMark: Array("[DONE]".utf8),
        endName: "message_stop",
        stops: stops,
        inputExcludesCache: true)

    private static func counts(_ prefix: [String]) -> [([String], Landmarks.Meaning)] {
        let below: [([String], Landmarks.Meaning)] = [
            (["input_tokens"], .input), (["output_tokens"], .output),
            (["cache_read_input_tokens"], .cached), (["cache_creation_input_tokens"], .written),
            (["output_tokens_details", "thinking_tokens"], .reasoning), (["iterations"], .rounds),
            (["iterations", "*", "input_tokens"], .roundInput),
            (["iterations", "*", "cache_read_input_tokens"], .roundInput),
            (["iterations", "*", "cache_creation_input_tokens"], .roundInput),
            (["iterations", "*", "output_tokens"], .roundOutput),
        ]
        return below.map { (prefix + ["usage"] + $0.0, $0.1) }
    }
}
