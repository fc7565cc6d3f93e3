// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import OpenAI

/// Calls and their results, told by their ids.
@Suite struct WriteCallsTests {
    private let user = Turn(role: .user, text: "x")

    private func messages(_ request: Request, _ provider: Provider = provider()) throws -> String {
        try #require(try member(request, "messages", provider))
    }

    @Test("T107 T206: ids of nine letters and digits, one for each, the same for call and result")
    func nineIDs() throws {
        let ids = ["toolu_01abc", "call_same1x", "call_same1y", "aB3dE6gH9"]
        let some = request(
            user,
            Turn(role: .assistant, parts: ids.map { .call(ToolCall(id: $0, name: "f", arguments: "{}")) }),
            Turn(role: .user, parts: ids.map { .result(ToolResult(id: $0, parts: [])) }))
        let all = try #require(try sent(some, provider("mistral")).root["messages"]).elements.map { $0 }
        let called = try #require(all[1]["tool_calls"]).elements.map { $0["id"]?.string ?? "" }
        #expect(called == all[2...].map { $0["tool_call_id"]?.string ?? "" })
        #expect(Set(called).count == 4 && called[3] == "aB3dE6gH9")
        #expect(called.allSatisfy { $0.utf8.count == 9 && $0.allSatisfy { $0.isLetter || $0.isNumber } })
        #expect(called[0] == Digest.base62("toolu_01abc", 9))
        #expect(try messages(some).contains(#""id":"toolu_01abc""#))
    }

    @Test("an id longer than OpenAI takes is cut, the same for call and result")
    func longIDs() throws {
        let id = String(repeating: "x", count: 64)
        let some = request(
            user, Turn(role: .assistant, parts: [.call(ToolCall(id: id, name: "f", arguments: "{}"))]),
            Turn(role: .user, parts: [.result(ToolResult(id: id, parts: []))]))
        let all = try #require(try sent(some).root["messages"]).elements.map { $0 }
        let told = all[1]["tool_calls"]?.elements.first { _ in true }?["id"]?.string
        #expect(told?.utf8.count == 40 && told == all[2]["tool_call_id"]?.string)
    }

    @Test("T110 T111: results in any order, the last of several, and repairs")
    func repairs() throws {
        let some = request(
            user,
            Turn(
                role: .assistant,
                parts: ["1", "2"].map { .call(ToolCall(id: $0, name: "f", arguments: "{}")) }),
            Turn(
                role: .user,
                parts: [
                    .result(ToolResult(id: "9", parts: [.text("orphan")])),
                    .result(ToolResult(id: "2", parts: [.text("old")])),
                    .result(ToolResult(id: "2", parts: [.text("new")])),
                ]))
        let told = try messages(some)
        #expect(
            told.contains(#"{"role":"tool","tool_call_id":"2","content":"new"}"#) && !told.contains("old"))
        #expect(told.contains(#"{"role":"tool","tool_call_id":"1","content":"[tool error] no result"}"#))
        #expect(told.contains(#"{"role":"user","content":"[tool result] orphan"}"#))
    }
}
