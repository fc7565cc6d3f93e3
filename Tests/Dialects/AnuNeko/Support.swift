// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model
import Testing

@testable import AnuNeko

let provider: Provider = {
    var provider = Provider(name: "anuneko")
    provider.origin = "https://anuneko.example"
    provider.device = "00000000-0000-8000-8000-000000000000"
    return provider
}()

func request(_ turns: Turn..., model: String = "mihoyo-orange_cat") -> Request {
    Request(model: model, turns: turns, isStreamed: true, wantsUsage: true)
}

/// The text that goes to the site.
func text(of request: Request) throws -> String {
    var bytes: [UInt8] = []
    _ = try Site().writeRequest(request, for: provider, to: &bytes)
    let root = try Document(bytes).root
    let contents = try #require(root["contents"]).elements.compactMap(\.string)
    #expect(root.object?.members.map(\.name) == ["contents"] && contents.count == 1)
    return contents[0]
}

/// What is made of a stream, whatever its pieces.
struct Heard: Equatable {
    var events: [Event] = []
    var receipt = ""

    init(_ pieces: [[UInt8]]) throws {
        var lines = LineReader(limit: 1 << 20)
        var reader = AnswerReader(for: request(Turn(role: .user, text: "Hello")))
        for piece in pieces {
            var index = 0
            while try lines.next(in: piece.span, at: &index) {
                reader.read(event: [], data: lines.line, to: &events)
            }
        }
        if lines.finish() { reader.read(event: [], data: lines.line, to: &events) }
        reader.finish(to: &events)
        receipt = reader.receipt
    }

    init(_ text: String) throws { try self.init([Array(text.utf8)]) }

    var text: String {
        events.reduce(into: "") { if case .delta(.text(let text)) = $1 { $0 += text } }
    }

    var failure: Failure? { if case .failure(let failure)? = events.last { failure } else { nil } }

    var obeysTheGrammar: Bool {
        var grammar = Grammar()
        for event in events { grammar.take(event) }
        return grammar.isComplete
    }
}
