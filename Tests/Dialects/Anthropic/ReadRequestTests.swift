// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Anthropic

@Suite struct ReadRequestTests {
    @Test func readsTheWorkedExample() throws {
        let request = try read(
            #"""
            "system":[{"type":"text","text":"Be terse."}],"tools":[{"name":"Bash","input_schema":{"type":"object"}}],
            "tool_choice":{"type":"any","disable_parallel_tool_use":true},"stream":true
            """#,
            messages: #"""
                [{"role":"user","content":"ls?"},
                {"role":"assistant","content":[{"type":"text","text":"ok"},
                 {"type":"tool_use","id":"toolu_1","name":"Bash","input":{"c":"ls"}}]},
                {"role":"user","content":[{"type":"text","text":"go on"},
                 {"type":"tool_result","tool_use_id":"toolu_1","is_error":true,"content":[{"type":"text","text":"denied"}]}]}]
                """#)
        #expect(
            request.turns == [
                Turn(role: .system, text: "Be terse."), Turn(role: .user, text: "ls?"),
                Turn(
                    role: .assistant,
                    parts: [
                        .text("ok"),
                        .call(ToolCall(id: "toolu_1", name: "Bash", arguments: #"{"c":"ls"}"#)),
                    ]),
                Turn(
                    role: .user,
                    parts: [
                        .text("go on"),
                        .result(ToolResult(id: "toolu_1", parts: [.text("denied")], isError: true)),
                    ]),
            ])
        #expect(request.toolChoice == .required && request.allowsParallelCalls == false)
        #expect(request.isStreamed && request.wantsUsage && request.unpaired == nil)
        #expect(request.outputLimit == 9 && request.dialect == "anthropic")
        #expect(
            request.mentions.all.map(\.path) == [
                "messages.2.content.1.is_error", "tool_choice.disable_parallel_tool_use",
            ])
    }

    @Test("T4: the attribution block of Claude Code is for Anthropic alone, who gets it by the relay")
    func dropsBilling() throws {
        let billing = #"{"type":"text","text":"x-anthropic-billing-header: cc_version=1;"}"#
        let both = try read(#""system":[\#(billing),{"type":"text","text":"b"}]"#)
        #expect(both.turns.first == Turn(role: .system, text: "b"))
        #expect(try read(#""system":[\#(billing)]"#).turns.map(\.role) == [.user])
        #expect(try read(#""system":"x-anthropic-billing-header: a""#).turns.map(\.role) == [.user])
    }

    @Test("each system block is a part of the first turn")
    func readsSystem() throws {
        let request = try read(#""system":[{"type":"text","text":"a"},{"type":"text","text":"b"}]"#)
        #expect(request.turns[0] == Turn(role: .system, parts: [.text("a"), .text("b")]))
        #expect(try read(#""system":"""#).turns.count == 1 && read(#""system":null"#).turns.count == 1)
        #expect(refusal(#""system":5"#)?.param == "system")
    }

    @Test("T6 T38: a string is a text block; no block and no white space is lost")
    func readsTexts() throws {
        let bare = try read(messages: #"[{"role":"user","content":" a\n"}]"#)
        let block = try read(messages: #"[{"role":"user","content":[{"type":"text","text":" a\n"}]}]"#)
        #expect(bare.turns == block.turns && bare.turns[0].parts == [.text(" a\n")])
        let two = try read(
            messages: #"[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]"#)
        #expect(two.turns[0].parts == [.text("a"), .text("b")])
    }

    @Test("T37: blank texts are dropped, and turns of nothing else, but not the user's last")
    func dropsBlanks() throws {
        let blank = #"[{"type":"text","text":""},{"type":"text","text":"  \n"}]"#
        let request = try read(
            messages:
                #"[{"role":"user","content":"a"},{"role":"assistant","content":\#(blank)},{"role":"user","content":"b"}]"#
        )
        #expect(request.turns == [Turn(role: .user, text: "a"), Turn(role: .user, text: "b")])
        let last = try read(
            messages: #"[{"role":"assistant","content":"x"},{"role":"user","content":\#(blank)}]"#)
        #expect(last.turns.last == Turn(role: .user, text: ""))
        #expect(try read(messages: #"[{"role":"assistant","content":""}]"#).turns.count == 1)
    }

    @Test(
        "T39: what is wrong is named by its path",
        arguments: [
            (#"[]"#, "messages"), (#"[5]"#, "messages.0"), (#"[{"content":"x"}]"#, "messages.0.role"),
            (#"[{"role":"tool","content":"x"}]"#, "messages.0.role"),
            (#"[{"role":"user","content":"x"},{"role":"user"}]"#, "messages.1.content"),
            (#"[{"role":"user","content":5}]"#, "messages.0.content"),
            (#"[{"role":"user","content":[7]}]"#, "messages.0.content.0"),
            (#"[{"role":"user","content":[{"text":"x"}]}]"#, "messages.0.content.0.type"),
            (#"[{"role":"user","content":[{"type":"video"}]}]"#, "messages.0.content.0.type"),
            (#"[{"role":"user","content":[{"type":"text","text":5}]}]"#, "messages.0.content.0.text"),
            (#"[{"role":"user","content":[{"type":"image"}]}]"#, "messages.0.content.0.source"),
            (
                #"[{"role":"user","content":[{"type":"image","source":{"type":"x"}}]}]"#,
                "messages.0.content.0.source.type"
            ),
            (
                #"[{"role":"user","content":[{"type":"tool_use","id":"a","name":"b","input":{}}]}]"#,
                "messages.0.content.0.type"
            ),
            (
                #"[{"role":"assistant","content":[{"type":"tool_use","id":"","name":"b"}]}]"#,
                "messages.0.content.0.id"
            ),
            (
                #"[{"role":"assistant","content":[{"type":"tool_use","name":"b"}]}]"#,
                "messages.0.content.0.id"
            ),
            (
                #"[{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"b","input":"{}"}]}]"#,
                "messages.0.content.0.input"
            ),
            (
                #"[{"role":"user","content":[{"type":"tool_result","content":"x"}]}]"#,
                "messages.0.content.0.tool_use_id"
            ),
            (
                #"[{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":5}]}]"#,
                "messages.0.content.0.content"
            ),
            (#"[{"role":"system","content":[{"type":"image","source":{}}]}]"#, "messages.0.content.0.type"),
        ])
    func refuses(messages: String, path: String) {
        let failure = refusal(messages: messages)
        #expect(failure?.param == path && failure.map(client.status) == 400, "\(failure?.message ?? "-")")
    }

    @Test(arguments: [
        (#""max_tokens":-1"#, "max_tokens"), (#""temperature":"1""#, "temperature"),
        (#""tools":{}"#, "tools"),
        (#""tools":[{"input_schema":{}}]"#, "tools.0.name"), (#""tools":[{"name":""}]"#, "tools.0.name"),
        (#""tools":[{"name":"a"},{"name":"a"}]"#, "tools.1.name"), (#""stream":"yes""#, "stream"),
        (#""stop_sequences":[1]"#, "stop_sequences.0"),
        (#""thinking":{"type":"enabled"}"#, "thinking.budget_tokens"),
        (#""tool_choice":{"type":"maybe"}"#, "tool_choice.type"), (#""tool_choice":"auto""#, "tool_choice"),
        (#""output_config":{"format":{"type":"json_schema"}}"#, "output_config.format.schema"),
        (#""metadata":{"user_id":5}"#, "metadata.user_id"),
    ])
    func refusesSettings(more: String, path: String) {
        #expect(refusal(more)?.param == path)
    }

    @Test func needsItsMembers() {
        for (body, param) in [
            (#"{"max_tokens":1,"messages":[]}"#, "model"), (#"{"model":"m","messages":[]}"#, "max_tokens"),
            (#"{"model":"m","max_tokens":1}"#, "messages"),
        ] {
            do throws(Failure) {
                _ = try client.readRequest(Array(body.utf8))
                Issue.record("\(body) was read")
            } catch {
                #expect(error.code == .missingMember && error.param == param)
            }
        }
    }

    @Test("T2: a limit of 0 is kept: it only warms the cache")
    func keepsZero() throws {
        #expect(try read(#""max_tokens":0"#).outputLimit == 0)
    }

    @Test("T36 T129: what is unknown is told, never refused")
    func notesTheUnknown() throws {
        let request = try read(
            #""new":1,"speed":"fast","thread":{"type":"create"},"context_management":{"edits":[]},"metadata":{"user_id":"u","x":1}"#,
            messages:
                #"[{"role":"user","id":"z","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"},"odd":1}]}]"#
        )
        #expect(
            request.mentions.all.map { "\($0.feature) \($0.path)" } == [
                "extras new", "speed speed", "extras thread", "contextManagement context_management",
                "extras messages[].id", "cacheControl messages.0.content.0.cache_control",
                "extras messages[].content[].odd", "user metadata.user_id", "metadata metadata.x",
            ])
        #expect(request.extras.map(\.name) == ["new", "speed", "thread", "context_management"])
    }

    @Test("T164: null is absence")
    func nullIsAbsence() throws {
        let nulls = Members.all.map(\.name).filter {
            !$0.contains("[") && !$0.contains(".") && !["model", "max_tokens", "messages"].contains($0)
        }
        let request = try read(nulls.map { "\"\($0)\":null" }.joined(separator: ","))
        #expect(request.mentions.all.isEmpty && request.extras.isEmpty && request.thinking == nil)
        _ = try read(
            messages:
                #"[{"role":"user","content":[{"type":"text","text":"a","citations":null,"cache_control":null}],"output_config":null}]"#
        )
    }

    @Test("T35: a user's id that is JSON in a string is a string")
    func readsAccount() throws {
        let request = try read(
            #""metadata":{"user_id":"{\"device_id\":\"1\"}"},"service_tier":"standard_only""#)
        #expect(request.user == #"{"device_id":"1"}"# && request.tier == .standard)
        #expect(try read(#""service_tier":"auto""#).tier == .automatic)
    }

    @Test("T165: twins, depth and odd escapes do no harm")
    func survives() throws {
        #expect(try read(#""stream":false,"stream":true"#).isStreamed)
        #expect(
            try read(messages: #"[{"role":"user","content":"\ud83d \ud83d\ude00 \u0000"}]"#).turns[0].text()
                == "\u{FFFD} 😀 \u{0}")
        let deep = String(repeating: "[", count: 10_000)
        #expect(refusal(#""x":\#(deep)"#)?.code == .invalidJSON)
        #expect(refusal(#""top_k":123456789012345678901234567890"#)?.param == "top_k")
    }

    @Test("T201: the effort of the last message that has its own wins")
    func readsEffort() throws {
        let messages =
            #"[{"role":"user","content":"a","output_config":{"effort":"low"}},{"role":"system","content":"b","output_config":{"effort":"max"}}]"#
        let request = try read(
            #""output_config":{"effort":"high"},"thinking":{"type":"adaptive","display":"omitted"}"#,
            messages: messages)
        #expect(request.thinking == Thinking(effort: .max, display: .omitted) && request.extras.isEmpty)
        #expect(
            try read(#""output_config":{"effort":"high"}"#).thinking
                == Thinking(effort: .high, display: .omitted))
        #expect(try read(#""output_config":{"effort":"ultra"}"#).thinking == nil)
    }

    @Test func readsThinking() throws {
        #expect(
            try read(#""thinking":{"type":"enabled","budget_tokens":2000}"#).thinking
                == Thinking(budget: 2000))
        #expect(try read(#""thinking":{"type":"disabled"}"#).thinking == Thinking(isOn: false))
        #expect(try read(#""thinking":{"type":"between_tools"}"#).thinking == Thinking())
    }

    @Test func readsFormats() throws {
        let new = try read(#""output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}}"#)
        let old = try read(#""output_format":{"type":"json_schema","schema":{"type":"object"}}"#)
        #expect(new.format == old.format && new.mentions.contains(.schemaFormat))
    }

    @Test func readsSampling() throws {
        let request = try read(#""temperature":0.10,"top_p":1e-1,"top_k":5,"stop_sequences":["a","","\n"]"#)
        #expect(request.sampling.temperature == "0.10" && request.sampling.topP == "1e-1")
        #expect(request.sampling.topK == 5 && request.stops == ["a", "\n"])
    }

    @Test func notesPrefill() throws {
        let request = try read(
            messages: #"[{"role":"user","content":"a"},{"role":"assistant","content":"{"}]"#)
        #expect(request.mentions.all.map(\.path) == ["messages.1"] && request.mentions.contains(.prefill))
    }

    /// The table is what the readers note: every feature noted has its row.
    @Test func theTableIsWhole() {
        let known = Set(Members.all.compactMap(\.feature))
        let noted: [Feature] = [
            .temperature, .topP, .topK, .stops, .schemaFormat, .effort, .thinkingBudget, .thinkingDisplay,
            .thoughts, .redactedThoughts, .parallelCalls, .strictTools, .hostedTools, .hostedCalls,
            .deferredTools, .toolHints, .toolReferences, .images, .imageURLs, .documents, .documentURLs,
            .documentContext, .fileIDs, .citations, .searchResults, .resultImages, .resultDocuments,
            .resultErrors, .unknownBlocks, .prefill, .user, .metadata, .tier, .cacheControl, .region, .speed,
            .contextManagement, .container, .remoteTools, .diagnostics, .storedState, .tokenOptions, .extras,
        ]
        #expect(known == Set(noted), "\(known.symmetricDifference(noted))")
    }
}
