// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

/// The worked examples of the translation's description: one request, three streams.
@Suite struct GoldenTests {
    private func json(_ bytes: [UInt8]) throws -> String { try canonical(Document(bytes).root) }

    /// A JSON text with its members sorted, so that their order does not count.
    private func canonical(_ value: Value) -> String {
        if let object = value.object {
            let members = object.members.map { "\"\($0.name)\":" + canonical($0.value) }
            return "{" + members.sorted().joined(separator: ",") + "}"
        }
        if value.kind == .array { return "[" + value.elements.map(canonical).joined(separator: ",") + "]" }
        return String(decoding: value.verbatim, as: UTF8.self)
    }

    private let asked = """
        {"model":"m","max_tokens":500,"system":[{"type":"text","text":"Be terse."}],
         "messages":[
          {"role":"user","content":"ls?"},
          {"role":"assistant","content":[{"type":"text","text":"ok"},{"type":"tool_use","id":"toolu_1","name":"Bash","input":{"c":"ls"}}]},
          {"role":"user","content":[{"type":"text","text":"go on"},
             {"type":"tool_result","tool_use_id":"toolu_1","is_error":true,"content":[{"type":"text","text":"denied"}]}]}],
         "tools":[{"name":"Bash","input_schema":{"type":"object"}}],
         "tool_choice":{"type":"any","disable_parallel_tool_use":true},"stream":true}
        """

    private let sent = """
        {"model":"m","max_tokens":500,"messages":[
          {"role":"system","content":"Be terse."},
          {"role":"user","content":"ls?"},
          {"role":"assistant","content":"ok","tool_calls":[{"id":"toolu_1","type":"function","function":{"name":"Bash","arguments":"{\\"c\\":\\"ls\\"}"}}]},
          {"role":"tool","tool_call_id":"toolu_1","content":"[tool error] denied"},
          {"role":"user","content":"go on"}],
         "tools":[{"type":"function","function":{"name":"Bash","parameters":{"type":"object","properties":{}}}}],
         "tool_choice":"required","parallel_tool_calls":false,
         "stream":true,"stream_options":{"include_usage":true}}
        """

    @Test("T8 T15 T29 T33: an Anthropic request for an OpenAI provider") func request() throws {
        let request = try Sides.named("anthropic").client.readRequest(Array(asked.utf8))
        let openAI = try Sides.named("openai")
        var bytes: [UInt8] = []
        _ = try openAI.provider.writeRequest(request, for: openAI.upstream(), to: &bytes)
        #expect(try json(bytes) == json(Array(sent.utf8)))
    }

    private func stream(_ lines: String) -> Recording.Content {
        .stream(lines.split(separator: "\n").map { ("", Array($0.utf8)) })
    }

    private let interleaved = """
        {"id":"c1","choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning_content":"think"},"finish_reason":null}]}
        {"id":"c1","choices":[{"index":0,"delta":{"content":"Let me see."},"finish_reason":null}]}
        {"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"Read","arguments":""}},{"index":1,"id":"call_b","type":"function","function":{"name":"Grep","arguments":""}}]},"finish_reason":null}]}
        {"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{\\"q\\":"}}]},"finish_reason":null}]}
        {"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"p\\":1}"}},{"index":1,"function":{"arguments":"2}"}}]},"finish_reason":null}]}
        {"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}
        {"id":"c1","choices":[],"usage":{"prompt_tokens":50,"completion_tokens":20,"total_tokens":70,"prompt_tokens_details":{"cached_tokens":30}}}
        [DONE]
        """

    /// Each event of a caller's stream in short: its type, its index, and what tells it from others; how
    /// arguments are cut into pieces does not count.
    private func anthropic(_ bytes: [UInt8]) throws -> [String] {
        try words(bytes).reduce(into: []) { lines, line in
            if line.hasSuffix("2}"), lines.last?.hasSuffix(#"{"q":"#) == true {
                lines[lines.count - 1] += "2}"
            } else {
                lines.append(line)
            }
        }
    }

    private func words(_ bytes: [UInt8]) throws -> [String] {
        try Recording.events(bytes).map { name, data in
            let root = try Document(data).root
            #expect(root["type"]?.string == name)
            let block = root["content_block"]
            let delta = root["delta"]
            let words = [
                root["index"]?.int.map(String.init), block?["type"]?.string, block?["id"]?.string,
                block?["name"]?.string, delta?["thinking"]?.string, delta?["text"]?.string,
                delta?["partial_json"]?.string, delta?["stop_reason"]?.string,
                name == "error" ? root["error"]?["type"]?.string : nil,
                name == "error" ? root["error"]?["message"]?.string : nil,
            ]
            return ([name] + words.compactMap { $0 }).joined(separator: " ")
        }
    }

    private let blocks = [
        "content_block_start 1 text", "content_block_delta 1 Let me see.", "content_block_stop 1",
        "content_block_start 2 tool_use call_a Read", "content_block_delta 2 {\"p\":1}",
        "content_block_stop 2", "content_block_start 3 tool_use call_b Grep",
        "content_block_delta 3 {\"q\":2}", "content_block_stop 3",
    ]

    @Test("T65 T70 T76: reasoning, text, two interleaved tools, usage last") func interleavedTools() throws {
        let events = try Sides.named("openai").read(stream(interleaved))
        let bytes = try Sides.named("anthropic").streamed(events)
        let expected =
            [
                "message_start", "content_block_start 0 thinking", "content_block_delta 0 think",
                "content_block_stop 0",
            ] + blocks + ["message_delta tool_use", "message_stop"]
        #expect(try anthropic(bytes) == expected)
        let delta = try #require(Recording.events(bytes).first { $0.name == "message_delta" })
        let usage = try Document(delta.data).root["usage"]
        #expect(usage?["input_tokens"]?.int == 20 && usage?["cache_read_input_tokens"]?.int == 30)
        #expect(usage?["cache_creation_input_tokens"]?.int == 0 && usage?["output_tokens"]?.int == 20)
        #expect(!String(decoding: bytes, as: UTF8.self).contains("[DONE]"))
    }

    @Test("T76: the same for a caller that did not ask for thoughts") func withoutThoughts() throws {
        var request = Request.thoughtful
        request.thinking = nil
        let events = try Sides.named("openai").read(stream(interleaved), for: request)
        let bytes = try Sides.named("anthropic").streamed(events, for: request)
        let shifted = blocks.map { line in
            var words = line.split(separator: " ", maxSplits: 2).map(String.init)
            words[1] = String((Int(words[1]) ?? 0) - 1)
            return words.joined(separator: " ")
        }
        #expect(
            try anthropic(bytes) == ["message_start"] + shifted + ["message_delta tool_use", "message_stop"])
    }

    @Test("T88 T90: an error after partial text") func error() throws {
        let lines = """
            {"id":"c1","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}
            {"id":"c1","choices":[{"index":0,"delta":{"content":"par"},"finish_reason":null}]}
            {"error":{"message":"boom","code":502}}
            """
        let events = try Sides.named("openai").read(stream(lines))
        #expect(
            try anthropic(Sides.named("anthropic").streamed(events)) == [
                "message_start", "content_block_start 0 text", "content_block_delta 0 par",
                "error api_error boom",
            ])
    }

    private let message = """
        {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"c","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":10,"cache_read_input_tokens":5,"output_tokens":1}}}
        {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}
        {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}
        {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQ"}}
        {"type":"content_block_stop","index":0}
        {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}
        {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hi"}}
        {"type":"content_block_stop","index":1}
        {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_1","name":"now","input":{}}}
        {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}}
        {"type":"content_block_stop","index":2}
        {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":7}}
        {"type":"message_stop"}
        """

    @Test("T138 T151 T152: thinking, text, a tool without arguments") func toOpenAI() throws {
        let named = try message.split(separator: "\n").map { line in
            (try Document(Array(line.utf8)).root["type"]?.string ?? "", Array(line.utf8))
        }
        let events = try Sides.named("anthropic").read(.stream(named))
        let bytes = try Sides.named("openai").streamed(events)
        let chunks = Recording.events(bytes).map { String(decoding: $0.data, as: UTF8.self) }
        let expected = [
            #""delta":{"role":"assistant","content":"","#, #""delta":{"reasoning_content":"hm"}"#,
            #""delta":{"content":"Hi"}"#,
            #""delta":{"tool_calls":[{"index":0,"id":"toolu_1","type":"function","function":{"name":"now","arguments":""}}]}"#,
            #""delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}"#,
            #""delta":{},"finish_reason":"tool_calls""#,
            #""choices":[],"usage":{"prompt_tokens":15,"completion_tokens":7,"total_tokens":22,"#, "[DONE]",
        ]
        try #require(chunks.count == expected.count)
        for (chunk, part) in zip(chunks, expected) { #expect(chunk.contains(part)) }
        #expect(chunks[6].contains(#""cached_tokens":5"#))
    }
}
