// SPDX-License-Identifier: MIT

import HTTP
import Model
import Settings
import Testing

@testable import edgefilter

@Suite struct RoadTests {
    /// How a request gets its answer, in a word.
    private func road(
        _ line: String, at upstream: Upstream, _ fields: String = "X-A: b", profile: Profile = .edgefilter
    ) throws -> String {
        var settings = settings([upstream], routes: [route("*", upstream.name)])
        settings.profile = profile
        let plan = try planned(settings, try head(line, fields), model: "m", bearsModel: true)
        return switch plan.candidates[0].road {
        case .relay: "relay"
        case .translation: "translation"
        case .list: "list"
        case .count: "count"
        case .embedded: "embedded"
        case .embeddings: "embeddings"
        case .none: "none"
        }
    }

    private var look: Upstream { upstream("u") }
    private var hasBoth: Bool { builtIn("responses")?.client != nil && builtIn("anthropic")?.client != nil }

    @Test func oneDialectIsRelayed() throws {
        for line in ["POST /v1/chat/completions", "POST /v1/embeddings", "GET /v1/models", "GET /x"] {
            #expect(try road(line, at: look) == "relay")
        }
        #expect(try road("POST /v1/chat/completions", at: upstream("e", dialect: "echo")) == "embedded")
    }

    @Test func othersAreTranslated() throws {
        guard hasBoth else { return }
        let anthropic = upstream("a", dialect: "anthropic")
        let responses = upstream("r", dialect: "responses")
        let dashScope = upstream("d", dialect: "dashscope")
        for (line, at, expected) in [
            ("POST /v1/messages", look, "translation"), ("POST /v1/messages", anthropic, "relay"),
            ("POST /v1/messages", responses, "translation"),
            ("POST /v1/messages/count_tokens", look, "count"),
            ("POST /v1/messages/count_tokens", anthropic, "relay"),
            ("POST /v1/messages/batches", look, "none"), ("POST /v1/messages/batches", anthropic, "relay"),
            ("POST /v1/chat/completions", anthropic, "translation"),
            ("POST /v1/chat/completions", responses, "translation"),
            ("POST /v1/embeddings", anthropic, "none"), ("POST /v1/embeddings", responses, "relay"),
            ("POST /v1/embeddings", dashScope, "embeddings"), ("POST /v1/completions", dashScope, "none"),
            ("POST /v1/chat/completions", dashScope, "translation"), ("GET /v1/models", dashScope, "list"),
            ("POST /v1/messages/count_tokens", dashScope, "count"),
            ("GET /v1/models", anthropic, "list"), ("GET /v1/models/m", anthropic, "list"),
            ("GET /v1/models", responses, "relay"), ("POST /v1/responses", anthropic, "translation"),
            ("POST /v1/responses", responses, "relay"), ("GET /v1/responses/r", responses, "relay"),
        ] as [(String, Upstream, String)] {
            #expect(try road(line, at: at) == expected, "\(line) at \(at.dialect)")
        }
        #expect(try road("GET /v1/models", at: look, "x-api-key: k") == "list")
        #expect(try road("GET /v1/models", at: anthropic, "x-api-key: k") == "relay")
    }

    @Test func responsesAreRelayedWhereTheyAreKnown() throws {
        guard hasBoth else { return }
        var real = look
        real.base = URL(scheme: .https, host: "api.openai.com", path: "/v1")
        var flagged = look
        flagged.quirks = [Flags.responses]
        #expect(try road("POST /v1/responses", at: look) == "translation")
        #expect(try road("GET /v1/responses/r", at: look) == "none")
        #expect(try road("POST /v1/responses", at: real) == "relay")
        #expect(try road("POST /v1/responses", at: flagged) == "relay")
        #expect(try road("POST /v1/responses", at: look, profile: .bartender) == "relay")
    }

    @Test func listsAreTriedInOrder() throws {
        var settings = settings([upstream("a"), upstream("b")])
        let targets = [Target(upstream: "b", model: "x"), Target(upstream: "a")]
        settings.routes = [Route(pattern: "*", targets: targets)]
        let plan = try planned(settings, try head("POST /v1/chat/completions"), model: "m", bearsModel: true)
        #expect(plan.candidates.map(\.upstream.name) == ["b", "a"])
        #expect(plan.candidates.map(\.model) == ["x", nil])
        let upload = try planned(settings, try head("POST /v1/files"))
        #expect(upload.candidates.map(\.upstream.name) == ["b"])
        #expect(try planned(settings, try head("GET /v1/models")).candidates.count == 2)
    }

    @Test func sharesAreDrawn() {
        let targets = [
            Target(upstream: "a", weight: 3), Target(upstream: "b", weight: 1),
            Target(upstream: "c", weight: 2),
        ]
        let order = (0..<12).map { Plan.drawn(targets, by: $0).map(\.upstream).joined() }
        #expect(
            order == ["abc", "abc", "abc", "bac", "cab", "cab", "abc", "abc", "abc", "bac", "cab", "cab"])
        #expect(Plan.drawn(targets, by: .max).count == 3 && Plan.drawn([], by: 1).isEmpty)
    }

    @Test func quirksMustBeKnown() {
        var settings = settings([upstream("u"), upstream("e", dialect: "echo")])
        #expect(settings.quirkFaults.isEmpty)
        settings.upstreams[0].quirks = ["repair_history", "no_stream", "nonsense"]
        settings.upstreams[1].quirks = ["x"]
        #expect(settings.quirkFaults.count == 2)
        #expect(settings.quirkFaults[0].hasPrefix("upstreams.u.quirks: unknown 'nonsense': expected one of "))
        #expect(settings.quirkFaults[1] == "upstreams.e.quirks: unknown 'x': it has none")
    }
}
