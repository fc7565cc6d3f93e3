// SPDX-License-Identifier: MIT

/// What the operator wants: the file, the environment and the command line as plain values.
///
/// Every member is settled: defaults are filled in, names are known to exist, keys are in hand.
package struct Settings: Equatable, Sendable {
    /// Where requests can go, in the order of the file; never empty after reading.
    package var upstreams: [Upstream]
    /// What callers ask for and where it goes, in the order of the file; never empty after reading.
    package var routes: [Route]
    /// Who may use the operator's keys; nil leaves it to the kind of socket (promise 8).
    package var callers: Callers?
    /// The origins that browsers may call from, or `["*"]`; nil leaves it to who the callers are.
    package var cors: [String]?
    /// Whether a request that a translation cannot carry whole is refused.
    package var strict: Bool
    /// Addresses for `edgefilter listen` without any: `host:port`, `[v6]:port` or `unix:/path`.
    package var listen: [String]
    /// What callers and connections may take.
    package var limits: Limits
    /// What is written down.
    package var log: Log
    /// Peers whose word about the client's address is believed: addresses, networks in CIDR form, `unix`.
    package var trustedProxies: [String]
    /// The SHA-256 of the admin key, 64 lower-case hex digits; nil: the admin socket only.
    package var admin: Secret?
    /// Addresses for administration that `edgefilter listen` binds beside the others.
    package var adminListen: [String] = []
    /// Which of the five systems this stands in for.
    package var profile: Profile
    /// What the operator should know though nothing is wrong; no secret is in it.
    package var notices: [String]

    /// Settings of values that are taken as they are.
    package init(
        upstreams: [Upstream] = [],
        routes: [Route] = [],
        callers: Callers? = nil,
        cors: [String]? = nil,
        strict: Bool = false,
        listen: [String] = [],
        limits: Limits = Limits(),
        log: Log = Log(),
        trustedProxies: [String] = [],
        admin: Secret? = nil,
        profile: Profile = .edgefilter,
        notices: [String] = []
    ) {
        self.upstreams = upstreams
        self.routes = routes
        self.callers = callers
        self.cors = cors
        self.strict = strict
        self.listen = listen
        self.limits = limits
        self.log = log
        self.trustedProxies = trustedProxies
        self.admin = admin
        self.profile = profile
        self.notices = notices
    }

    /// The upstream of that name.
    package func upstream(_ name: String) -> Upstream? {
        upstreams.first { $0.name == name }
    }

    /// The route of a model: an exact one before a pattern, patterns in the order of the file.
    ///
    /// A request without a model takes the route of `*` alone. Nil: nobody serves that name.
    package func route(for model: String?) -> Route? {
        guard let model else { return routes.first { $0.pattern == "*" } }
        return routes.first { $0.isExact && $0.pattern == model }
            ?? routes.first { !$0.isExact && matches($0.pattern, model) }
    }
}

/// Who may use the operator's upstream keys.
package enum Callers: String, CaseIterable, Sendable {
    /// Holders of keys that the operator issued.
    case issued
    /// Anyone who can connect.
    case open
    /// Nobody: each caller brings an upstream key.
    case upstream
}
