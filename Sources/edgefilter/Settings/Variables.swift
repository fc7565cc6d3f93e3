// SPDX-License-Identifier: MIT

/// A variable of the five systems and the setting that it makes; nil: none.
struct Binding: Sendable {
    let name: String
    let path: [String]
    let convert: @Sendable (Variable, inout Reader) -> Node?

    init(
        _ name: String, _ path: String...,
        convert: @escaping @Sendable (Variable, inout Reader) -> Node? = { variable, _ in .text(variable) }
    ) {
        self.name = name
        self.path = path
        self.convert = convert
    }
}

/// A system whose variables make an upstream that bears its dialect's name.
struct Family: Sendable {
    let dialect: String
    let profile: Profile
    /// Whether the name of the profile is not enough.
    var needsVariable = true
    /// Variables any of which says that the family is meant.
    let bindings: [Binding]
    /// What its upstream is given though no variable says so.
    var quirks: [String] = []
}

let families = [
    Family(
        dialect: "openai", profile: .infini,
        bindings: [
            Binding("OPENAI_BASE_URL", "upstreams", "openai", "base_url"),
            Binding("OPENAI_API_KEY", "upstreams", "openai", "key", convert: reference),
            Binding("OPENAI_MODEL", "models", "*") { model, _ in
                .text("openai/\(model.text)", at: model.place)
            },
        ]),
    Family(
        dialect: "dashscope", profile: .dashscope, needsVariable: false,
        bindings: [Binding("DASHSCOPE_BASE_URL", "upstreams", "dashscope", "base_url")],
        quirks: ["default_model=farui-plus"]),
    Family(
        dialect: "anuneko", profile: .anuneko,
        bindings: [
            Binding("ANUNEKO_TOKEN", "upstreams", "anuneko", "key", convert: reference),
            Binding("ANUNEKO_COOKIE", "upstreams", "anuneko", "headers", "Cookie"),
            Binding("ANUNEKO_BASE_URL", "upstreams", "anuneko", "base_url"),
        ]),
    // SECRET_KEY goes with these, but many programs have one: alone it says nothing.
    Family(
        dialect: "cyber", profile: .cyber,
        bindings: [
            Binding("CYBER_ENGINE_HOST", convert: { _, _ in nil }),
            Binding("CYBER_ENGINE_PORT", convert: { _, _ in nil }),
        ]),
    Family(
        dialect: "anthropic", profile: .edgefilter,
        bindings: [
            Binding("ANTHROPIC_BASE_URL", "upstreams", "anthropic", "base_url"),
            Binding("ANTHROPIC_API_KEY", "upstreams", "anthropic", "key", convert: reference),
        ]),
]

/// Settings that hold with a file and without; the first variable that makes one wins.
let everywhere = [
    Binding("MAX_CONTENT_LENGTH", "limits", "body") { length, _ in .text("\(length.text)B", at: length.place)
    },
    Binding("ALLOWED_ORIGINS", "cors", convert: commaList),
    Binding("FLASK_DEBUG", "log", "level", convert: debug),
    Binding("DEBUG", "log", "level", convert: debug),
    Binding("LOG_LEVEL", "log", "level", convert: level),
    Binding("LOG_FILE", "log", "file"),
]

/// The names of a setting that has one in each system; the more special before `HOST` and `PORT`.
enum Names {
    static let host = ["PROXY_HOST", "FLASK_HOST", "HOST"]
    static let port = ["PROXY_PORT", "FLASK_PORT", "PORT"]
    static let timeout = ["REQUEST_TIMEOUT", "TIMEOUT"]
    static let log = ["LOG_PATH", "LOG_NAME"]
    /// Every name that counts.
    static let all =
        families.flatMap(\.bindings).map(\.name) + everywhere.map(\.name) + host + port + timeout + log
        + [engine.secret, "EDGEFILTER_CONFIG"]
    static let engine = (
        host: "CYBER_ENGINE_HOST", port: "CYBER_ENGINE_PORT", secret: "SECRET_KEY", usualHost: "127.0.0.1",
        usualPort: 6898
    )
}

extension Node {
    static func text(_ variable: Variable) -> Node { .text(variable.text, at: variable.place) }
}

@Sendable private func reference(_ variable: Variable, _ reader: inout Reader) -> Node? {
    .text("${env:\(variable.name)}", at: variable.place)
}

@Sendable private func commaList(_ list: Variable, _ reader: inout Reader) -> Node? {
    let items = list.text.split(separator: ",").map { Node.text(trimmed(String($0)), at: list.place) }
    return Node(place: list.place, content: .list(items))
}

@Sendable private func debug(_ flag: Variable, _ reader: inout Reader) -> Node? {
    switch flag.text.lowercased() {
    case "true", "1", "yes", "on": return .text("debug", at: flag.place)
    case "false", "0", "no", "off": return nil
    default:
        reader.complain(flag.place, "expected true or false")
        return nil
    }
}

@Sendable private func level(_ name: Variable, _ reader: inout Reader) -> Node? {
    let levels = ["warn": "warning", "critical": "error", "fatal": "error"]
    let word = name.text.lowercased()
    return .text(levels[word] ?? word, at: name.place)
}
