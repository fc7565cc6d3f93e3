// SPDX-License-Identifier: MIT

import KeyLog
import Model
import OpenAI
import Settings

/// What all processes count together, in the live page.
///
/// Labels are bounded: the operator's names and ours, and `other`.
final class Meter: Sendable {
    let page: LivePage
    private let upstreams: [String: Int]
    private let clients: [String: Int]
    private let routes: [(route: Route, number: Int)]

    init(_ page: LivePage, _ settings: Settings) {
        self.page = page
        let numbered = { (names: [String]) in
            Dictionary(names.map { ($0, page.number(of: $0)) }) { first, _ in first }
        }
        upstreams = numbered(settings.upstreams.map(\.name))
        clients = numbered(dialects.filter { $0.client != nil }.map(\.name))
        routes = settings.routes.map { ($0, page.number(of: $0.pattern)) }
    }

    /// Counts a request that has ended, when only its record is left.
    func count(_ record: Record) { count(record, at: canonical(record.endpoint)) }

    /// Counts a request that has ended.
    ///
    /// `path`: the one it asked for, in its one form.
    func count(_ record: Record, at path: String) {
        let kind = EndpointKind(of: record, at: path)
        var series = Series()
        series.endpoint = kind.rawValue
        series.client = clients[record.client] ?? 0
        series.upstream = record.upstream.isEmpty ? 0 : upstreams[record.upstream] ?? 0
        series.model = model(of: record)
        series.status = Meter.status(record.status)
        page.add(Sums(of: record), series)
        if record.code != 0 { page.addFailure(record.code) }
        if record.status != 0 { page.add(.first, record.first, kind: kind.rawValue) }
        page.add(.total, record.milliseconds, kind: kind.rawValue)
        for loss in record.losses { page.addLoss(page.number(of: loss)) }
    }

    /// The pattern of `models` under which the model was asked for.
    private func model(of record: Record) -> Int {
        if record.upstream.isEmpty { return 0 }
        for (route, number) in routes where route.isExact && route.pattern == record.model { return number }
        for (route, number) in routes where !route.isExact {
            if route.pattern == "*" || matches(route.pattern, record.model) { return number }
        }
        return 0
    }

    /// Those that are told apart; any other stands for its class.
    private static let statuses: Set = [
        0, 200, 201, 204, 304, 400, 401, 402, 403, 404, 405, 408, 409, 413, 415, 422, 429, 499, 500, 501, 502,
        503, 504, 529,
    ]

    /// Makes what the first request would make that is counted.
    static func warm() {
        _ = EndpointKind(of: Record(), at: "")
        _ = status(0)
    }

    private static func status(_ status: Int) -> Int {
        statuses.contains(status) ? status : (1...9).contains(status / 100) ? status / 100 : 0
    }
}

extension Sums {
    fileprivate init(of record: Record) {
        self.init()
        requests = 1
        (input, output, cached) = (record.input, record.output, record.cached)
        (written, reasoning) = (record.written, record.reasoning)
    }
}

/// What endpoints are counted apart.
enum EndpointKind: Int, CaseIterable {
    case other, chat, messages, responses, completions, embeddings, count, models, page

    init(of record: Record, at path: String) {
        if Exchange.isOurs(record.endpoint) {
            self = .page
            return
        }
        let known = EndpointKind.paths[path]
        self = known ?? (path.hasPrefix("/v1/models/") ? .models : .other)
    }

    private static let paths: [String: EndpointKind] = [
        "/v1/chat/completions": .chat, "/v1/messages": .messages, "/v1/responses": .responses,
        "/v1/completions": .completions, "/v1/embeddings": .embeddings,
        "/v1/messages/count_tokens": .count, "/v1/models": .models,
    ]
}
