// SPDX-License-Identifier: MIT

/// The system that edgefilter stands in for: decides the default address and what `/health` says.
package enum Profile: String, CaseIterable, Sendable {
    case edgefilter, cyber, dashscope, anuneko, bartender, infini

    /// Where it listens unless told otherwise.
    package var host: String {
        switch self {
        case .edgefilter: "127.0.0.1"
        case .cyber, .dashscope, .anuneko, .bartender: "0.0.0.0"
        case .infini: "localhost"
        }
    }

    /// The port it listens on unless told otherwise.
    package var port: Int { self == .bartender ? 8080 : 8000 }

    /// Who is served unless told otherwise: the original of `cyber` demands a key that the operator issued.
    var callers: Callers? { self == .cyber ? .issued : nil }

    /// How often an address may converse unless told otherwise.
    var perAddress: Rates { self == .anuneko ? Rates(minute: 10, hour: 50, day: 200) : Rates() }
}
