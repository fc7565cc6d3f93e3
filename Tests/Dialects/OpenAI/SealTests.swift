// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import OpenAI

/// Reasoning that a provider wants back.
@Suite struct SealTests {
    /// The assistant's turn that a client would send of a reply.
    private func turn(_ reply: Reply) -> Turn {
        let parts = reply.items.map { item -> Part in
            switch item {
            case .text(let text): .text(text.text)
            case .reasoning(let reasoning): .reasoning(reasoning)
            case .call(let call): .call(call)
            case .refusal(let text): .refusal(text)
            }
        }
        return Turn(role: .assistant, parts: parts)
    }

    private func history(_ reply: Reply) -> Request {
        let results = reply.calls.map { Part.result(ToolResult(id: $0.id, parts: [.text("1")])) }
        return request(user, turn(reply), Turn(role: .user, parts: results))
    }

    private func message(_ reply: Reply, _ provider: Provider) throws -> Value {
        let messages = try sent(history(reply), provider).root["messages"]
        return try #require(messages?.elements.first { $0["role"]?.string == "assistant" })
    }

    private let call = #""tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]"#

    @Test("T208: reasoning_details come back whole, pieces joined, and are shown once")
    func details() throws {
        let up = provider("openrouter")
        let reply = try folded(
            events(
                [
                    chunk(
                        #""reasoning":"a","reasoning_details":[{"type":"reasoning.text","text":"a","format":"f","index":0}]"#
                    ),
                    chunk(
                        #""reasoning":"b","reasoning_details":[{"type":"reasoning.text","text":"b","format":"f","index":0}]"#
                    ),
                    chunk(
                        #""reasoning":null,"reasoning_details":[{"type":"reasoning.text","signature":"s","format":"f","index":0}]"#
                    ),
                    chunk(#""reasoning_details":[{"type":"reasoning.text","text":"c","index":1}]"#),
                    chunk(call), chunk("", finish: "tool_calls"),
                ], up))
        guard case .reasoning(let reasoning)? = reply.items.first else {
            Issue.record("no thoughts")
            return
        }
        #expect(reasoning.text == "abc" && Seal.isOurs(reasoning.seal ?? ""))
        let told = try #require(try message(reply, up)["reasoning_details"])
        #expect(
            String(decoding: told.verbatim, as: UTF8.self)
                == #"[{"type":"reasoning.text","format":"f","index":0,"signature":"s","text":"ab"},"#
                + #"{"type":"reasoning.text","index":1,"text":"c"}]"#)
        #expect(try message(reply, provider())["reasoning_details"] == nil)
    }

    @Test("T208: sealed thoughts alone, before the call")
    func encrypted() throws {
        let up = provider("openrouter")
        let entry = #"{"type":"reasoning.encrypted","data":"xyz","id":"rs_1","format":"f","index":0}"#
        let reply = try folded(
            events(
                [chunk(#""reasoning":null,"reasoning_details":[\#(entry)],\#(call)"#, finish: "tool_calls")],
                up))
        guard case .reasoning(let reasoning)? = reply.items.first, case .call? = reply.items.last else {
            Issue.record("\(reply.items)")
            return
        }
        #expect(reasoning.text.isEmpty)
        let told = try #require(try message(reply, up)["reasoning_details"])
        #expect(String(decoding: told.verbatim, as: UTF8.self) == "[\(entry)]")
    }

    @Test("T207: thought signatures come back on their call", arguments: [true, false])
    func signatures(isStreamed: Bool) throws {
        let up = provider("gemini")
        let signed =
            #""tool_calls":[{"index":0,"id":"","type":"function","function":{"name":"f","arguments":"{}"},"#
            + #""extra_content":{"google":{"thought_signature":"sig=="}}},"#
            + #"{"index":1,"id":"","function":{"name":"g","arguments":"{}"}}]"#
        let reply = try folded(
            isStreamed
                ? events([chunk(signed, finish: "stop")], up) : whole(answer(signed), up))
        #expect(reply.calls.count == 2)
        let calls = try #require(try message(reply, up)["tool_calls"]).elements.map { $0 }
        #expect(calls[0]["extra_content"]?["google"]?["thought_signature"]?.string == "sig==")
        #expect(calls[1]["extra_content"] == nil)
        let other = Provider(name: "elsewhere", flags: up.flags)
        let (root, outgoing) = try sent(history(reply), other)
        let lost = root["messages"]?.elements.first { $0["role"]?.string == "assistant" }?["tool_calls"]
        #expect(
            lost?.elements.first { _ in true }?["extra_content"]?["google"]?["thought_signature"]?.string
                == "skip_thought_signature_validator")
        #expect(outgoing.losses == [.redactedThoughts])
    }

    @Test(
        "T207: a signature of the message comes back on the message",
        arguments: [
            #""content":"a","extra_content":{"google":{"thought_signature":"m"}}"#,
            #""content":"a","thought_signature":"m""#,
        ])
    func messageSignature(delta: String) throws {
        let up = provider("gemini")
        let reply = try folded(whole(answer(delta), up))
        #expect(
            try message(reply, up)["extra_content"]?["google"]?["thought_signature"]?.string == "m")
    }

    @Test("T20: reasoning_content on every message with calls, sealed, seen or empty")
    func history() throws {
        let up = provider("deepseek")
        let reply = try folded(
            events([chunk(#""reasoning_content":"hm""#), chunk(call), chunk("", finish: "tool_calls")], up))
        #expect(try message(reply, up)["reasoning_content"]?.string == "hm")
        var hidden = reply
        hidden.items[0] = .reasoning(Reasoning(seal: hidden.thoughts?.seal))
        #expect(try message(hidden, up)["reasoning_content"]?.string == "hm")
        hidden.items.removeFirst()
        #expect(try message(hidden, up)["reasoning_content"]?.string == "")
        #expect(try message(reply, provider())["reasoning_content"] == nil)
        let said = request(
            Turn(role: .user, parts: [.text("x"), .reasoning(Reasoning(text: "no"))]),
            Turn(role: .assistant, parts: [.reasoning(Reasoning(text: "t")), .text("w")]),
            Turn(role: .user, text: "y"))
        #expect(try text(said, up).contains("reasoning_content") == false)
        #expect(try text(said, up).contains("no\"") == false)
    }

    @Test("T84: nothing is sealed for a provider that wants nothing back")
    func nothing() throws {
        let all = events([chunk(#""reasoning_content":"hm""#), chunk(#""content":"a""#, finish: "stop")])
        #expect(!all.contains { if case .delta(.seal) = $0 { true } else { false } })
    }
}

extension Reply {
    fileprivate var thoughts: Reasoning? {
        if case .reasoning(let reasoning)? = items.first { reasoning } else { nil }
    }
}
