// SPDX-License-Identifier: MIT

import HTTP
import Model

/// OpenAI's spellings, and where they stand.
enum Names {
    static let chatPath = "/v1/chat/completions"

    /// The data of the event that ends a stream.
    static let endMark = Array("[DONE]".utf8)

    /// Appends the event that ends a stream.
    static func writeEnd(to bytes: inout [UInt8]) {
        let mark = endMark
        EventWriter.write(name: nil, data: mark.span, to: &bytes)
    }

    /// Endpoints that take an object (or a form) with a model's name.
    static let modelPaths: Set<String> = [
        chatPath, "/v1/completions", "/v1/embeddings", "/v1/responses", "/v1/moderations",
        "/v1/images/generations", "/v1/images/edits", "/v1/images/variations",
        "/v1/audio/speech", "/v1/audio/transcriptions", "/v1/audio/translations",
    ]

    /// Endpoints whose streams end in a stop reason or in `endMark`.
    static let textPaths: Set<String> = [chatPath, "/v1/completions", "/v1/responses"]

    static let modelsPath = "/v1/models"

    static let roles: [String: Turn.Role] = [
        "system": .system, "developer": .developer, "user": .user, "assistant": .assistant,
        "tool": .user, "function": .user,
    ]

    /// `finish_reason` of chat and completions, `status` of responses.
    static let stops: [String: Stop] = [
        "stop": .finished, "length": .length, "tool_calls": .toolCall, "function_call": .toolCall,
        "content_filter": .filtered, "completed": .finished, "incomplete": .length,
    ]

    static func finishReason(_ stop: Stop) -> String {
        switch stop {
        case .finished, .sequence: "stop"
        case .length: "length"
        case .toolCall: "tool_calls"
        case .filtered: "content_filter"
        }
    }

    /// Chat, completions and embeddings answer at the top level; events of the Responses API below `response`.
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

    /// How a failure is called: `type` and `code` of an error.
    static func words(for failure: Failure) -> (type: String, code: String?) {
        byCode[failure.code] ?? byKind(failure.kind)
    }

    private static let byCode: [Failure.Code: (type: String, code: String?)] = [
        .invalidJSON: ("invalid_request_error", "invalid_json"),
        .invalidMember: ("invalid_request_error", "invalid_type"),
        .missingMember: ("invalid_request_error", "missing_required_parameter"),
        .bodyTooLarge: ("invalid_request_error", "request_too_large"),
        .unknownModel: ("invalid_request_error", "model_not_found"),
        .wrongMethod: ("invalid_request_error", "method_not_supported"),
        .missingKey: ("invalid_request_error", "missing_api_key"),
        .refusedKey: ("invalid_request_error", "invalid_api_key"),
        .foreignOrigin: ("request_forbidden", "origin_not_allowed"),
        .foreignHost: ("request_forbidden", "host_not_allowed"),
        .full: ("service_unavailable_error", "server_is_overloaded"),
    ]

    private static func byKind(_ kind: Failure.Kind) -> (type: String, code: String?) {
        switch kind {
        case .timeout: ("relay_error", "timeout")
        case .upstream: ("relay_error", "backend_error")
        case .rateLimit: ("rate_limit_error", "rate_limit_exceeded")
        case .server: ("server_error", "internal_error")
        case .overloaded: ("service_unavailable_error", nil)
        default: ("invalid_request_error", nil)
        }
    }
}
