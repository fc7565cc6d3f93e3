// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model
import Settings

// What is answered without any upstream.
extension Exchange {
    /// Answers what needs no upstream; false: it does need one.
    mutating func answerLocally(_ head: RequestHead, _ client: inout Client) throws(Failure) -> Bool {
        if head.method == "OPTIONS", !Service.isClosed(head.target.path),
            head.fields.contains("Access-Control-Request-Method")
        {
            answer(204, CORS.preflight(head), [], &client)
            return true
        }
        if head.target.path == "*" {
            answer(204, ["Allow": Door.methods.joined(separator: ", ")], [], &client)
            return true
        }
        if let still = Still.page(of: head.target.path) {
            try answer(still, head, &client)
            return true
        }
        guard let page = Exchange.pages[head.target.path] else { return false }
        guard ["GET", "HEAD"].contains(head.method) else {
            throw Failure(.wrongMethod, "\(head.method) is not supported on \(head.target.path); use GET.")
        }
        var writer = Writer()
        writer.beginObject()
        page(gateway, &writer)
        writer.endObject()
        answer(200, ["Content-Type": "application/json", "Cache-Control": "no-store"], writer.bytes, &client)
        return true
    }

    private mutating func answer(
        _ still: Still, _ head: RequestHead, _ client: inout Client
    ) throws(Failure) {
        guard still.methods.contains(head.method) else {
            let methods = still.methods.joined(separator: " or ")
            throw Failure(
                .wrongMethod, "\(head.method) is not supported on \(head.target.path); use \(methods).")
        }
        answer(200, still.body.isEmpty ? Fields() : .ofJSON, Array(still.body.utf8), &client)
    }

    /// Whether an endpoint is this program's own, of which no provider hears and which nobody pays for.
    static func isOurs(_ endpoint: String) -> Bool {
        pages[endpoint] != nil || endpoint == metricsPath || Service.owns(endpoint)
    }

    /// Our own pages; none of them touches an upstream.
    static let pages: [String: @Sendable (Gateway, inout Writer) -> Void] = [
        "/": { $0.guise.welcome($0.settings, to: &$1) },
        "/health": { $0.guise.health(&$1) }, "/health/": { $0.guise.health(&$1) },
    ]
}

/// What Anthropic's clients ask their provider beside their work, and are content with anything (T161).
private struct Still {
    let path: String
    let methods: [String]
    let body: String

    private static let all = [
        Still(path: "/api/hello", methods: ["GET", "HEAD"], body: ""),
        Still(path: "/api/event_logging/batch", methods: ["POST"], body: #"{"status":"ok"}"#),
    ]

    /// Whatever stands before it in the client's base URL.
    static func page(of path: String) -> Still? { all.first { path.hasSuffix($0.path) } }
}
