// SPDX-License-Identifier: MIT

import Model

// How failures are called: `type` and `code` of an error.
extension Names {
    typealias Words = (type: String, code: String?)

    static func words(for failure: Failure) -> Words {
        let own = byCode[failure.code] ?? byMessage(failure) ?? byKind(failure.kind)
        if let given = failure.words { return (given.type, given.code ?? failure.word ?? own.code) }
        guard let word = failure.word, passing.contains(failure.code), !isType(word) else { return own }
        return (own.type, word)
    }

    /// Failures for which the provider's own word is told, since it says more.
    private static let passing: Set<Failure.Code> = [
        .upstreamInvalid, .contentRefused, .upstreamNotFound, .upstreamPermission, .upstreamFault,
        .quotaExhausted,
    ]

    /// Whether a word is the name of a class of errors, which stands elsewhere.
    private static func isType(_ word: String) -> Bool {
        word.hasSuffix("_error") || word.hasSuffix("Error") || word == "requests" || word == "tokens"
    }

    private static let byCode: [Failure.Code: Words] = [
        .invalidJSON: ("invalid_request_error", "invalid_json"),
        .invalidMember: ("invalid_request_error", "invalid_type"),
        .missingMember: ("invalid_request_error", "missing_required_parameter"),
        .unsupported: ("invalid_request_error", "unsupported_value"),
        .bodyTooLarge: ("invalid_request_error", "request_too_large"),
        .unknownModel: ("invalid_request_error", "model_not_found"),
        .wrongMethod: ("invalid_request_error", "method_not_supported"),
        .missingKey: ("invalid_request_error", "missing_api_key"),
        .refusedKey: ("invalid_request_error", "invalid_api_key"),
        .malformedKey: ("invalid_request_error", "invalid_api_key"),
        .unknownKey: ("invalid_request_error", "invalid_api_key"),
        .revokedKey: ("invalid_request_error", "invalid_api_key"),
        .expiredKey: ("invalid_request_error", "invalid_api_key"),
        .removedUser: ("invalid_request_error", "invalid_api_key"),
        .needsOwnKey: ("invalid_request_error", "invalid_api_key"),
        .accountClosed: ("invalid_request_error", "account_closed"),
        .modelNotAllowed: ("invalid_request_error", "model_not_found"),
        .keyRequests: ("requests", "rate_limit_exceeded"),
        .keyTokens: ("tokens", "rate_limit_exceeded"),
        .addressRequests: ("requests", "rate_limit_exceeded"),
        .foreignOrigin: ("request_forbidden", "origin_not_allowed"),
        .foreignHost: ("request_forbidden", "host_not_allowed"),
        .contextOverflow: ("invalid_request_error", "context_length_exceeded"),
        .contentRefused: ("invalid_request_error", "content_policy_violation"),
        .upstreamKey: ("invalid_request_error", "invalid_api_key"),
        .upstreamPermission: ("invalid_request_error", "permission_denied"),
        .upstreamConflict: ("invalid_request_error", "conflict"),
        .upstreamTooLarge: ("invalid_request_error", "request_too_large"),
        .quotaExhausted: ("insufficient_quota", "insufficient_quota"),
        .upstreamFault: ("server_error", nil),
        .brokenArguments: ("server_error", nil),
        .upstreamOverloaded: ("server_error", "overloaded"),
        .upstreamTimeout: ("server_error", "timeout"),
        .adminOnly: ("invalid_request_error", "admin_only"),
        .adminKey: ("invalid_request_error", "invalid_admin_key"),
        .adminExpired: ("invalid_request_error", "sign_in_expired"),
        .forged: ("request_forbidden", "token_missing"),
        .nameTaken: ("invalid_request_error", "name_taken"),
        .noSuchUser: ("invalid_request_error", "user_not_found"),
        .noSuchKey: ("invalid_request_error", "api_key_not_found"),
        .keyRevoked: ("invalid_request_error", "api_key_revoked"),
        .storeFailed: ("server_error", "storage_unavailable"),
        .full: ("service_unavailable_error", "server_is_overloaded"),
    ]

    /// What a provider does not have is mostly a model, and then it says so.
    private static func byMessage(_ failure: Failure) -> Words? {
        guard failure.code == .upstreamNotFound, failure.message.lowercased().contains("model") else {
            return nil
        }
        return ("invalid_request_error", "model_not_found")
    }

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
