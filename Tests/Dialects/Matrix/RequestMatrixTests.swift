// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

/// Every request that a real client made, for every provider.
@Suite struct RequestMatrixTests {
    private func read(_ captured: Captured) throws -> Request {
        let client = try Sides.named(captured.dialect).client
        let isCount = captured.path.contains("count_tokens") || captured.path.contains("input_tokens")
        return try isCount ? client.readCount(captured.body) : client.readRequest(captured.body)
    }

    /// Two of the captured requests are wrong on purpose: the one has no array of messages, the other a
    /// result without its call.
    private static let good = Captured.all.filter { !$0.name.contains("sdk-12") }

    @Test("T36 T129 T164: read without a failure", arguments: good)
    func reads(captured: Captured) throws {
        let request = try read(captured)
        #expect(!request.model.isEmpty && !request.turns.isEmpty)
        #expect((request.unpaired == nil) == (captured.name != "anthropic-sdk-10.json"))
    }

    @Test(
        "T39: a request without an array of messages",
        arguments: Captured.all.filter { $0.name.contains("sdk-12") })
    func refuses(captured: Captured) throws {
        let failure = try #require(throws: Failure.self) { try read(captured) }
        #expect(failure.param == "messages" && failure.status == 400)
    }

    /// The dialect's own reader finds in what was written what was to be written.
    @Test("written for every provider, and read again", arguments: good)
    func writes(captured: Captured) throws {
        let request = try read(captured)
        guard request.unpaired == nil else { return }
        for side in Sides.all where request.sampling.count ?? 1 == 1 {
            var bytes: [UInt8] = []
            let outgoing = try side.provider.writeRequest(request, for: side.upstream(), to: &bytes)
            let again = try side.client.readRequest(bytes)
            #expect(again.unpaired == nil, "\(side)")
            #expect(again.model == request.model && again.isStreamed == request.isStreamed, "\(side)")
            #expect(calls(again) == calls(request), "\(side)")
            #expect(answers(again) == answers(request), "\(side)")
            let known = Set(request.tools.map(\.name) + outgoing.names.keys)
            #expect(again.tools.allSatisfy { known.contains($0.name) || $0.name == outgoing.answerTool })
            for text in words(request, .user) {
                #expect(words(again, .user).joined().contains(text), "\(side)")
            }
        }
    }

    @Test("T23: what only Anthropic knows of a tool does not leak into another dialect's")
    func toolMembers() throws {
        let body = """
            {"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}],"tools":[
             {"type":"custom","name":"f","input_schema":{"type":"object","properties":{}},
              "cache_control":{"type":"ephemeral"},"input_examples":[{}],"eager_input_streaming":true,
              "allowed_callers":["direct"],"defer_loading":false}]}
            """
        let request = try Sides.named("anthropic").client.readRequest(Array(body.utf8))
        for name in ["openai", "responses"] {
            let side = try Sides.named(name)
            var bytes: [UInt8] = []
            _ = try side.provider.writeRequest(request, for: side.upstream(), to: &bytes)
            let tools = try #require(Document(bytes).root["tools"])
            let tool = try #require(tools.elements.first { _ in true })
            #expect(tool["type"]?.string == "function" && (tool["function"] ?? tool)["name"]?.string == "f")
            let text = String(decoding: tools.verbatim, as: UTF8.self)
            for word in ["custom", "cache_control", "input_examples", "eager", "allowed_callers", "defer"] {
                #expect(!text.contains(word), "\(word) in \(side)")
            }
        }
    }

    private func calls(_ request: Request) -> [String] {
        request.turns.flatMap(\.calls).map {
            $0.isCustom
                ? Arguments.freeText($0.arguments)
                : String(decoding: Arguments.object($0.arguments), as: UTF8.self)
        }
    }

    private func answers(_ request: Request) -> [String] {
        request.turns.flatMap(\.parts).compactMap {
            if case .result(let result) = $0 { result.parts.text(joinedBy: "\n") } else { nil }
        }
    }

    private func words(_ request: Request, _ role: Turn.Role) -> [String] {
        request.turns.filter { $0.role == role }.flatMap(\.parts).compactMap {
            if case .text(let text) = $0, !text.isEmpty { text } else { nil }
        }
    }
}
