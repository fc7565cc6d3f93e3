// SPDX-License-Identifier: MIT

import Anthropic
import DashScope
import HTTP
import JSON
import Model
import OpenAI
import Responses
import Testing

/// Both sides of a dialect, and how a test drives them.
struct Sides: CustomStringConvertible, Sendable {
    let name: String
    let client: any ClientSide
    let http: HTTPSide

    var description: String { name }
    var provider: any ProviderSide { http.provider }

    /// Every dialect that has both.
    static let all: [Sides] = [Dialect.openAI, .anthropic, .responses].compactMap { dialect in
        guard let client = dialect.client, case .http(let http)? = dialect.upstream else { return nil }
        return Sides(name: dialect.name, client: client, http: http)
    }

    /// A provider in whose dialect nobody calls.
    static let dashScope: any ProviderSide = {
        guard case .http(let http)? = Dialect.dashScope.upstream else { preconditionFailure("no provider") }
        return http.provider
    }()

    static func named(_ name: String) throws -> Sides {
        try #require(all.first { $0.name == name })
    }

    /// A provider of this dialect with these quirks.
    func upstream(_ quirks: [String] = []) -> Provider { provider.quirks.provider("main", quirks).provider }

    /// What a reader makes of a recorded answer; the grammar holds.
    func read(
        _ content: Recording.Content, for request: Request = .thoughtful, _ outgoing: Outgoing = Outgoing(),
        quirks: [String] = []
    ) -> [Event] {
        var reader = provider.replyReader(for: request, outgoing, upstream(quirks))
        var events: [Event] = []
        switch content {
        case .whole(let body): reader.read(whole: body, to: &events)
        case .stream(let stream):
            for (name, data) in stream {
                reader.read(event: Array(name.utf8), data: data, to: &events)
            }
            reader.finish(to: &events)
        }
        return events
    }

    /// A stream as a caller gets it.
    func streamed(_ events: [Event], for request: Request = .thoughtful) -> [UInt8] {
        var writer = client.replyWriter(for: request, id: "abc", created: 1)
        var bytes: [UInt8] = []
        for event in events where writer.failure == nil { writer.write(event, to: &bytes) }
        return bytes
    }

    /// A whole answer as a caller gets it.
    func whole(_ reply: Reply, for request: Request = .thoughtful) -> [UInt8] {
        var whole = request
        whole.isStreamed = false
        var writer = client.replyWriter(for: whole, id: "abc", created: 1)
        var bytes: [UInt8] = []
        writer.write(reply, to: &bytes)
        return bytes
    }
}

extension Request {
    /// One that wants to see everything: thoughts and usage.
    static let thoughtful: Request = {
        var request = Request(
            model: "m", turns: [Turn(role: .user, text: "Hello")], isStreamed: true, wantsUsage: true)
        request.thinking = Thinking(isOn: true, display: .summarized)
        return request
    }()
}

/// Whether events obey the grammar; nil: they do.
func fault(_ events: [Event]) -> String? {
    var grammar = Grammar()
    for event in events { grammar.take(event) }
    return grammar.isComplete ? nil : grammar.fault ?? "not ended"
}
