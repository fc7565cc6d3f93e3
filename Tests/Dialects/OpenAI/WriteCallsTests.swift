// SPDX-License-Identifier: MIT

import Digest
import JSON
import Model
import Testing

@testable import OpenAI

/// Calls and their results as a provider of Chat Completions gets them.
@Suite struct WriteCallsTests {
    @Test("T17 T19: one message for an assistant's turn; its content is null beside calls alone")
    func assistants() throws {
        let call = Part.call(ToolCall(id: "a", name: "f", arguments: #"{"q": 1.0, "big": 9007199254740993}"#))
        let result = Turn(role: .user, parts: [.result(ToolResult(id: "a", parts: []))])
        let both = request(user, Turn(role: .assistant, parts: [.text("a"), call, .text("b")]), result)
        #expect(
            try messages(both).contains(
                #"{"role":"assistant","content":"ab","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"q\": 1.0, \"big\": 9007199254740993}"}}]}"#
            ))
        let alone = request(user, Turn(role: .assistant, parts: [call]), result)
        #expect(try messages(alone).contains(#""content":null,"tool_calls""#))
        #expect(
            try messages(alone, provider("content_empty_string")).contains(#""content":"","tool_calls""#))
        #expect(
            try messages(request(user, Turn(role: .assistant, text: "a"))).contains("tool_calls") == false)
    }

    @Test("T18: no arguments are an empty object", arguments: ["", " \n"])
    func emptyArguments(arguments: String) throws {
        let some = request(
            user, Turn(role: .assistant, parts: [.call(ToolCall(id: "a", name: "f", arguments: arguments))]),
            Turn(role: .user, parts: [.result(ToolResult(id: "a", parts: []))]))
        #expect(try messages(some).contains(#""arguments":"{}""#))
    }

    @Test("T8 T9 T10 T11 T12 T13 T15: results come first, each in its own message")
    func results() throws {
        let calls = ["1", "2", "3"].map { Part.call(ToolCall(id: $0, name: "f", arguments: "{}")) }
        let some = request(
            user, Turn(role: .assistant, parts: calls),
            Turn(
                role: .user,
                parts: [
                    .text("go"), .result(ToolResult(id: "1", parts: [.text("a"), .text("b")])),
                    .result(ToolResult(id: "2", parts: [.text("denied")], isError: true)), .text("on"),
                    .result(ToolResult(id: "3", parts: [])),
                ]))
        #expect(
            try messages(some).hasSuffix(
                #"{"role":"tool","tool_call_id":"1","content":"a\nb"},"#
                    + #"{"role":"tool","tool_call_id":"2","content":"[tool error] denied"},"#
                    + #"{"role":"tool","tool_call_id":"3","content":""},{"role":"user","content":"go\non"}]"#)
        )
        let alone = request(
            user, Turn(role: .assistant, parts: [calls[0]]),
            Turn(role: .user, parts: [.result(ToolResult(id: "1", parts: [.text("a")]))]))
        #expect(try messages(alone).hasSuffix(#"{"role":"tool","tool_call_id":"1","content":"a"}]"#))
    }

    @Test("T14: images of results follow all results, and say whose they are")
    func resultImages() throws {
        let image = Part.image(Media(.data(type: "image/png", base64: "AA")))
        let some = request(
            user,
            Turn(
                role: .assistant,
                parts: ["1", "2"].map { .call(ToolCall(id: $0, name: "f", arguments: "{}")) }),
            Turn(
                role: .user,
                parts: [
                    .result(ToolResult(id: "1", parts: [image])),
                    .result(ToolResult(id: "2", parts: [.text("t"), image])),
                ]))
        let sentMessages = try #require(try sent(some).root["messages"]).elements.map { $0 }
        #expect(sentMessages.map { $0["role"]?.string } == ["user", "assistant", "tool", "tool", "user"])
        #expect(sentMessages[2]["content"]?.string == "[image attached below]")
        #expect(sentMessages[3]["content"]?.string == "t")
        let types = sentMessages[4]["content"]?.elements.map {
            $0["text"]?.string ?? $0["type"]?.string ?? ""
        }
        #expect(
            types == [
                "Attached to the result of the call 1:", "image_url",
                "Attached to the result of the call 2:", "image_url",
            ])
        #expect(try messages(some, provider("deepseek")).hasSuffix(#""content":"t\n[image]"}]"#))
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
        #expect(called[0] == Hash.base62("toolu_01abc", 9))
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
