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
}
