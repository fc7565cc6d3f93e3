// SPDX-License-Identifier: MIT

import Settings
import Unix

/// An upstream for a test; `https://api.example/v1` unless told otherwise.
func upstream(
    _ name: String = "main", dialect: String = "openai", path: String = "/v1", key: Key = operatorKey
) -> Upstream {
    let base = URL(scheme: .https, host: "api.example", path: path)
    return Upstream(name: name, dialect: dialect, base: dialect == "echo" ? nil : base, key: key)
}

let operatorKey = Key.secret(Secret(value: "sk-operator", source: "literal"))

/// A route from a pattern to `upstream` or `upstream/model`.
func route(_ pattern: String, _ upstream: String, _ model: String? = nil) -> Route {
    Route(pattern: pattern, targets: [Target(upstream: upstream, model: model)])
}

func settings(
    _ upstreams: [Upstream] = [upstream()], routes: [Route] = [route("*", "main")], callers: Callers? = nil,
    cors: [String]? = nil, proxies: [String] = []
) -> Settings {
    Settings(upstreams: upstreams, routes: routes, callers: callers, cors: cors, trustedProxies: proxies)
}

/// The roads a caller may come by.
enum Roads {
    static let remote = Peer(road: .network, address: "203.0.113.9", port: 4)
    static let loopback = Peer(road: .network, address: "127.0.0.1", port: 4)
    static let loopback6 = Peer(road: .network, address: "::1", port: 4)
    static let unix = Peer(road: .unix, address: "unix")
    static let pipe = Peer.pipe
}
