// SPDX-License-Identifier: MIT

/// How providers say that a conversation is too long for the model; clients that make room by themselves know
/// it by their own provider's words only.
package enum Overflow {
    private static let codes: Set<String> = [
        "context_length_exceeded", "context_window_exceeded", "model_context_window_exceeded",
        "exceed_context_size_error", "prompt_too_long",
    ]

    private static let phrases = [
        "prompt is too long", "maximum context length", "reduce the length of the messages",
        "exceeds the context window", "exceeds the available context size",
        "input is too long for requested model", "maximum prompt length is", "exceeded model token limit",
        "range of input length should be", "exceeds maximum allowed input length",
        "longer than the model's context length", "token limit exceeded", "too many tokens",
    ]

    /// Words of a limit that passes with time.
    private static let others = ["rate limit", "rate_limit", "too many requests", "throttl"]

    /// Whether an error's code and message mean that.
    package static func isMeant(code: String?, message: String) -> Bool {
        let text = message.lowercased()
        if others.contains(where: text.contains) { return false }
        if let code, codes.contains(code.lowercased()) { return true }
        return phrases.contains(where: text.contains)
            || text.contains("input token count") && text.contains("exceeds the maximum")
    }
}
