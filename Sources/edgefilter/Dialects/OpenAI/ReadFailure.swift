// SPDX-License-Identifier: MIT

import JSON
import Model

/// What a provider complains of, in whichever of the forms that look-alikes have for it.
///
///     complaint = { "error": { message, type, param, code, … } } / { "error": string } / [ complaint ]
///               / { "object": "error", message, … } / { "detail": string / [ { msg, … } ] } / text
struct Complaint {
    private var message = ""
    /// `code`, where it is a word; else `type`.
    private var word: String?
    private var type: String?
    private var param: String?
    /// The status that stands in the complaint itself.
    private var status: Int?

    init(body: [UInt8]) {
        if let root = Document.lenient(body)?.root {
            take(whole: root)
        } else {
            message = Plain.words(body)
        }
    }

    init(_ root: Value) { take(whole: root) }

    private mutating func take(whole root: Value) {
        var root = root
        if root.kind == .array, let first = root.elements.first(where: { $0.object != nil }) { root = first }
        if let error = root.given("error"), error.object != nil { take(error) } else { take(root) }
        if status == nil { status = root["status_code"]?.int ?? root["statusCode"]?.int }
    }

    private mutating func take(_ error: Value) {
        message = Plain.words(Complaint.text(of: error))
        type = error["type"]?.string
        word = error["code"]?.string ?? error["status"]?.string
        param = error["param"]?.string
        if param?.isEmpty == true { param = nil }
        status = [error["code"], error["status_code"], error["status"]].compactMap { $0?.int }.first
        // Some write the number as a string.
        if let number = word.flatMap({ Int($0) }) { (status, word) = (status ?? number, nil) }
        if let raw = error["metadata"]?["raw"]?.string { add(raw) }
    }

    /// What stands behind a router's own words: the complaint of the one that it asked.
    private mutating func add(_ raw: String) {
        let inner = Complaint(body: Array(raw.utf8.prefix(Plain.longest * 4)))
        guard !inner.message.isEmpty, !message.contains(inner.message) else { return }
        message = message.isEmpty ? inner.message : "\(message): \(inner.message)"
        word = word ?? inner.word
    }

    private static func text(of error: Value) -> String {
        if let text = error.string { return text }
        for name in ["message", "error", "detail", "msg", "error_msg", "title"] {
            guard let value = error.given(name) else { continue }
            if let text = value.string { return text }
            let details = value.elements.compactMap { $0["msg"]?.string ?? $0.string }
            if !details.isEmpty { return details.joined(separator: "; ") }
        }
        return ""
    }
}

// What it means.
extension Complaint {
    /// `status`: that of the answer; nil: the complaint came within an answer that had begun well.
    func failure(status outer: Int?, _ provider: Provider) -> Failure {
        let status = outer.flatMap { $0 >= 400 ? $0 : nil } ?? self.status ?? statusOfWord ?? 502
        let code = code(status, provider)
        var failure = Failure(code, told(status), param: param)
        failure.word = word ?? type
        failure.isFinal = code == .quotaExhausted || code == .contentRefused
        if code == .upstreamFault { failure.status = status == 500 ? 500 : 502 }
        return failure
    }

    private func told(_ status: Int) -> String {
        message.isEmpty ? "The provider answered with status \(status)." : message
    }

    private var words: [String] { [word, type].compactMap { $0?.lowercased() } }

    private func code(_ status: Int, _ provider: Provider) -> Failure.Code {
        if status != 429, Overflow.isMeant(code: word ?? type, message: message) { return .contextOverflow }
        if let type, status != 429, Overflow.isMeant(code: type, message: message) { return .contextOverflow }
        if status == 402 || words.contains(where: Complaint.quota.contains) {
            return provider.has(.quotaIsRate) && status == 429 ? .upstreamRateLimit : .quotaExhausted
        }
        if words.contains(where: Complaint.refusals.contains) { return .contentRefused }
        if word == "model_not_found", status == 400 { return .upstreamNotFound }
        return Failure.Code(status: status)
    }

    private var statusOfWord: Int? {
        words.lazy.compactMap { Complaint.statuses[$0] }.first
    }

    private static let quota: Set<String> = [
        "insufficient_quota", "credit_balance_exhausted", "billing_hard_limit_reached", "arrearage",
        "insufficient_balance", "exceeded_current_quota_error", "billing_error", "insufficient_credits",
        "usage_limit_reached",
    ]

    private static let refusals: Set<String> = [
        "content_filter", "content_policy_violation", "data_inspection_failed", "datainspectionfailed",
        "content_filtered", "sensitive", "moderation_blocked", "safety",
    ]

    /// What a word means where no status is told.
    private static let statuses: [String: Int] = [
        "invalid_request_error": 400, "badrequesterror": 400, "invalid_argument": 400, "tool_use_failed": 400,
        "invalid_value": 400, "invalid_api_key": 401, "authentication_error": 401, "unauthenticated": 401,
        "permission_error": 403, "permission_denied": 403, "model_not_found": 404, "not_found_error": 404,
        "not_found": 404, "rate_limit_exceeded": 429, "rate_limit_error": 429, "too_many_requests": 429,
        "resource_exhausted": 429, "requests": 429, "tokens": 429, "slow_down": 503, "overloaded": 503,
        "overloaded_error": 503, "server_is_overloaded": 503, "service_unavailable_error": 503,
        "unavailable": 503, "timeout": 504, "timeout_error": 504, "server_error": 500, "internal_error": 500,
        "api_error": 500,
    ]
}
