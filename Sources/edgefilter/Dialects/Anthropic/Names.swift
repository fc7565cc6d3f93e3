// SPDX-License-Identifier: MIT

import Model

/// Anthropic's spellings, and where they stand.
enum Names {
    static let dialect = "anthropic"
    static let messagesPath = "/v1/messages"
    static let countPath = "/v1/messages/count_tokens"
    static let modelsPath = "/v1/models"

    /// Files that are named by their ids, and the container in which code runs, with the skills that were put there.
    static let kept = [
        ["messages", "*", "content", "*", "source", "file_id"], ["messages", "*", "content", "*", "file_id"],
        ["messages", "*", "content", "*", "content", "*", "source", "file_id"],
        ["messages", "*", "content", "*", "content", "*", "file_id"], ["system", "*", "source", "file_id"],
        ["container"],
    ]
    static let requestIDField = "request-id"
    static let quotaPrefix = "anthropic-ratelimit-"
    static let keyField = (name: "x-api-key", prefix: "")
    /// The one version whose requests every model and every look-alike takes.
    static let version = (name: "anthropic-version", value: "2023-06-01")

    static let betaField = "anthropic-beta"
    /// Beginnings of betas that are all in this field: a longer window, longer answers, thoughts as they are.
    ///
    /// Any other is the key to a member of the body, which is told of where it stands, or asks for what makes
    /// no difference elsewhere; clients send long lists with each request.
    static let wishes = ["context-1m-", "output-128k-", "dev-full-thinking-"]

    static let roles: [String: Turn.Role] = ["user": .user, "assistant": .assistant, "system": .system]

    /// The beginning of Claude Code's attribution block, which is meant for Anthropic alone.
    static let billing = "x-anthropic-billing-header:"

    /// How a block is read.
    enum Block {
        case text, image, document, searchResult, toolUse, toolResult, thinking, redactedThinking
        case toolAddition, toolRemoval, foreign
    }

    static func block(_ type: String) -> Block? {
        blocks[type] ?? (type.hasSuffix("_tool_result") ? .foreign : nil)
    }

    private static let blocks: [String: Block] = [
        "text": .text, "image": .image, "document": .document, "search_result": .searchResult,
        "tool_use": .toolUse, "tool_result": .toolResult, "thinking": .thinking,
        "redacted_thinking": .redactedThinking, "tool_addition": .toolAddition,
        "tool_removal": .toolRemoval, "server_tool_use": .foreign, "mcp_tool_use": .foreign,
        "container_upload": .foreign, "compaction": .foreign, "fallback": .foreign,
    ]

    /// `stop_reason`.
    static let stops: [String: Stop] = [
        "end_turn": .finished, "stop_sequence": .sequence, "max_tokens": .length,
        "model_context_window_exceeded": .length, "pause_turn": .length, "compaction": .length,
        "tool_use": .toolCall, "refusal": .filtered,
    ]

    static func stopReason(_ stop: Stop) -> String {
        switch stop {
        case .finished: "end_turn"
        case .sequence: "stop_sequence"
        case .length: "max_tokens"
        case .toolCall: "tool_use"
        case .filtered: "refusal"
        }
    }

    /// Images that are taken, by their media types; and other spellings of them.
    static let imageTypes: Set<String> = ["image/jpeg", "image/png", "image/gif", "image/webp"]
    static let imageTwins = ["image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg"]

    /// `error.type`.
    static func errorType(_ kind: Failure.Kind) -> String {
        switch kind {
        case .invalidRequest, .methodNotAllowed, .slowRequest: "invalid_request_error"
        case .authentication: "authentication_error"
        case .billing: "billing_error"
        case .permission: "permission_error"
        case .notFound: "not_found_error"
        case .conflict: "conflict_error"
        case .tooLarge: "request_too_large"
        case .rateLimit: "rate_limit_error"
        case .server, .upstream: "api_error"
        case .overloaded: "overloaded_error"
        case .timeout: "timeout_error"
        }
    }

    static let errorCodes: [String: Failure.Code] = [
        "invalid_request_error": .upstreamInvalid, "authentication_error": .upstreamKey,
        "billing_error": .quotaExhausted, "permission_error": .upstreamPermission,
        "not_found_error": .upstreamNotFound, "conflict_error": .upstreamConflict,
        "request_too_large": .upstreamTooLarge, "rate_limit_error": .upstreamRateLimit,
        "api_error": .upstreamFault, "timeout_error": .upstreamTimeout,
        "overloaded_error": .upstreamOverloaded,
    ]
}
