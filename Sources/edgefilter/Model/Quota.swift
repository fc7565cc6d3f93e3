// SPDX-License-Identifier: MIT

/// Where a caller stands with one of its limits.
package struct Quota: Equatable, Sendable {
    /// What it may use.
    package let limit: Int
    /// What is left of it.
    package let left: Int
    /// Seconds until all of it is there again.
    package let reset: Int
    /// That instant (RFC 3339).
    package let resetTime: String

    package init(limit: Int, left: Int, reset: Int, resetTime: String) {
        (self.limit, self.left, self.reset, self.resetTime) = (limit, left, reset, resetTime)
    }

    /// What the limit is on.
    package enum Kind: String, CaseIterable, Sendable { case requests, tokens }
}

extension ClientSide {
    /// The fields of most APIs, OpenAI's (https://platform.openai.com/docs/guides/rate-limits): a reset is a
    /// time such as `1h0m20s`.
    package func quotaFields(_ kind: Quota.Kind, _ quota: Quota) -> [(name: String, value: String)] {
        [
            ("\(quotaPrefix)limit-\(kind.rawValue)", "\(quota.limit)"),
            ("\(quotaPrefix)remaining-\(kind.rawValue)", "\(quota.left)"),
            ("\(quotaPrefix)reset-\(kind.rawValue)", quota.span),
        ]
    }

    /// What the names of all such fields begin with.
    package var quotaPrefix: String { "x-ratelimit-" }
}

extension Quota {
    /// `20s`, `6m0s`, `1h0m20s`.
    fileprivate var span: String {
        let (hours, minutes, seconds) = (reset / 3600, reset / 60 % 60, reset % 60)
        if hours > 0 { return "\(hours)h\(minutes)m\(seconds)s" }
        return minutes > 0 ? "\(minutes)m\(seconds)s" : "\(seconds)s"
    }
}
