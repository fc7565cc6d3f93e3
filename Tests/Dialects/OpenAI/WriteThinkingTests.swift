// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import OpenAI

/// How much a model thinks, in the words of each vendor.
@Suite struct WriteThinkingTests {
    private func told(_ thinking: Thinking, _ provider: Provider = provider()) throws -> String {
        let request = request(user) { $0.thinking = thinking }
        let all = try text(request, provider)
        return String(
            all.dropFirst(#"{"model":"m","messages":[{"role":"user","content":"x"}]"#.count).dropLast())
    }

    @Test(
        "T125: effort by its name, else by the budget",
        arguments: [
            (Thinking(effort: .low), #","reasoning_effort":"low""#),
            (Thinking(effort: .high), #","reasoning_effort":"high""#),
            (Thinking(effort: .xhigh), #","reasoning_effort":"high""#),
            (Thinking(effort: .max), #","reasoning_effort":"high""#),
            (Thinking(effort: .minimal), #","reasoning_effort":"low""#), (Thinking(), ""),
            (Thinking(isOn: false), ""),
            (Thinking(budget: 4_095), #","reasoning_effort":"low""#),
            (Thinking(budget: 4_096), #","reasoning_effort":"medium""#),
            (Thinking(budget: 16_384), #","reasoning_effort":"high""#),
            (Thinking(effort: .low, budget: 30_000), #","reasoning_effort":"low""#),
            (Thinking(isOn: false, effort: Thinking.Effort.none), ""),
        ])
    func effort(thinking: Thinking, expected: String) throws {
        #expect(try told(thinking) == expected)
        #expect(try told(thinking, provider("no_effort")) == "")
    }

    @Test func everyLevelWhereItIsKnown() throws {
        let up = provider("effort")
        #expect(try told(Thinking(isOn: false), up) == #","reasoning_effort":"none""#)
        #expect(try told(Thinking(effort: .minimal), up) == #","reasoning_effort":"minimal""#)
        #expect(try told(Thinking(effort: .xhigh), up) == #","reasoning_effort":"xhigh""#)
        #expect(try told(Thinking(effort: .max), up) == #","reasoning_effort":"xhigh""#)
    }

    @Test(
        "vendors' own members",
        arguments: [
            ("enable_thinking", Thinking(budget: 500), #","enable_thinking":true,"thinking_budget":500"#),
            ("enable_thinking", Thinking(isOn: false), #","enable_thinking":false"#),
            ("thinking_type", Thinking(effort: .low), #","thinking":{"type":"enabled"}"#),
            ("thinking_type", Thinking(isOn: false), #","thinking":{"type":"disabled"}"#),
            ("reasoning_object", Thinking(effort: .low), #","reasoning":{"effort":"low"}"#),
            ("reasoning_object", Thinking(budget: 500), #","reasoning":{"max_tokens":500}"#),
            ("reasoning_object", Thinking(isOn: false), #","reasoning":{"enabled":false}"#),
            ("reasoning_object", Thinking(), #","reasoning":{"enabled":true}"#),
            ("chat_template_kwargs", Thinking(), #","chat_template_kwargs":{"enable_thinking":true}"#),
        ])
    func vendors(quirk: String, thinking: Thinking, expected: String) throws {
        #expect(try told(thinking, provider(quirk)) == expected)
    }

    @Test("T168: a level that the model does not know is asked for once more, lower")
    func amends() {
        var asked = request(user) { $0.thinking = Thinking(effort: .xhigh) }
        var refusal = Failure(.upstreamInvalid, "Unsupported value", param: "reasoning_effort")
        #expect(Chat().amend(&asked, after: refusal, provider()) && asked.thinking?.effort == .high)
        #expect(Chat().amend(&asked, after: refusal, provider()) && asked.thinking == nil)
        #expect(!Chat().amend(&asked, after: refusal, provider()))
        asked.thinking = Thinking(effort: .minimal)
        refusal = Failure(.upstreamInvalid, "this model does not support effort level 'minimal'")
        #expect(Chat().amend(&asked, after: refusal, provider()) && asked.thinking?.effort == .low)
        #expect(!Chat().amend(&asked, after: Failure(.upstreamInvalid, "no"), provider()))
        #expect(!Chat().amend(&asked, after: Failure(.quotaExhausted, "reasoning_effort"), provider()))
    }
}
