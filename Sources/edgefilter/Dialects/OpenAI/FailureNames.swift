// SPDX-License-Identifier: MIT

import Model

// How failures are called: `type` and `code` of an error.
extension Names {
    typealias Words = ErrorWords.Words

    static func words(for failure: Failure) -> Words {
        let own = byCode[failure.code] ?? ErrorWords.words(for: failure)
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

    /// What Chat Completions says otherwise than the whole API, and what our own endpoints say.
    private static let byCode: [Failure.Code: Words] = [
        .unsupported: ("invalid_request_error", "unsupported_value"),
        .contentRefused: ("invalid_request_error", "content_policy_violation"),
        .upstreamFault: ("server_error", nil),
        .brokenArguments: ("server_error", nil),
        .adminOnly: ("invalid_request_error", "admin_only"),
        .adminKey: ("invalid_request_error", "invalid_admin_key"),
        .adminExpired: ("invalid_request_error", "sign_in_expired"),
        .forged: ("request_forbidden", "token_missing"),
        .nameTaken: ("invalid_request_error", "name_taken"),
        .noSuchUser: ("invalid_request_error", "user_not_found"),
        .noSuchKey: ("invalid_request_error", "api_key_not_found"),
        .keyRevoked: ("invalid_request_error", "api_key_revoked"),
        .storeFailed: ("server_error", "storage_unavailable"),
    ]
}
