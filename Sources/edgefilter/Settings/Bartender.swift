// SPDX-License-Identifier: MIT

/// Relay Bartender's file: turned into the tree of our own form, each value at its place.
enum Bartender {
    private static let sections: [(name: String, keys: [String])] = [
        ("server", ["host", "port"]),
        ("backend", ["base_url", "api_key"]),
        ("model", ["override", "mapping"]),
        ("request", ["timeout", "connect_timeout"]),
        (
            "logging",
            [
                "enabled", "request_headers", "request_body", "response_headers", "response_body",
                "mask_sensitive",
                "max_body_length",
            ]
        ),
    ]
    /// The keys that only its form has.
    static let keys = sections.map(\.name)
    /// The keys of ours that cannot stand beside them.
    private static let ours = ["upstreams", "models", "listen"]

    /// Whether a file is of this form.
    static func isForm(_ tree: Node) -> Bool {
        tree.members.contains { keys.contains($0.key) }
    }

    /// The tree of our own form that says the same.
    static func translate(_ tree: Node, _ reader: inout Reader) -> Node {
        guard let first = tree.members.first(where: { keys.contains($0.key) }) else { return tree }
        for member in tree.members where ours.contains(member.key) {
            let fault = "is of edgefilter's own form, but \(first.key) of Relay Bartender's: use one form"
            reader.complain(member.place, "\(member.key) \(fault)")
        }
        let known = reader.members(tree, known: keys + settingsWords.map(\.name))
        var settings = Node.members(known, at: tree.place).without(keys + ours)
        var parts: [String: Node] = [:]
        for (name, keys) in sections {
            guard let node = tree[name] else { continue }
            parts[name] = .members(reader.members(node, known: keys), at: node.place)
        }
        server(parts["server"], &settings, &reader)
        backend(parts["backend"], at: first.place, &settings, &reader)
        request(parts["request"], at: first.place, &settings, &reader)
        model(parts["model"], at: first.place, &settings, &reader)
        logging(parts["logging"], &settings, &reader)
        return settings
    }

    private static func server(_ node: Node?, _ settings: inout Node, _ reader: inout Reader) {
        guard let node, let named = node["host"] ?? node["port"] else { return }
        let host = node["host"].flatMap { reader.text($0) } ?? Profile.bartender.host
        let port = node["port"].flatMap { reader.count($0, 0...65535) } ?? Profile.bartender.port
        let text = Environment.address(host, port)
        settings.set(["listen"], to: Node(place: named.place, content: .list([.text(text, at: named.place)])))
    }

    private static func backend(
        _ node: Node?, at place: Place, _ settings: inout Node, _ reader: inout Reader
    ) {
        // Its files write empty texts where they mean nothing.
        for (theirs, ours) in [("base_url", "base_url"), ("api_key", "key")] {
            guard let value = node?[theirs], !value.isEmpty else { continue }
            settings.set(["upstreams", "backend", ours], to: value)
        }
        settings.set(["upstreams", "backend", "dialect"], to: .text("openai", at: place))
        // Its files may name any host over plain http, and must go on working.
        if let base = node?["base_url"], case .text(let text) = base.content, text.hasPrefix("http://") {
            settings.set(["upstreams", "backend", "plain"], to: .text("true", at: base.place))
            guard (try? URL(text))?.isLoopback != true else { return }
            let warning = "http:// sends the key and all content in clear; https:// would not"
            reader.notices.append("\(Complaint(base.place, warning))")
        }
    }

    private static func request(
        _ node: Node?, at place: Place, _ settings: inout Node, _ reader: inout Reader
    ) {
        let timeout = reader.seconds(node?["timeout"] ?? .text("120", at: place))
        let connect = reader.seconds(node?["connect_timeout"] ?? .text("30", at: place))
        for (name, value) in [("first_byte", timeout), ("silence", timeout), ("connect", connect)] {
            guard let value else { continue }
            settings.set(["upstreams", "backend", "timeout", name], to: value)
        }
    }

    private static func model(_ node: Node?, at place: Place, _ settings: inout Node, _ reader: inout Reader)
    {
        if let override = node?["override"], !override.isEmpty {
            guard let name = reader.text(override) else { return }
            return settings.set(["models", "*"], to: .text("backend/\(name)", at: override.place))
        }
        for member in node?["mapping"].map({ reader.members($0) }) ?? [] {
            guard let name = reader.text(member.value, expected: "a model's name") else { continue }
            settings.set(["models", member.key], to: .text("backend/\(name)", at: member.value.place))
        }
        if settings[["models", "*"]] == nil {
            settings.set(["models", "*"], to: .text("backend", at: place))
        }
    }

    /// What the file says is honoured; what it leaves out stays off, though the original logged bodies then.
    private static func logging(_ node: Node?, _ settings: inout Node, _ reader: inout Reader) {
        guard let node else { return }
        if let enabled = node["enabled"], reader.flag(enabled) == false { return }
        var log = settings["log"] ?? Node(place: node.place, content: .nothing)
        if let mask = node["mask_sensitive"], reader.flag(mask) == false {
            let warning = "no key is ever logged: keys and secret fields are masked all the same"
            reader.notices.append("\(Complaint(mask.place, warning))")
        }
        log.fill(from: node.without(["enabled", "mask_sensitive"]))
        settings.set(["log"], to: log)
    }
}

extension Node {
    fileprivate var isEmpty: Bool { content == .nothing || content == .text("") }
}

extension Reader {
    /// A number of seconds, as a node of our own form.
    mutating func seconds(_ node: Node) -> Node? {
        let expected = "a number of seconds"
        guard let text = text(node, expected: expected) else { return nil }
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let thousandths = String(((parts.count == 2 ? parts[1] : "") + "000").prefix(3))
        guard let whole = parts.first.flatMap({ decimal($0) }), whole <= 1_000_000_000,
            parts.count == 1 || decimal(parts[1]) != nil, let rest = decimal(thousandths)
        else {
            complain(node.place, "expected \(expected)")
            return nil
        }
        return .text("\(whole * 1000 + rest)ms", at: node.place)
    }
}
