// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import OpenAI

/// The members of a request beside its messages.
@Suite struct ReadMembersTests {
    private func read(_ more: String) throws(Failure) -> Request {
        try asked(messages: #"{"role":"user","content":"x"}"#, more)
    }

    @Test("T100: the newer name of the limit wins, null is absence")
    func limits() throws {
        #expect(try read(#""max_tokens":5,"max_completion_tokens":7"#).outputLimit == 7)
        #expect(try read(#""max_completion_tokens":7,"max_tokens":5"#).outputLimit == 7)
        #expect(try read(#""max_tokens":5,"max_completion_tokens":null"#).outputLimit == 5)
        #expect(try read(#""max_tokens":1e3"#).outputLimit == 1_000)
        #expect(try read(#""max_tokens":null"#).outputLimit == nil)
    }

    @Test(
        "T100: limits below one, and other members of a wrong kind or value, are named",
        arguments: [
            (#""max_tokens":0"#, "max_tokens"), (#""max_tokens":-1"#, "max_tokens"),
            (#""max_completion_tokens":0"#, "max_completion_tokens"), (#""max_tokens":"5""#, "max_tokens"),
            (#""max_tokens":1.5"#, "max_tokens"), (#""max_tokens":99999999999999999999"#, "max_tokens"),
            (#""temperature":"hot""#, "temperature"), (#""stop":1"#, "stop"), (#""stop":["a",1]"#, "stop.1"),
            (#""n":0"#, "n"), (#""tools":{}"#, "tools"), (#""tools":[1]"#, "tools.0"),
            (#""tools":[{}]"#, "tools.0.type"), (#""tools":[{"type":"function"}]"#, "tools.0.function"),
            (#""tools":[{"type":"function","function":{}}]"#, "tools.0.function.name"),
            (#""tools":[{"type":"function","function":{"name":""}}]"#, "tools.0.function.name"),
            (
                #""tools":[{"type":"function","function":{"name":"f","parameters":[]}}]"#,
                "tools.0.function.parameters"
            ),
            (
                #""tools":[{"type":"custom","custom":{"name":"c","format":{"type":"grammar"}}}]"#,
                "tools.0.custom.format.grammar"
            ),
            (#""tool_choice":"sometimes""#, "tool_choice"), (#""tool_choice":1"#, "tool_choice"),
            (#""tool_choice":{"type":"function"}"#, "tool_choice.function"),
            (
                #""tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"x","tools":[]}}"#,
                "tool_choice.allowed_tools.mode"
            ),
            (#""response_format":{"type":"xml"}"#, "response_format.type"),
            (#""response_format":{"type":"json_schema"}"#, "response_format.json_schema"),
            (
                #""response_format":{"type":"json_schema","json_schema":{}}"#,
                "response_format.json_schema.name"
            ),
            (#""reasoning_effort":"extreme""#, "reasoning_effort"), (#""user":5"#, "user"),
            (#""stream_options":[]"#, "stream_options"), (#""logprobs":1"#, "logprobs"),
            (#""seed":"1""#, "seed"),
        ])
    func complains(more: String, param: String) throws {
        let failure = try #require(throws: Failure.self) { try read(more) }
        #expect(failure.param == param && failure.status == 400 && failure.message.contains("'\(param)'"))
    }

    @Test("T164: null is absence for every member")
    func nulls() throws {
        let names = Members.top.subtracting(["model", "messages"]).sorted()
        let nulls = names.map { #""\#($0)":null"# }.joined(separator: ",")
        var plain = try read("")
        plain.size = 0
        var told = try read(nulls)
        told.size = 0
        #expect(told == plain && told.mentions.all.isEmpty)
        let message =
            #"{"role":"assistant","content":"a","refusal":null,"tool_calls":null,"function_call":null,"audio":null,"name":null,"annotations":null}"#
        #expect(try asked(messages: message).turns == [Turn(role: .assistant, text: "a")])
    }

    @Test("T121: stop strings alone, in an array, or none")
    func stops() throws {
        #expect(try read(#""stop":"\n""#).stops == ["\n"])
        #expect(try read(#""stop":["a","","b"]"#).stops == ["a", "b"])
        #expect(try read(#""stop":[]"#).stops == [] && read(#""stop":null"#).stops == [])
    }

    @Test func samplingKeepsItsSpelling() throws {
        let sampling = try read(
            #""temperature":0.10,"top_p":1e-1,"top_k":5,"seed":-3,"n":1,"logprobs":true,"top_logprobs":2,"frequency_penalty":-0.0"#
        ).sampling
        #expect(sampling.temperature == "0.10" && sampling.topP == "1e-1" && sampling.topK == 5)
        #expect(sampling.seed == -3 && sampling.count == 1 && sampling.logprobs == true)
        #expect(sampling.topLogprobs == 2 && sampling.frequencyPenalty == "-0.0")
    }

    @Test("T123: two answers are a feature that providers refuse")
    func count() throws {
        let request = try read(#""n":2"#)
        #expect(request.sampling.count == 2)
        let refusal = try #require(throws: Failure.self) {
            try request.losses(isStrict: false) { Chat().coverage(of: $0, provider()) }
        }
        #expect(refusal.param == "n" && refusal.status == 400)
        #expect(try read(#""n":1"#).mentions.all.isEmpty)
    }

    @Test func readsTools() throws {
        let request = try read(
            #""tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"},"strict":true}},"#
                + #"{"type":"custom","custom":{"name":"c","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"x"}}}},"#
                + #"{"type":"custom","custom":{"name":"t","format":{"type":"text"}}},{"type":"web_search","x":1}],"parallel_tool_calls":false"#
        )
        #expect(
            request.tools[0]
                == Tool(
                    name: "f", description: "d", kind: .function(schema: json(#"{"type":"object"}"#)),
                    isStrict: true))
        #expect(request.tools[1].kind == .custom(grammar: Tool.Grammar(syntax: "lark", definition: "x")))
        #expect(request.tools[2].kind == .custom(grammar: nil) && request.tools[3].isHosted)
        #expect(request.allowsParallelCalls == false)
        #expect(try read(#""tools":[]"#).tools.isEmpty)
    }

    @Test("T118: a tool twice is one, two of a name are refused")
    func twins() throws {
        let f = #"{"type":"function","function":{"name":"f"}}"#
        #expect(try read(#""tools":[\#(f),\#(f)]"#).tools.count == 1)
        let other = #"{"type":"function","function":{"name":"f","description":"other"}}"#
        let failure = try #require(throws: Failure.self) { try read(#""tools":[\#(f),\#(other)]"#) }
        #expect(failure.param == "tools.1")
    }

    @Test(arguments: [
        (#""auto""#, ToolChoice.automatic), (#""none""#, .none), (#""required""#, .required),
        (#""any""#, .required),
        (#"{"type":"function","function":{"name":"f"}}"#, .named("f")),
        (#"{"type":"custom","custom":{"name":"c"}}"#, .named("c")), (#"{"type":"web_search"}"#, .automatic),
        (
            #"{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"f"}},{"type":"custom","custom":{"name":"c"}}]}}"#,
            .among(["f", "c"], isRequired: true)
        ),
    ])
    func readsChoices(choice: String, expected: ToolChoice) throws {
        #expect(try read(#""tool_choice":\#(choice)"#).toolChoice == expected)
    }

    @Test func readsTheOldForm() throws {
        let request = try read(#""functions":[{"name":"f","parameters":{}}],"function_call":{"name":"f"}"#)
        #expect(request.tools.map(\.name) == ["f"] && request.toolChoice == .named("f"))
        #expect(request.allowsParallelCalls == false && request.mentions.all.isEmpty)
        #expect(try read(#""function_call":"none""#).toolChoice == ToolChoice.none)
        #expect(try !text(request).contains("function_call"))
    }

    @Test func readsFormats() throws {
        #expect(try read(#""response_format":{"type":"text"}"#).format == nil)
        #expect(try read(#""response_format":{"type":"json_object"}"#).format == .object)
        #expect(
            try read(
                #""response_format":{"type":"json_schema","json_schema":{"name":"n","description":"d","schema":{"a":1},"strict":true}}"#
            )
            .format == .schema(.init(name: "n", description: "d", schema: json(#"{"a":1}"#), isStrict: true)))
        #expect(
            try read(#""response_format":{"type":"json_object","schema":{"a":1}}"#).format
                == .schema(.init(schema: json(#"{"a":1}"#))))
    }

    @Test(
        arguments: [
            (#""reasoning_effort":"high""#, Thinking(effort: .high)),
            (#""reasoning_effort":"none""#, Thinking(isOn: false, effort: Thinking.Effort.none)),
            (#""reasoning_effort":"default""#, nil),
            (#""enable_thinking":true,"thinking_budget":9"#, Thinking(budget: 9)),
            (#""enable_thinking":false"#, Thinking(isOn: false)),
            (#""thinking":{"type":"disabled"}"#, Thinking(isOn: false)),
            (#""thinking":{"type":"enabled","budget_tokens":7}"#, Thinking(budget: 7)),
            (#""reasoning":{"effort":"low","exclude":true}"#, Thinking(effort: .low, display: .omitted)),
            (#""reasoning":{"max_tokens":5}"#, Thinking(budget: 5)),
            (#""reasoning":{"enabled":false}"#, Thinking(isOn: false)),
            (#""include_reasoning":false"#, Thinking(display: .omitted)),
        ] as [(String, Thinking?)])
    func readsThinking(more: String, expected: Thinking?) throws {
        #expect(try read(more).thinking == expected)
    }

    @Test("T36 T129: unknown members wait in the extras, the last of each name")
    func extras() throws {
        let request = try read(#""odd":1,"metadata":{"a":"b"},"odd":[2],"min_p":0.5,"x":null"#)
        #expect(request.extras.map(\.name) == ["odd", "metadata", "min_p"])
        #expect(request.extras[0].value == json("[2]"))
        #expect(request.mentions.all.map(\.feature) == [.extras, .metadata, .tokenOptions])
        #expect(try read(#""store":false,"modalities":["text"]"#).mentions.all.isEmpty)
        let many = (0..<1_100).map { #""x\#($0)":1"# }.joined(separator: ",")
        let failure = try #require(throws: Failure.self) { try read(many) }
        #expect(failure.status == 400)
    }

    @Test func knowsTheUser() throws {
        #expect(try read(#""user":"u""#).user == "u")
        #expect(try read(#""safety_identifier":"s""#).user == "s")
        #expect(try read(#""user":"u","safety_identifier":"s""#).user == "u")
        #expect(try read(#""service_tier":"auto""#).tier == .automatic)
        #expect(try read(#""service_tier":"default""#).tier == .standard)
        #expect(try read(#""service_tier":"flex""#).tier == .other("flex"))
    }

    @Test("T214: a body with input instead of messages is told what is missing")
    func input() throws {
        let failure = try #require(throws: Failure.self) { try asked(#"{"model":"m","input":"hi"}"#) }
        #expect(failure.code == .missingMember && failure.param == "messages")
        var body: [UInt8] = []
        OpenAI.client.writeFailure(failure, id: "", to: &body)
        #expect(String(decoding: body, as: UTF8.self).contains(#""code":"missing_required_parameter""#))
    }

    @Test func knowsItsSize() throws {
        let body = #"{"model":"m","messages":[{"role":"user","content":"x"}]}"#
        #expect(try asked(body).size == body.utf8.count)
    }
}

/// The table of members against the reader.
@Suite struct MemberTableTests {
    /// A request that uses each row with a feature.
    private static let samples: [String: String] = [
        "temperature": #""temperature":1"#, "top_p": #""top_p":1"#, "top_k": #""top_k":1"#,
        "seed": #""seed":1"#,
        "stop": #""stop":"a""#, "frequency_penalty": #""frequency_penalty":1"#,
        "presence_penalty": #""presence_penalty":1"#, "n": #""n":2"#, "logprobs": #""logprobs":true"#,
        "response_format.json_schema":
            #""response_format":{"type":"json_schema","json_schema":{"name":"a"}}"#,
        "response_format.type": #""response_format":{"type":"json_object"}"#,
        "reasoning_effort": #""reasoning_effort":"low""#, "enable_thinking": #""enable_thinking":true"#,
        "thinking": #""thinking":{"type":"enabled"}"#, "thinking_budget": #""thinking_budget":1"#,
        "reasoning": #""reasoning":{"effort":"low"}"#, "include_reasoning": #""include_reasoning":false"#,
        "tools[].type": #""tools":[{"type":"web_search"}]"#,
        "tools[].function.strict": #""tools":[{"type":"function","function":{"name":"f","strict":true}}]"#,
        "tools[].custom": #""tools":[{"type":"custom","custom":{"name":"f"}}]"#,
        "tools[].custom.format":
            #""tools":[{"type":"custom","custom":{"name":"f","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"x"}}}}]"#,
        "tools[].cache_control": #""tools":[{"type":"function","cache_control":{},"function":{"name":"f"}}]"#,
        "tool_choice.allowed_tools": #""tool_choice":{"type":"allowed_tools","allowed_tools":{"tools":[]}}"#,
        "parallel_tool_calls": #""parallel_tool_calls":false"#, "user": #""user":"u""#,
        "service_tier": #""service_tier":"auto""#, "store": #""store":true"#,
        "modalities": #""modalities":["audio"]"#,
    ]

    private static let messages: [String: String] = [
        "messages[].name": #"{"role":"user","name":"n","content":"x"}"#,
        "messages[].audio": #"{"role":"assistant","audio":{"id":"a"}}"#,
        "messages[].cache_control": #"{"role":"user","content":"x","cache_control":{}}"#,
        "messages[].reasoning_content": #"{"role":"assistant","reasoning_content":"t"}"#,
        "messages[].reasoning": #"{"role":"assistant","reasoning":"t"}"#,
        "messages[].reasoning_details": #"{"role":"assistant","reasoning_details":[]}"#,
        "messages[].tool_calls[].custom":
            #"{"role":"assistant","tool_calls":[{"id":"a","type":"custom","custom":{"name":"c","input":""}}]}"#,
        "messages[-1]": #"{"role":"assistant","content":"x"}"#,
        "messages[].content[].thinking":
            #"{"role":"assistant","content":[{"type":"thinking","thinking":[]}]}"#,
        "messages[].content[].image_url":
            #"{"role":"user","content":[{"type":"image_url","image_url":{"url":"u"}}]},{"role":"tool","tool_call_id":"a","content":[{"type":"image_url","image_url":{"url":"u"}}]}"#,
        "messages[].content[].image_url.url":
            #"{"role":"user","content":[{"type":"image_url","image_url":{"url":"u"}}]}"#,
        "messages[].content[].image_url.detail":
            #"{"role":"user","content":[{"type":"image_url","image_url":{"url":"u","detail":"low"}}]}"#,
        "messages[].content[].input_audio":
            #"{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AA","format":"wav"}}]}"#,
        "messages[].content[].file":
            #"{"role":"user","content":[{"type":"file","file":{"file_data":"AA"}}]},{"role":"tool","tool_call_id":"a","content":[{"type":"file","file":{"file_data":"AA"}}]}"#,
        "messages[].content[].file.file_id":
            #"{"role":"user","content":[{"type":"file","file":{"file_id":"f"}}]}"#,
        "messages[].content[].file.file_data":
            #"{"role":"user","content":[{"type":"file","file":{"file_data":"https://x"}}]}"#,
        "messages[].content[].cache_control":
            #"{"role":"user","content":[{"type":"text","text":"x","cache_control":{}}]}"#,
        "messages[].content[].prompt_cache_breakpoint":
            #"{"role":"user","content":[{"type":"text","text":"x","prompt_cache_breakpoint":{}}]}"#,
        "messages[].content[]": #"{"role":"tool","tool_call_id":"a","content":[{"type":"odd"}]}"#,
    ]

    @Test(
        "every member of the table is noted under its name",
        arguments: Members.all.filter { $0.feature != nil }.map(\.name))
    func isNoted(name: String) throws {
        // It only counts beside the member that switches it on.
        if name == "top_logprobs" { return }
        let message = MemberTableTests.messages[name] ?? #"{"role":"user","content":"x"}"#
        let isPart = MemberTableTests.messages[name] != nil
        let more = isPart ? "" : MemberTableTests.samples[name] ?? #""\#(name)":{"x":1}"#
        let noted = try asked(messages: message, more).mentions.all
        for row in Members.all where row.name == name {
            #expect(noted.contains { $0.feature == row.feature && $0.member == name }, "\(noted)")
        }
    }

    @Test func hasNoRowTwice() {
        let rows = Members.all.map { "\($0.name) \($0.feature?.rawValue ?? "")" }
        #expect(Set(rows).count == rows.count)
    }
}
