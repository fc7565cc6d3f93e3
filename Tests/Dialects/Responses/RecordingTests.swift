// SPDX-License-Identifier: MIT

import Corpora
import JSON
import Model
import Testing

@testable import Responses

/// Answers that providers really gave.
@Suite struct RecordingTests {
    @Test func areThere() { #expect(Corpus.streams.count > 30 && Corpus.wholes.count > 30) }

    @Test("T189 T190 T191 T193 T195: every recorded stream is read in order", arguments: Corpus.streams)
    func streams(_ path: String) throws {
        let found = events(try lines(path))
        #expect(fault(found.events) == nil)
        if case .failure(let failure)? = found.events.last {
            #expect(path.contains("-error."), "\(failure)")
        }
        #expect(try faults(stream(found.events)) == [])
    }

    @Test("T195: every recorded answer is read in order", arguments: Corpus.wholes)
    func wholes(_ path: String) throws {
        let found = events(whole: try Corpus.read(path))
        #expect(fault(found.events) == nil)
        if case .failure(let failure)? = found.events.last {
            #expect(path.contains("error."), "\(failure)")
            return
        }
        let root = try Document(Corpus.read(path)).root
        let own = root["output"]?.elements.filter { Names.own.contains($0["type"]?.string ?? "") } ?? []
        let reply = try Reply(folding: found.events)
        #expect(reply.calls.count == own.count { $0["call_id"] != nil })
        #expect(reply.usage?.input == root["usage"]?["input_tokens"]?.int)
        #expect(try whole(found.events)["output"]?.count == reply.items.count)
    }

    /// Whether these pieces come in their order, whatever stands between two of them.
    private func comes(_ pieces: [String], in said: [String]) -> Bool {
        var rest = said[...]
        return pieces.filter { !$0.isEmpty }.allSatisfy { piece in
            guard let place = rest.firstIndex(of: piece) else { return false }
            rest = rest[(place + 1)...]
            return true
        }
    }

    /// Some recordings hold several answers, and some lack pieces that the last event repeats.
    @Test(arguments: Corpus.streams) func streamsSayAllPieces(_ path: String) throws {
        for answer in try answers(path) {
            let found = events(answer)
            #expect(fault(found.events) == nil)
            let pieces = try answer.map { try value($0) }
                .filter { $0["type"]?.string == "response.output_text.delta" }.compactMap {
                    $0["delta"]?.string
                }
            let said = found.events.compactMap { if case .delta(.text(let text)) = $0 { text } else { nil } }
            #expect(comes(pieces, in: said), "\(path)")
            let last = try answer.last.map { try value($0) }
            guard last?["response"]?["output"].map({ $0.count > 0 }) == true, !path.contains("-error.") else {
                continue
            }
            let reply = try Reply(folding: found.events)
            let own = last?["response"]?["output"]?.elements.filter {
                Names.own.contains($0["type"]?.string ?? "")
            }
            #expect(reply.calls.count == own?.count { $0["call_id"] != nil })
        }
    }

    private func answers(_ path: String) throws -> [[String]] {
        try lines(path).reduce(into: []) { answers, line in
            if answers.isEmpty || line.contains(#""type":"response.created""#) { answers.append([]) }
            answers[answers.count - 1].append(line)
        }
    }

    @Test("T189: ids that change in each event change nothing") func rotatingIDs() throws {
        let path = "vercel-ai-fixtures/openai/responses-github-copilot-id-rotation.1.chunks.txt"
        let reply = try Reply(folding: events(try lines(path)).events)
        #expect(reply.text.hasPrefix("There are **3** letter") && reply.items.count == 2)
        #expect(reply.beginning.id == "capture-id-1")
    }

    @Test("T193: thoughts that come as a part of a reasoning item are no text") func partsOfThoughts() throws
    {
        let path = "vercel-ai-fixtures/open-responses/responses-lmstudio-tool-call.1.chunks.txt"
        let reply = try Reply(folding: events(try lines(path)).events)
        guard case .reasoning(let thoughts)? = reply.items.first else {
            Issue.record("no thoughts in \(reply.items)")
            return
        }
        #expect(thoughts.text.hasPrefix("The user is asking for the weather"))
        #expect(reply.calls.map(\.arguments) == [#"{"location":"San Francisco"}"#])
        #expect(!reply.text.contains("The user is asking"))
    }

    @Test("T197: a call that stands for several is unwrapped, unless a tool is called so") func wrappedCalls()
        throws
    {
        let path = "vercel-ai-fixtures/openai/responses-parallel-tool-call-wrapper.1.chunks.txt"
        let tools = { (names: [String]) in
            var request = asked()
            request.tools = names.map { Tool(name: $0, kind: .function(schema: nil)) }
            return request
        }
        let lines = try lines(path)
        let both = try Reply(folding: events(lines, for: tools(["weather", "cityAttractions"])).events)
        #expect(both.calls.map(\.name) == ["weather", "cityAttractions"])
        #expect(both.calls.map(\.id) == ["call_parallel_0", "call_parallel_1"])
        #expect(both.calls.map(\.arguments) == [#"{"location":"San Francisco"}"#, #"{"city":"Rome"}"#])
        for names in [["weather"], ["weather", "cityAttractions", "parallel"]] {
            let one = try Reply(folding: events(lines, for: tools(names)).events)
            #expect(one.calls.map(\.name) == ["parallel"])
            #expect(one.calls.first?.arguments.hasPrefix(#"{"tool_uses":"#) == true)
        }
    }

    @Test("T196: a call in a namespace or of a program is a call") func namespacedCalls() throws {
        let path = "vercel-ai-fixtures/openai/responses-openai-tool-search.1.chunks.txt"
        let found = events(try lines(path))
        let reply = try Reply(folding: found.events)
        #expect(reply.calls.count == 1 && reply.ending?.stop == .toolCall)
        #expect(found.losses == [.hostedCalls])
    }

    @Test func quotaIsOneFailure() throws {
        let path = "vercel-ai-fixtures/openai/responses-openai-error.1.chunks.txt"
        let found = events(try lines(path)).events
        let failures = found.compactMap { if case .failure(let failure) = $0 { failure } else { nil } }
        #expect(
            failures.count == 1 && failures.first?.code == .quotaExhausted && failures.first?.isFinal == true)
    }

    /// One recording lacks the last brace of two of its lines.
    private func lines(_ path: String) throws -> [String] {
        let text = String(decoding: try Corpus.read(path), as: UTF8.self)
        return text.split(separator: "\n").map(String.init).filter { !$0.isEmpty }.map { line in
            (try? value(line)) == nil ? line + "}" : line
        }
    }
}
