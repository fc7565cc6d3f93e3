// SPDX-License-Identifier: MIT

import Corpora
import JSON
import Model
import Testing

@testable import Responses

/// Requests that real clients made.
@Suite struct CaptureTests {
    static let own = Corpus.requests.filter { path in
        (try? Document(Corpus.read(path)).root["path"]?.string) == Names.path
    }

    @Test func areThere() { #expect(CaptureTests.own.count >= 14) }

    @Test("T36: every captured request is read, and written again", arguments: own)
    func reads(_ path: String) throws {
        let body = try body(path)
        let request = try Client().readRequest(body)
        #expect(!request.turns.isEmpty && request.unpaired == nil && request.size == body.count)
        let known = Set(Members.read).union(Members.kept.keys)
        let root = try Document(body).root
        let unknown = root.object?.members.filter { !known.contains($0.name) }.map(\.name)
        #expect(request.mentions.all.filter { $0.feature == .extras }.map(\.member) == unknown)
        let written = try sent(request).body
        #expect(written["store"]?.bool == false && written["input"]?.kind == .array)
        // What was written reads as what was read.
        let again = try Client().readRequest(Array(written.verbatim))
        #expect(again.turns == request.turns)
        #expect(again.tools.map(\.name) == request.tools.map(\.name))
    }

    @Test("T202: what Codex sends is carried or told, never refused") func codex() throws {
        let request = try Client().readRequest(try body("client-requests/codex-exec-2-toolresult.json"))
        let names = request.tools.map(\.name)
        #expect(names.contains("multi_agent_v1__spawn_agent") && names.contains("exec_command"))
        #expect(request.tools.contains { $0.isHosted })
        for feature in [Feature.namespaces, .hostedTools, .cacheKey, .clientMetadata, .thinkingDisplay] {
            #expect(request.mentions.contains(feature), "\(feature)")
        }
        #expect(!request.mentions.contains(.include) && !request.mentions.contains(.store))
        #expect(request.thinking == Thinking(isOn: true, display: .summarized))
        #expect(request.turns.suffix(2).map(\.role) == [.assistant, .user])
        let body = try sent(request).body
        let space = body["tools"]?.elements.first { $0["type"]?.string == "namespace" }
        #expect(space?["description"]?.string?.hasPrefix("Tools for spawning") == true)
        #expect(space?["tools"]?.count == 5)
        #expect(body["client_metadata"] != nil && body["prompt_cache_key"] != nil)
    }

    private func body(_ path: String) throws -> [UInt8] {
        let body = try #require(try Document(Corpus.read(path)).root["body"])
        return Array(body.verbatim)
    }
}
