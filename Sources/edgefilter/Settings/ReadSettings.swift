// SPDX-License-Identifier: MIT

/// The operator's file in edgefilter's own form: its keys, in the order in which they are read and written.
let settingsWords: [Keyword<Settings>] = [
    // Read before all others, since it decides their defaults.
    Keyword("profile") { node, settings, reader in
        if let profile: Profile = reader.word(node) { settings.profile = profile }
    } write: {
        let profile = $0.profile
        return profile == .edgefilter ? nil : "\(profile.rawValue)  # standing in for \(profile.system)"
    },
    Keyword("upstreams") { node, settings, reader in
        settings.upstreams = reader.upstreams(node)
    } write: {
        written($0.upstreams)
    },
    Keyword("models") { node, settings, reader in
        settings.routes = reader.routes(node, upstreams: settings.upstreams.map(\.name))
    } write: {
        written($0.routes)
    },
    Keyword("callers") { node, settings, reader in
        if let callers: Callers = reader.word(node) { settings.callers = callers }
    } write: {
        $0.callers?.rawValue
    },
    Keyword("cors") { node, settings, reader in
        settings.cors = reader.texts(node, each: originFault)
    } write: {
        $0.cors.map(list)
    },
    .flag("strict", \.strict),
    .texts("listen", \.listen, each: listenFault),
    .members("limits", \.limits, limitWords),
    .members("log", \.log, logWords),
    .texts("trusted_proxies", \.trustedProxies, each: proxyFault),
    Keyword("admin") { node, settings, reader in
        reader.read(node, into: &settings, by: adminWords)
    } write: {
        let members = block($0, by: adminWords, indent: 2)
        return members.isEmpty ? nil : members
    },
]

private let adminWords: [Keyword<Settings>] = [
    Keyword("key") { node, settings, reader in
        settings.admin = reader.hash(node)
    } write: {
        $0.admin.map(masked)
    },
    Keyword("listen") { node, settings, reader in
        settings.adminListen = reader.texts(node, each: listenFault) ?? []
    } write: {
        $0.adminListen.isEmpty ? nil : list($0.adminListen)
    },
]

extension Reader {
    /// Reads a secret that must be a SHA-256 in hex.
    fileprivate mutating func hash(_ node: Node) -> Secret? {
        guard let secret = secret(node) else { return nil }
        guard secret.value.utf8.count == 64, secret.value.utf8.allSatisfy(isHex) else {
            complain(node.place, "expected the SHA-256 of the admin key: 64 hex digits")
            return nil
        }
        return Secret(value: secret.value.lowercased(), source: secret.source)
    }
}

extension Settings {
    /// What is said of an address to listen on that is none.
    package static let expectedAddress =
        "expected an address such as 127.0.0.1:8000, [::1]:8000, :8000 or /run/edgefilter.sock"
}

/// An origin as browsers send it (RFC 6454, section 7), or `*`.
private func originFault(_ text: String) -> String? {
    if text == "*" || text == "null" { return nil }
    let isOrigin = (try? URL(text)).map { $0.path.isEmpty && !text.hasSuffix("/") } ?? false
    return isOrigin ? nil : "expected an origin such as https://app.example.com, or \"*\""
}

private func listenFault(_ text: String) -> String? {
    let fault = Settings.expectedAddress
    if text.hasPrefix("/") { return text.utf8.count < 108 ? nil : "the path is too long for a socket" }
    guard let colon = text.lastIndex(of: ":"), let port = decimal(text[text.index(after: colon)...]),
        port <= 65535
    else { return fault }
    let host = text[..<colon]
    let isBare = !host.utf8.contains(where: ":[] /".utf8.contains)
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    return isBare || (isBracketed && Address(String(host.dropFirst().dropLast()))?.bytes.count == 16)
        ? nil : fault
}

private func proxyFault(_ text: String) -> String? {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    if text == "unix" { return nil }
    let fault = "expected an address, a network such as 10.0.0.0/8, or unix"
    guard let first = parts.first, let address = Address(String(first)) else { return fault }
    guard parts.count == 2 else { return nil }
    return decimal(parts[1]).map { $0 <= address.bytes.count * 8 } ?? false ? nil : fault
}
