// SPDX-License-Identifier: MIT

/// What OpenAI calls failures: `type` and `code` of an error, the same at all of its endpoints.
///
/// It stands here and not in a dialect because two of ours speak it; each has in front of it what its own
/// endpoint says otherwise. https://platform.openai.com/docs/guides/error-codes
package enum ErrorWords {
    /// What stands in the members `type` and `code`; nil: null.
    package typealias Words = (type: String, code: String?)

    /// What a failure is called.
    package static func words(for failure: Failure) -> Words {
        if failure.isOfModel { return ("invalid_request_error", "model_not_found") }
        return byCode[failure.code] ?? byKind(failure.kind)
    }

    private static let byCode: [Failure.Code: Words] = {
        var words: [Failure.Code: Words] = [:]
        for (type, names) in byType {
            for (code, failures) in names {
                for failure in failures { words[failure] = (type, code) }
            }
        }
        return words
    }()

    private static let byType: [(type: String, names: [(code: String, failures: [Failure.Code])])] = [
        (
            "invalid_request_error",
            [
                ("invalid_json", [.invalidJSON]),
                ("invalid_type", [.invalidMember]),
                ("missing_required_parameter", [.missingMember]),
                ("request_too_large", [.bodyTooLarge, .upstreamTooLarge]),
                ("model_not_found", [.unknownModel, .modelNotAllowed]),
                ("method_not_supported", [.wrongMethod]),
                ("missing_api_key", [.missingKey]),
                (
                    "invalid_api_key",
                    [
                        .refusedKey, .malformedKey, .unknownKey, .revokedKey, .expiredKey, .removedUser,
                        .needsOwnKey, .upstreamKey,
                    ]
                ),
                ("account_closed", [.accountClosed]),
                ("context_length_exceeded", [.contextOverflow]),
                ("permission_denied", [.upstreamPermission]),
                ("conflict", [.upstreamConflict]),
            ]
        ),
        ("requests", [("rate_limit_exceeded", [.keyRequests, .addressRequests, .addressBusy])]),
        ("tokens", [("rate_limit_exceeded", [.keyTokens])]),
        (
            "request_forbidden",
            [("origin_not_allowed", [.foreignOrigin]), ("host_not_allowed", [.foreignHost])]
        ),
        ("insufficient_quota", [("insufficient_quota", [.quotaExhausted])]),
        ("server_error", [("overloaded", [.upstreamOverloaded]), ("timeout", [.upstreamTimeout])]),
        ("service_unavailable_error", [("server_is_overloaded", [.full])]),
    ]

    private static func byKind(_ kind: Failure.Kind) -> Words {
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

extension Failure {
    /// Whether it is a model that the provider does not have, as far as its words tell.
    package var isOfModel: Bool {
        guard code == .upstreamNotFound else { return false }
        return "\(message) \(word ?? "")".lowercased().contains("model")
    }
}
