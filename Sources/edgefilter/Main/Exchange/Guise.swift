// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model
import Settings
import Unix

/// What callers of a replaced system find as they knew it: its pages, and its words for what is refused.
struct Guise: Sendable {
    /// What `/` greets with.
    var message = "LLM API gateway: point a client's base URL here."
    /// How to call it, on `/`: names and values; empty: `/` does not say.
    var usage: [(name: String, value: String)] = []
    /// The endpoints of its own, beside those that we always have.
    var endpoints: [String] = []
    /// Writes the members of `/health`.
    var health: @Sendable (inout Writer) -> Void = Guise.usual
    /// Characters that a caller's key has at least; 0: it is not looked at.
    var shortestKey = 0
    /// Its words for failures; the first that fits counts.
    var sayings: [Saying] = []

    /// The one of a profile; made once, before the first fork.
    static func of(_ profile: Profile) -> Guise {
        switch profile {
        case .edgefilter, .cyber: Guise()
        case .dashscope: dashscope
        case .anuneko: anuneko
        case .bartender: bartender
        case .infini: infini
        }
    }
}

/// How a system tells a failure.
struct Saying: Sendable {
    let codes: [Failure.Code]
    /// In which case, where the code alone does not tell; nil: always.
    var when: (@Sendable (Failure, RequestHead) -> Bool)?
    /// The sentence, made of ours; nil: ours.
    var text: (@Sendable (String) -> String)?
    /// What OpenAI's callers read as `type` and `code`; nil: the dialect's own words.
    var words: Failure.Words?

    func fits(_ failure: Failure, _ head: RequestHead?) -> Bool {
        guard codes.contains(failure.code) else { return false }
        guard let when else { return true }
        return head.map { when(failure, $0) } ?? false
    }
}

extension Guise {
    /// Throws when a caller's key cannot be one, before anything is done for it.
    func check(_ head: RequestHead) throws(Failure) {
        guard shortestKey > 0 else { return }
        let key = Caller.key(in: head)
        if key.isEmpty { throw Failure(.missingKey, "The request has no API key.") }
        if key.utf8.count < shortestKey { throw Failure(.refusedKey, "The API key is too short to be one.") }
    }

    /// The failure in the words of the system.
    func dressed(_ failure: Failure, _ head: RequestHead?) -> Failure {
        guard let saying = sayings.first(where: { $0.fits(failure, head) }) else { return failure }
        var failure = failure
        if let text = saying.text { failure.message = text(failure.message) }
        failure.words = saying.words ?? failure.words
        return failure
    }
}

// The pages.
extension Guise {
    /// Writes the members of `/`.
    func welcome(_ settings: Settings, to writer: inout Writer) {
        let profile = settings.profile
        writer.member("name", "edgefilter")
        writer.member("version", version)
        writer.member("message", message)
        if profile != .edgefilter { writer.member("stands_in_for", profile.system) }
        if !usage.isEmpty {
            writer.name("usage")
            writer.beginObject()
            for line in usage { writer.member(line.name, line.value) }
            writer.endObject()
        }
        let spoken = Set(settings.upstreams.map(\.dialect))
        let further = Guise.further.filter { !spoken.isDisjoint(with: $0.dialects) }.map(\.endpoint)
        Guise.list("endpoints", Guise.endpoints + further + endpoints + Guise.own, to: &writer)
        Guise.list("dialects", dialects.map(\.name), to: &writer)
    }

    private static let endpoints = [
        "GET /health", "GET /v1/models", "POST /v1/chat/completions", "POST /v1/messages",
        "POST /v1/messages/count_tokens", "POST /v1/responses",
    ]
    /// Those that only some upstreams have.
    private static let further = [
        (endpoint: "POST /v1/embeddings", dialects: ["dashscope"]),
        (endpoint: "* /v1/*", dialects: ["openai", "responses", "anthropic"]),
    ]
    /// Those of our own.
    private static let own = ["GET /usage/me", "GET /settings/model", "GET /openapi.json"]

    private static func list(_ name: String, _ texts: [String], to writer: inout Writer) {
        writer.name(name)
        writer.beginArray()
        for text in texts { writer.string(text) }
        writer.endArray()
    }

    private static let usual: @Sendable (inout Writer) -> Void = { writer in
        writer.member("status", "healthy")
        writer.member("timestamp", Moment.now().seconds)
        writer.member("service", "edgefilter")
        writer.member("version", version)
    }
}

// The table: documents of the systems, and where these are silent their programs' texts.
extension Guise {
    private static let dashscope = Guise(
        message: "DashScope to OpenAI API Gateway is running",
        usage: [
            ("endpoint", "/v1/chat/completions"), ("method", "POST"),
            ("auth", "Bearer YOUR_DASHSCOPE_API_KEY"), ("model", "farui-plus"),
        ],
        health: { writer in
            writer.member("status", "healthy")
            writer.member("timestamp", Moment.now().seconds)
            writer.member("service", "DashScope to OpenAI API Gateway")
        },
        shortestKey: 10,
        sayings: ofDashScope)

    private static let anuneko = Guise(
        message: "AnuNeko OpenAI: point an OpenAI client's base URL at /v1; any API key will do.",
        endpoints: ["GET /sessions", "DELETE /sessions/{id}"],
        health: { writer in
            writer.member("status", "healthy")
            // ISO 8601 to the microsecond, without a zone.
            writer.member("timestamp", String(Moment.now().iso8601.dropLast()) + "000")
            writer.member("version", "1.0.0")
        },
        sayings: ofAnuNeko)

    private static let bartender = Guise(health: { writer in
        writer.member("status", "ok")
        writer.member("service", "relay-bartender")
    })

    private static let infini = Guise(
        message: "OpenAI to Claude API Proxy",
        usage: [
            ("claude_messages", "/v1/messages (Claude API format)"),
            ("openai_chat", "/v1/chat/completions (OpenAI API format, passed through)"),
        ],
        sayings: ofInfini)

    private static func always(_ text: String) -> @Sendable (String) -> String { { _ in text } }

    /// Whether `Authorization` is there, but of another scheme than Bearer.
    @Sendable private static func bearsOther(_: Failure, _ head: RequestHead) -> Bool {
        head.fields.contains("Authorization") && !Caller.bearsKey(head)
    }

    private static let ofDashScope = [
        Saying(
            codes: [.missingKey], when: bearsOther,
            text: always("Invalid authorization format. Use 'Bearer YOUR_API_KEY'"),
            words: Failure.Words(type: "authentication_error", code: "invalid_authorization_format")),
        Saying(
            codes: [.missingKey],
            text: always(
                "Missing authorization header. Please provide your DashScope API key in the Authorization header "
                    + "as 'Bearer YOUR_API_KEY'"),
            words: Failure.Words(type: "authentication_error", code: "missing_authorization")),
        Saying(
            codes: [.refusedKey],
            text: always("Invalid API key format. Please check your DashScope API key."),
            words: Failure.Words(type: "authentication_error", code: "invalid_api_key")),
        Saying(
            codes: [.upstreamKey],
            words: Failure.Words(type: "authentication_error", code: "invalid_api_key")),
        Saying(
            codes: Failure.Code.allCases.filter { 400..<500 ~= $0.rawValue && $0 != .contextOverflow },
            words: Failure.Words(type: "dashscope_error", code: nil)),
        Saying(codes: [.internalError], words: Failure.Words(type: "internal_error", code: "server_error")),
    ]

    private static let invalid = Failure.Words(type: "invalid_request_error", code: nil)

    private static let ofAnuNeko = [
        Saying(
            codes: [.gatewayKey],
            words: Failure.Words(type: "authentication_error", code: "gateway_key_refused")),
        Saying(
            codes: Failure.Code.allCases.filter {
                400..<500 ~= $0.rawValue && [.upstream, .timeout, .overloaded].contains($0.kind)
            },
            words: Failure.Words(type: "server_error", code: nil)),
        Saying(
            codes: [.invalidJSON], when: { $1.framing == .counted(0) || $1.framing == Framing.none },
            text: always("请求体不能为空"), words: invalid),
        Saying(
            codes: [.missingMember, .invalidMember],
            when: { failure, _ in
                failure.param == "messages"
                    && (failure.code == .missingMember
                        || ["is empty", "at least one message"].contains(where: failure.message.contains))
            },
            text: always("messages 不能为空"), words: invalid),
        Saying(codes: [.noUserText], text: always("未找到用户消息"), words: invalid),
        Saying(
            codes: [.unknownEndpoint], text: always("端点不存在"),
            words: invalid),
        Saying(
            codes: [.internalError], text: { "服务器内部错误: \($0)" },
            words: Failure.Words(type: "server_error", code: "internal_error")),
    ]

    private static let ofInfini = [
        Saying(
            codes: [.missingKey], when: bearsOther,
            text: always("Invalid authorization header format. Use 'Bearer <api-key>'")),
        Saying(
            codes: [.missingKey],
            text: always("Missing API key. Include 'Authorization: Bearer <your-api-key>' header.")),
        // The number tells which of these it is.
        Saying(
            codes: [
                .refusedKey, .malformedKey, .unknownKey, .revokedKey, .expiredKey, .removedUser,
            ],
            text: always("Invalid or inactive API key")),
    ]
}
