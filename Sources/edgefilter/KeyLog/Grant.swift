// SPDX-License-Identifier: MIT

/// What an issued key allows.
package struct Allowance: Equatable, Sendable {
    /// Seconds since 1970 from which on it is refused; 0: never.
    package var expires = 0
    /// Patterns of model names, `*` for any run of characters; empty: all models.
    package var models: [String] = []
    /// 0: no limit.
    package var requestsPerMinute = 0
    /// 0: no limit.
    package var tokensPerDay = 0

    /// No limits.
    package init() {}
}

/// An issued key as it stands now; never the key itself.
package struct Grant: Equatable, Sendable {
    /// From 1, in the order they were issued; never given twice.
    package var id = 0
    /// The holder's `User.id`.
    package var user = 0
    /// What the operator calls it.
    package var name = ""
    /// Seconds since 1970.
    package var created = 0
    /// Whether it is refused for ever.
    package var isRevoked = false
    /// What it allows.
    package var allowance = Allowance()
    /// The model of requests that name none or that ask for the default; empty: none.
    package var defaultModel = ""

    package init() {}
}

extension Grant {
    /// Whether its time is over; `now` in seconds since 1970.
    package func hasExpired(at now: Int) -> Bool { allowance.expires != 0 && allowance.expires <= now }

    /// Whether it is accepted: neither revoked nor expired.
    package func isLive(at now: Int) -> Bool { !isRevoked && !hasExpired(at: now) }
}
