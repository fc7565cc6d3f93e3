// SPDX-License-Identifier: MIT

import Corpora
import HTTP
import JSON
import Model
import Testing

@testable import OpenAI

/// The files of the corpora that are of this dialect.
private enum Recorded {
    static let folders = [
        "alibaba", "deepseek", "groq", "mistral", "moonshotai", "perplexity", "xai", "openai",
        "openai-compatible",
    ]

    static func files(_ ending: String) -> [String] {
        folders.flatMap { folder in
            Corpus.files(in: "vercel-ai-fixtures/\(folder)") {
                $0.hasSuffix(ending) && !$0.hasPrefix("responses-") && !$0.contains("openai-completion")
                    && !($0.hasSuffix(".chunks.txt") && ending == ".json")
            }
        }
    }

    static let streams = files(".chunks.txt")
    static let answers = files(".json").filter { !$0.contains("parameter-error") }
    static let questions = Corpus.files(in: "client-requests") {
        $0.hasPrefix("openai") || $0.hasPrefix("agents-")
    }
}

/// What providers really sent, and what clients really ask.
@Suite struct CorpusTests {
    @Test func isThere() throws {
        try #require(Corpus.root != nil)
        #expect(Recorded.streams.count >= 18 && Recorded.answers.count >= 20)
        #expect(Recorded.questions.count >= 48)
    }

    private func lines(_ path: String) throws -> [String] {
        String(decoding: try Corpus.read(path), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test("T175 T176 T177 T178 T180: recorded streams become replies", arguments: Recorded.streams)
    func streams(path: String) throws {
        let lines = try lines(path)
        let all = events(lines)
        guard path != "vercel-ai-fixtures/groq/groq-tool-call.chunks.txt" || failure(all) == nil else {
            return
        }
        let reply = try folded(all)
        #expect(!reply.beginning.id.isEmpty && !reply.beginning.model.isEmpty, "\(path)")
        #expect(!reply.items.isEmpty && reply.usage != nil, "\(path)")
        for call in reply.calls {
            #expect(try Document(Array(call.arguments.utf8)).root.object != nil, "\(call)")
        }
        if !reply.calls.isEmpty { #expect(reply.ending?.stop == .toolCall) }
        // Without the mark at the end it is the same, since each says why it ended.
        #expect(events(lines, isDone: false) == all)
    }

    @Test(
        "D54: Alibaba's compatible mode: calls with empty ids, a choice without a reason, and no empty block")
    func compatibleMode() throws {
        let call = events(try lines("vercel-ai-fixtures/alibaba/alibaba-tool-call.chunks.txt"))
        let opened = call.compactMap { if case .open(let item) = $0 { item } else { nil } }
        #expect(opened == [.call(id: "call_eee11723464a4b9eb8cee71d", name: "weather", isCustom: false)])
        #expect(try folded(call).calls.first?.arguments == #"{"location": "San Francisco"}"#)
        #expect(try folded(call).ending?.stop == .toolCall)
        let thinking = events(try lines("vercel-ai-fixtures/alibaba/alibaba-reasoning.chunks.txt"))
        let kinds = thinking.compactMap { if case .open(let item) = $0 { item } else { nil } }
        #expect(kinds == [.reasoning, .text])
    }

    @Test("T177 T180: recorded answers become replies", arguments: Recorded.answers)
    func answers(path: String) throws {
        let all = whole(String(decoding: try Corpus.read(path), as: UTF8.self))
        let reply = try folded(all)
        #expect(!reply.items.isEmpty && reply.usage != nil && reply.ending != nil, "\(path)")
        for call in reply.calls {
            #expect(try Document(Array(call.arguments.utf8)).root.object != nil, "\(call)")
        }
    }

    /// The whole answer and the stream of one question agree in kind.
    @Test(arguments: Recorded.streams.filter { $0.contains("reasoning") })
    func thoughtsComeFirst(path: String) throws {
        let reply = try folded(events(try lines(path)))
        guard case .reasoning(let thoughts)? = reply.items.first else {
            Issue.record("\(path) has no thoughts")
            return
        }
        #expect(!thoughts.text.isEmpty)
    }

    @Test("T92: a stream in a file reads the same, cut at every byte")
    func cutAnywhere() throws {
        let path = "vercel-ai-fixtures/openai-compatible/anthropic-fallback-tool-call.sse"
        let body = try Corpus.read(path)
        func read(cutAt cut: Int) throws -> [Event] {
            var reader = EventReader()
            var answer = Chat().replyReader(
                for: request(user), Outgoing(), provider())
            var events: [Event] = []
            for piece in [body[..<cut], body[cut...]] {
                var index = 0
                while try reader.next(in: piece.span, at: &index) {
                    answer.read(event: reader.name, data: reader.data, to: &events)
                }
            }
            answer.finish(to: &events)
            return events
        }
        let expected = try read(cutAt: 0)
        check(expected)
        #expect(try folded(expected).calls.first?.arguments == #"{"path": "a.txt"}"#)
        for cut in body.indices { #expect(try read(cutAt: cut) == expected) }
    }

    @Test(arguments: Recorded.questions)
    func questions(path: String) throws {
        let root = try Document(try Corpus.read(path)).root
        guard root["path"]?.string == "/v1/chat/completions", let body = root["body"] else { return }
        guard body["messages"]?.kind == .array else {
            #expect(throws: Failure.self) { try OpenAI.client.readRequest(Array(body.verbatim)) }
            return
        }
        let request = try OpenAI.client.readRequest(Array(body.verbatim))
        #expect(request.unpaired == nil && request.dialect == "openai")
        for preset in Chat().quirks.presets {
            let told = try sent(request, provider(preset.name))
            #expect(told.root["model"]?.string == request.model)
        }
    }
}
