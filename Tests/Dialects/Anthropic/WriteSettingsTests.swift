// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Anthropic

/// What is beside the conversation.
extension WriteRequestTests {
    @Test(
        "T115: an answer begun by the caller is continued where the model can, else asked for",
        arguments: [
            ("claude-sonnet-4-5", [], true), ("claude-opus-4-6", [], false), ("m", [], true),
            ("m", ["no_prefill"], false),
        ])
    func prefills(model: String, words: [String], isKept: Bool) throws {
        let (root, outgoing) = try written(
            asking([user, Turn(role: .assistant, text: "a \n")], model), words)
        let last = message("assistant", block("a"))
        let asked = message("assistant", block("a \\n")) + "," + message("user", block("Continue."))
        #expect(text(root, "messages") == "[\(message("user", block("hi"))),\(isKept ? last : asked)]")
        #expect(outgoing.losses == (isKept ? [] : [.prefill]))
    }

    @Test("T121: stops of white space are cut at by us")
    func writesStops() throws {
        var request = asking()
        request.stops = ["\n", "END", " "]
        let (root, outgoing) = try written(request)
        #expect(text(root, "stop_sequences") == #"["END"]"# && outgoing.cuts == ["\n", " "])
        request.stops = []
        #expect(text(try written(request).root, "stop_sequences") == "")
    }

    @Test(
        "T122: temperature up to 1, alone, and only where the model takes it",
        arguments: [
            ("1.7", nil, "claude-sonnet-4-5", [], "1", ""), ("0", nil, "claude-sonnet-4-5", [], "0", ""),
            ("0.10", "0.5", "claude-sonnet-4-5", [], "0.10", ""),
            (nil, "0.5", "claude-sonnet-4-5", [], "", "0.5"),
            ("0.5", "0.5", "claude-opus-4-7", [], "", ""), ("0.5", nil, "m", ["no_sampling"], "", ""),
            ("0.5", nil, "claude-sonnet-5", [], "", ""),
        ] as [(String?, String?, String, [String], String, String)])
    func writesSampling(
        temperature: String?, topP: String?, model: String, words: [String], first: String, second: String
    ) throws {
        var request = asking([user], model)
        request.sampling.temperature = temperature
        request.sampling.topP = topP
        let (root, outgoing) = try written(request, words)
        #expect(text(root, "temperature") == first && text(root, "top_p") == second)
        #expect(outgoing.losses.contains(.temperature) == (temperature != nil && first.isEmpty))
        #expect(outgoing.losses.contains(.topP) == (topP != nil && second.isEmpty))
    }

    @Test("T123: one answer only")
    func refusesMany() throws {
        var request = asking()
        request.sampling.count = 1
        _ = try written(request)
        request.sampling.count = 2
        do throws(Failure) {
            _ = try written(request)
            Issue.record("it was written")
        } catch {
            #expect(error.param == "n" && error.kind == .invalidRequest)
        }
    }

    @Test(
        "T35: users are told, but not by their address or number",
        arguments: [
            ("u_1", true), ("a@b.c", false), ("+1 (555) 123-4567", false),
            (String(repeating: "x", count: 300), false),
            ("2024-01", true),
        ])
    func tellsUsers(user: String, isKept: Bool) throws {
        var request = asking()
        request.user = user
        let sent = try written(request).root["metadata"]?["user_id"]?.string
        #expect((sent == user) == isKept && (sent?.utf8.count ?? 0) <= 256 && sent?.isEmpty == false)
    }

    @Test("T129: nothing that Anthropic does not know is sent")
    func sendsNothingElse() throws {
        var request = asking()
        request.dialect = "openai"
        request.extras = [Extra(name: "logit_bias", value: try value("{}"))]
        request.sampling.seed = 5
        request.sampling.frequencyPenalty = "1"
        request.sampling.logprobs = true
        request.tier = .other("flex")
        let (root, outgoing) = try written(request)
        #expect(root.object?.members.map(\.name) == ["model", "max_tokens", "messages", "stream"])
        #expect(outgoing.losses == [.tier])
        request.dialect = "anthropic"
        request.tier = .standard
        let same = try written(request).root
        #expect(text(same, "logit_bias") == "{}" && same["service_tier"]?.string == "standard_only")
    }

    @Test func putsForeignBlocksBack() throws {
        let use = #"{"type":"server_tool_use","id":"s","name":"web_search","input":{"q":1}}"#
        let request = try read(
            #""mcp_servers":[{"name":"x"}]"#,
            messages:
                #"[{"role":"user","content":"a"},{"role":"assistant","content":[\#(use),{"type":"text","text":"b"}]},{"role":"user","content":"c"}]"#
        )
        let root = try written(request).root
        #expect(
            text(root, "messages", "1", "content", "0") == use
                && text(root, "mcp_servers") == #"[{"name":"x"}]"#)
        let other = Part.foreign(
            Foreign(dialect: "responses", type: "web_search_call", value: try value("{}")))
        let (sent, outgoing) = try written(
            asking([user, Turn(role: .assistant, parts: [other, .text("b")]), user]))
        #expect(
            text(sent, "messages", "1", "content") == "[\(block("b"))]" && outgoing.losses == [.hostedCalls])
    }

    @Test func tellsEveryFeature() {
        for feature in Feature.allCases { _ = Messages().coverage(of: feature, provider()) }
        #expect(Messages().coverage(of: .temperature, provider(["no_sampling"])) == .lost)
        #expect(Messages().coverage(of: .count, provider()) == .refused)
        #expect(Messages().coverage(of: .images, provider()) == .carried)
    }

    @Test func knowsItsPresets() {
        for preset in ["anthropic", "deepseek", "kimi", "glm"] {
            #expect(Messages().quirks.provider("x", [preset]).unknown.isEmpty)
        }
        #expect(
            provider(["glm"]).has(.noEffort)
                && provider(["max_output=5"]).value(of: .maxOutput) == 5)
    }
}
