// SPDX-License-Identifier: MIT

private let upstreamWords: [Keyword<Upstream>] = [
    Keyword("dialect") { node, upstream, reader in
        if let name = reader.dialect(node) { upstream.dialect = name }
    } write: {
        $0.dialect
    },
    Keyword("base_url") { node, upstream, reader in
        if let base = reader.url(node) { upstream.base = base }
    } write: {
        $0.base.map { scalar($0.description) }
    },
    Keyword("key") { node, upstream, reader in
        if let key = reader.key(node) { upstream.key = key }
    } write: {
        written($0.key)
    },
    Keyword("account") { node, upstream, reader in
        if let account: Account = reader.word(node) { upstream.account = account }
    } write: {
        $0.key == .caller ? nil : $0.account.rawValue
    },
    .texts("quirks", \.quirks),
    Keyword("headers") { node, upstream, reader in
        upstream.headers = reader.headers(node)
    } write: {
        written($0.headers)
    },
    .members("timeout", \.timeout, timeoutWords),
    .count("retries", \.retries, 0...10),
    .flag("plain", \.plain),
]

private func written(_ key: Key) -> String {
    switch key {
    case .caller: "caller"
    case .none: "none"
    case .secret(let secret): masked(secret)
    }
}

private func written(_ headers: [Header]) -> String {
    flow(
        headers.map { header in
            let reference = header.source.map(Secret.reference)
            return (scalar(header.name), scalar(reference ?? (header.isSensitive ? "***" : header.value)))
        })
}

/// The upstreams as a block of the operator's file.
func written(_ upstreams: [Upstream]) -> String? {
    upstreams.map { "\n  \(scalar($0.name)):\(block($0, by: upstreamWords, indent: 4))" }.joined()
}

extension Reader {
    /// Reads `upstreams`, in the order of the file; a bad one stays, so that routes to it are no complaint.
    mutating func upstreams(_ node: Node) -> [Upstream] {
        members(node).map { member in
            if !isName(member.key) {
                complain(member.place, "expected an upstream's name: letters, digits, - _ and .")
            }
            var upstream = Upstream(name: member.key)
            read(member.value, into: &upstream, by: upstreamWords)
            settle(&upstream, member)
            return upstream
        }
    }

    /// What holds between the members of an upstream.
    private mutating func settle(_ upstream: inout Upstream, _ member: Member) {
        let place = member.value["base_url"]?.place ?? member.place
        upstream.base?.path.cutEndpoint()
        switch upstream.dialect {
        case "echo": if upstream.base != nil { complain(place, "an echo upstream has no base_url") }
        case "openai", "responses":
            if upstream.base == nil { upstream.base = URL(scheme: .https, host: "api.openai.com") }
            if upstream.base?.path == "" { upstream.base?.path = "/v1" }
        case "anuneko":
            if upstream.base == nil { upstream.base = URL(scheme: .https, host: "anuneko.com") }
        case "anthropic":
            // Its clients are told a base without the version.
            var base = upstream.base ?? URL(scheme: .https, host: "api.anthropic.com")
            if !base.path.hasSuffix("/v1") { base.path += "/v1" }
            upstream.base = base
        case "dashscope":
            var base = upstream.base ?? URL(scheme: .https, host: "dashscope.aliyuncs.com")
            base.path = Self.dashScopePath(base.path)
            upstream.base = base
        case "cyber":
            if upstream.base == nil { upstream.base = URL(scheme: .ws, host: "127.0.0.1", port: 6898) }
        default: break
        }
        if let base = upstream.base, base.scheme.isSocket != (upstream.dialect == "cyber") {
            let expected = base.scheme.isSocket ? "https://" : "wss://"
            complain(place, "the dialect \(upstream.dialect) is spoken at a URL that begins with \(expected)")
        }
        if let base = upstream.base, !base.scheme.isSecure, !upstream.plain, !base.isLoopback, !base.isPrivate
        {
            complain(
                place,
                "\(base.scheme.rawValue) to a public host shows keys and texts to all on the way: use \(base.scheme.rawValue)s (or plain: true)"
            )
        }
    }

    /// Where the version of its own API is, told of the host alone or of another API's base there.
    private static func dashScopePath(_ path: String) -> String {
        let ends = ["/api/v1", "/api", "/compatible-mode/v1", "/compatible-mode", "/v1"]
        let rest = ends.first(where: path.hasSuffix).map { String(path.dropLast($0.count)) } ?? path
        return rest + "/api/v1"
    }

    fileprivate mutating func dialect(_ node: Node) -> String? {
        guard let name = text(node, expected: "a dialect") else { return nil }
        if dialects.contains(name) { return name }
        let hint = suggestion(for: name, among: dialects).map { "did you mean \($0)?" }
        let known = "expected one of \(dialects.joined(separator: ", "))"
        complain(node.place, "unknown dialect \(shown(name)): \(hint ?? known)")
        return nil
    }

    fileprivate mutating func url(_ node: Node) -> URL? {
        guard let text = text(node, expected: "a URL") else { return nil }
        do throws(BadURL) {
            return try URL(text)
        } catch {
            complain(node.place, error.reason)
            return nil
        }
    }

    fileprivate mutating func headers(_ node: Node) -> [Header] {
        members(node).compactMap { member in
            let name = member.key
            guard name.utf8.count <= 128, !name.isEmpty, name.utf8.allSatisfy(isToken) else {
                complain(member.place, "expected the name of a header field")
                return nil
            }
            guard !ownFields.contains(name.lowercased()) else {
                complain(member.place, "\(name) is set by edgefilter itself")
                return nil
            }
            return header(name, member.value)
        }
    }

    /// A field with its value as it stands, or from where a reference says.
    private mutating func header(_ name: String, _ node: Node) -> Header? {
        guard let text = text(node) else { return nil }
        guard text.hasPrefix("${") else {
            let header = Header(name: name, value: text)
            if header.isSensitive, isMask(text) {
                complain(node.place, Self.hidden)
                return nil
            }
            if header.isSensitive, isSample(text) {
                let warning = "the value of \(name) is a sample: put the real one, or leave it out"
                notices.append("\(Complaint(node.place, warning))")
            }
            return header
        }
        guard let reference = Reference(text) else {
            complain(
                node.place, "expected ${credential:NAME}, ${env:NAME}, ${file:PATH}, or a text without ${")
            return nil
        }
        guard let value = resolve(reference, at: node.place) else { return nil }
        guard !value.isEmpty, value.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            complain(node.place, "the value is empty or holds control characters (\(reference.source))")
            return nil
        }
        return Header(name: name, value: value, source: reference.source)
    }
}

extension String {
    /// Cuts off an endpoint's own part of a path: documents print whole addresses where a base URL is wanted.
    fileprivate mutating func cutEndpoint() {
        for (end, rest) in endpoints where hasSuffix(end) { return removeLast(end.count - rest.count) }
    }
}

/// How such addresses end, and what remains of that.
///
/// A base may well end in `/models`.
private let endpoints =
    [("/chat/completions", "")]
    + ["completions", "messages", "responses", "embeddings"].map { ("/v1/\($0)", "/v1") }
    + ["text", "multimodal"].map { ("/services/aigc/\($0)-generation/generation", "") }

/// Fields that frame a request, and can only be set by whoever frames it.
private let ownFields = [
    "host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer",
    "expect",
]

/// RFC 9110, section 5.6.2.
private func isToken(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        || "!#$%&'*+-.^_`|~".utf8.contains(byte)
}

private func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
        && text.utf8.allSatisfy {
            isDigit($0) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
                || "-_.".utf8.contains($0)
        }
}
