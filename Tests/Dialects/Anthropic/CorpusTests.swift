// SPDX-License-Identifier: MIT

import Corpora
import HTTP
import JSON
import Model
import Testing

@testable import Anthropic

/// What real clients sent, and what real providers answered.
@Suite struct CorpusTests {
    static let requests = Corpus.files(in: "client-requests", ".json").filter {
        $0.contains("/claude-") || $0.contains("/anthropic")
    }
    static let streams = Corpus.files(in: "vercel-ai-fixtures/anthropic", ".chunks.txt")
    static let answers = Corpus.files(in: "vercel-ai-fixtures/anthropic", ".json")
    static let raw =
        Corpus.files(in: "anthropic-sdk-fixtures", ".sse")
        + Corpus.files(in: "vercel-ai-fixtures/openai-compatible", ".sse").filter {
            $0.contains("anthropic-")
        }

    @Test func areThere() {
        #expect(Self.requests.count == 34 && Self.streams.count >= 27 && Self.answers.count >= 27)
        #expect(Self.raw.count >= 3)
    }

    /// The last request of each SDK is wrong on purpose: its messages are a string.
    @Test(arguments: requests) func readsRequests(file: String) throws {
        let root = try Document(try Corpus.read(file)).root
        guard let body = root["body"], !body.isNull else { return }
        let path = root["path"]?.string.map { String($0.prefix { $0 != "?" }) } ?? ""
        #expect(client.isConversation(path: path) || client.isCount(path: path))
        let bytes = Array(body.verbatim)
        if body["messages"]?.string != nil {
            #expect(throws: Failure.self) { try client.readRequest(bytes) }
            return
        }
        let isCount = client.isCount(path: path)
        let request = try isCount ? client.readCount(bytes) : client.readRequest(bytes)
        #expect(!request.turns.isEmpty && request.model == body["model"]?.string)
        #expect(client.mend(bytes) == nil)
        var again: [UInt8] = []
        _ = try Messages().writeRequest(request, for: provider(), to: &again)
        #expect(try client.readRequest(again).turns.map(\.role).contains(.user))
    }

    @Test(arguments: streams) func readsStreams(file: String) throws {
        let lines = try Corpus.lines(file)
        let found = events(of: lines)
        if file.contains("spliced") {
            #expect(found.events.last?.isFailure == true)
            return
        }
        let reply = try Reply(folding: found.events)
        #expect(reply.ending != nil && reply.usage != nil && reply.beginning.id.hasPrefix("msg_"))
        _ = try CheckedStream(try stream(found.events))
        let cut = (0...lines.count).filter { lines.count < 60 || $0 % 37 == 0 }
        for count in cut { _ = events(of: Array(lines.prefix(count))) }
    }

    @Test(arguments: answers) func readsAnswers(file: String) throws {
        let body = try Corpus.read(file)
        let found = events(ofWhole: body)
        let reply = try Reply(folding: found.events)
        let root = try Document(body).root
        let texts = root["content"]?.elements.filter { $0["type"]?.string == "text" } ?? []
        #expect(reply.text == texts.compactMap { $0["text"]?.string }.joined())
        #expect(reply.ending != nil && reply.usage != nil)
        // Streamed from one that cannot stream: the fold of what is written is what was read.
        let sent = try CheckedStream(try stream(found.events))
        #expect(sent.text == reply.text && sent.calls == reply.calls.count)
        let twin = file.replacing(".json", with: ".chunks.txt")
        // Two recordings of one name are of two different rounds.
        guard Self.streams.contains(twin), !file.contains("programmatic") else { return }
        let streamed = try Reply(folding: events(of: try Corpus.lines(twin)).events)
        #expect(streamed.ending?.stop == reply.ending?.stop)
    }

    @Test(arguments: raw) func readsRaw(file: String) throws {
        let bytes = try Corpus.read(file)
        var folded: [[Event]] = []
        for size in [bytes.count, 7, 1] {
            var events: [Event] = []
            var reader = AnswerReader(upstream: "up", answerTool: nil)
            var splitter = EventReader()
            for start in stride(from: 0, to: bytes.count, by: size) {
                let piece = Array(bytes[start..<min(start + size, bytes.count)])
                var index = 0
                while try splitter.next(in: piece.span, at: &index) {
                    guard splitter.dispatches else { continue }
                    reader.read(event: splitter.name, data: splitter.data, to: &events)
                }
            }
            reader.finish(to: &events)
            check(events)
            folded.append(events)
        }
        #expect(folded[0] == folded[1] && folded[1] == folded[2])
        _ = try CheckedStream(try stream(folded[0]))
    }

    @Test func readsRecordedExchanges() throws {
        var count = 0
        for file in Corpus.files(in: "anthropic-sdk-fixtures", ".json") {
            for exchange in try Document(try Corpus.read(file)).root.elements {
                let answer = exchange["response"]?["body"] ?? exchange["response"]?["content"]
                guard let answer, answer.kind == .object, answer["content"] != nil else { continue }
                let reply = try Reply(folding: events(ofWhole: Array(answer.verbatim)).events)
                #expect(reply.ending != nil)
                count += 1
            }
        }
        #expect(count > 0, "no exchange bears a message")
    }
}

extension Event {
    var isFailure: Bool { if case .failure = self { true } else { false } }
}
