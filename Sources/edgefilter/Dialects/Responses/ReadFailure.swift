// SPDX-License-Identifier: MIT

import JSON
import Model

// What a provider says when it does not answer.
extension Responder {
    func readFailure(status: Int, body: [UInt8], _ provider: Provider) -> Failure {
        let root = (try? Document(body))?.root
        let error = Complaint(root, text: body)
        var failure = Failure(error.code(of: status), error.message(status), param: error.param)
        failure.word = error.word
        failure.isFinal = failure.code == .quotaExhausted
        if failure.kind.status != status, failure.code == .upstreamInvalid { failure.status = 400 }
        if failure.code == .upstreamFault, status == 500 { failure.status = 500 }
        return failure
    }
}

/// An error in the words of a provider, in whatever form it came.
struct Complaint {
    private(set) var word: String?
    private(set) var type: String?
    private(set) var param: String?
    private var text = ""

    /// The body of a refusal; `text` is what came, where it is no JSON.
    init(_ root: Value?, text body: [UInt8]) {
        let first = root?.kind == .array ? root?.elements.first { _ in true } : root
        if let first {
            read(first.given("error") ?? first.given("detail") ?? first)
        } else {
            text = Plain.words(body)
        }
    }

    /// The error itself: an object, or a text.
    init(_ error: Value) { read(error) }

    private mutating func read(_ error: Value) {
        word = Complaint.word(error["code"]) ?? error["status"]?.string
        type = error["type"]?.string
        param = error["param"]?.string
        let words = error["message"]?.string ?? error["detail"]?.string ?? error.string
        text = Plain.words(words ?? "")
    }

    private static func word(_ code: Value?) -> String? {
        guard let word = code?.string ?? code?.number, !word.isEmpty else { return nil }
        return word
    }

    func message(_ status: Int? = nil) -> String {
        if !text.isEmpty { return text }
        return status.map { "The provider answered with status \($0)." } ?? "The provider failed."
    }

    /// What it means, by its words and else by the status; nil: it came within an answer.
    func code(of status: Int?) -> Failure.Code {
        if Overflow.isMeant(code: word ?? type, message: text) { return .contextOverflow }
        for word in [word, type].compactMap({ $0?.lowercased() }) {
            // A status says more than the widest words, and whose fault it is says none as well.
            if status != nil, Complaint.wide.contains(word) { continue }
            if status == 401 || status == 403, word == "model_not_found" { continue }
            if let code = Complaint.byWord[word] { return code }
        }
        guard let status = status ?? word.flatMap(Int.init) else { return .upstreamFault }
        return 400..<600 ~= status ? Failure.Code(status: status) : .upstreamFault
    }

    private static let wide: Set<String> = [
        "server_error", "internal_error", "invalid_request_error", "invalid_prompt",
    ]

    private static let byWord: [String: Failure.Code] = [
        "insufficient_quota": .quotaExhausted, "credit_balance_exhausted": .quotaExhausted,
        "billing_hard_limit_reached": .quotaExhausted, "usage_not_included": .quotaExhausted,
        "rate_limit_exceeded": .upstreamRateLimit, "rate_limit_error": .upstreamRateLimit,
        "too_many_requests": .upstreamRateLimit,
        "content_filter": .contentRefused, "content_policy_violation": .contentRefused,
        "data_inspection_failed": .contentRefused, "image_content_policy_violation": .contentRefused,
        "bio_policy": .contentRefused, "misalignment_policy_violation": .contentRefused,
        "cyber_policy": .contentRefused,
        "invalid_api_key": .upstreamKey, "authentication_error": .upstreamKey,
        "permission_denied": .upstreamPermission, "permission_error": .upstreamPermission,
        "model_not_found": .upstreamNotFound,
        "server_is_overloaded": .upstreamOverloaded, "overloaded": .upstreamOverloaded,
        "overloaded_error": .upstreamOverloaded, "slow_down": .upstreamOverloaded,
        "server_error": .upstreamFault, "internal_error": .upstreamFault,
        "invalid_prompt": .upstreamInvalid, "invalid_request_error": .upstreamInvalid,
    ]
}
