// SPDX-License-Identifier: MIT

/// The system that edgefilter stands in for: decides the default address and what callers hear of it.
///
/// Named by the file (`profile`), or by the variables or the form of the file that only one system has.
package enum Profile: String, CaseIterable, Sendable {
    case edgefilter
    case cyber = "cyber-openai"
    case dashscope = "dashscope-gateway"
    case anuneko = "anuneko-openai"
    case bartender = "relay-bartender"
    case infini = "infiniproxy"

    /// The system's own name.
    package var system: String {
        switch self {
        case .edgefilter: "edgefilter"
        case .cyber: "Cyber-OpenAI"
        case .dashscope: "DashScope gateway"
        case .anuneko: "AnuNeko OpenAI"
        case .bartender: "Relay Bartender"
        case .infini: "InfiniProxy"
        }
    }

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

    /// The model of a request that names none, and the dialect of the upstream that has it; nil: each must name one.
    package var model: (dialect: String, name: String)? {
        switch self {
        case .cyber: ("cyber", "ena-test")
        case .dashscope: ("dashscope", "farui-plus")
        case .anuneko: ("anuneko", "mihoyo-orange_cat")
        case .edgefilter, .bartender, .infini: nil
        }
    }

    /// Settings of its own where nobody says otherwise, as a file would write them.
    var defaults: [(path: [String], text: String)] {
        switch self {
        case .dashscope: [(["log", "key_hash"], Log.KeyHash.md5.rawValue)]
        case .anuneko:
            [
                (["limits", "body"], "16MiB"), (["limits", "per_address", "minute"], "10"),
                (["limits", "per_address", "hour"], "50"), (["limits", "per_address", "day"], "200"),
            ]
        case .cyber: [(["callers"], Callers.issued.rawValue)]
        case .edgefilter, .bartender, .infini: []
        }
    }
}
