// SPDX-License-Identifier: MIT

import Cyber
import JSON
import Model
import Testing

/// The engine as a provider for callers of every dialect: nobody calls in its own.
@Suite struct CyberTests {
    private func engine() throws -> any ProviderSide {
        guard case .http(let side)? = Dialect.cyber.upstream else {
            throw Failure(.internalError, "no provider")
        }
        return side.provider
    }

    private static let good = Captured.all.filter { !$0.name.contains("sdk-12") }

    /// All that was said by the user is in the one content, and nothing but content and model is sent.
    @Test("every request of a real client", arguments: good)
    func writes(captured: Captured) throws {
        let client = try Sides.named(captured.dialect).client
        let isCount = captured.path.contains("count_tokens") || captured.path.contains("input_tokens")
        let request = try isCount ? client.readCount(captured.body) : client.readRequest(captured.body)
        var bytes: [UInt8] = []
        let outgoing = try engine().writeRequest(request, for: Provider(), to: &bytes)
        let root = try Document(bytes).root
        let names = root.object?.members.map(\.name)
        #expect(names == ["content", "model"])
        #expect(outgoing.losses.contains(.tools) == !request.tools.isEmpty)
        let content = try #require(root["content"]?.string)
        let said = request.turns.filter { $0.role == .user }.flatMap(\.parts)
        for case .text(let text) in said where !content.hasPrefix("/") { #expect(content.contains(text)) }
    }

    @Test("what an engine says is read by callers of every dialect") func replies() throws {
        let lines = [
            #"{"id":"e","model":"ena-test","choices":[{"delta":{"content":"Hel"},"finish_reason":null}]}"#,
            #"{"choices":[{"delta":{"content":"lo"},"finish_reason":null}]}"#,
            #"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#,
        ]
        for count in 0...lines.count {
            var reader = try engine().replyReader(for: .thoughtful, Outgoing(), Provider())
            var events: [Event] = []
            for line in lines.prefix(count) { reader.read(event: [], data: Array(line.utf8), to: &events) }
            reader.finish(to: &events)
            #expect(fault(events) == nil)
            for side in Sides.all {
                let back = side.read(.stream(Recording.events(side.streamed(events))))
                #expect(fault(back) == nil, "\(side)")
                guard count == lines.count else {
                    #expect(throws: Failure.self, "\(side)") { try Reply(folding: back) }
                    continue
                }
                let reply = try Reply(folding: back)
                #expect(reply.text == "Hello" && reply.usage?.output ?? 0 > 0, "\(side)")
            }
        }
    }
}
