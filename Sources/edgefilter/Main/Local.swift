// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model
import Settings
import Unix

// What is answered without any upstream.
extension Exchange {
    /// Answers what needs no upstream; false: it does need one.
    mutating func answerLocally(_ head: RequestHead, _ client: inout Client) throws(Failure) -> Bool {
        if head.method == "OPTIONS", head.fields.contains("Access-Control-Request-Method") {
            answer(204, CORS.preflight(head), [], &client)
            return true
        }
        if head.target.path == "*" {
            answer(204, ["Allow": Door.methods.joined(separator: ", ")], [], &client)
            return true
        }
        guard let page = Exchange.pages[head.target.path] else { return false }
        guard ["GET", "HEAD"].contains(head.method) else {
            throw Failure(.wrongMethod, "\(head.method) is not supported on \(head.target.path); use GET.")
        }
        var writer = Writer()
        writer.beginObject()
        page(gateway.settings, &writer)
        writer.endObject()
        answer(200, ["Content-Type": "application/json", "Cache-Control": "no-store"], writer.bytes, &client)
        return true
    }

    static let pages: [String: @Sendable (Settings, inout Writer) -> Void] = [
        "/": welcome, "/health": health, "/health/": health,
    ]

    private static let welcome: @Sendable (Settings, inout Writer) -> Void = { settings, writer in
        writer.member("name", "edgefilter")
        writer.member("version", version)
        writer.member("message", "LLM API gateway: point an OpenAI client's base URL at /v1 here.")
        writer.name("endpoints")
        writer.beginArray()
        for endpoint in ["GET /health", "GET /v1/models", "POST /v1/chat/completions", "* /v1/*"] {
            writer.string(endpoint)
        }
        writer.endArray()
        writer.name("dialects")
        writer.beginArray()
        for dialect in dialects { writer.string(dialect.name) }
        writer.endArray()
    }

    /// Never touches the upstream; the profile selects the members.
    private static let health: @Sendable (Settings, inout Writer) -> Void = { settings, writer in
        if settings.profile == .bartender {
            writer.member("status", "ok")
            writer.member("service", "relay-bartender")
        } else {
            writer.member("status", "healthy")
            writer.member("timestamp", Moment.now().seconds)
            writer.member("service", "edgefilter")
            writer.member("version", version)
        }
    }
}
