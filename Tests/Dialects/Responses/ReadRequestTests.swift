// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Responses

@Suite struct ReadRequestTests {
    @Test func readsAText() throws {
        let request = try read(#"{"model":"m","instructions":"be brief","input":"hi"}"#)
        #expect(request.turns == [Turn(role: .system, text: "be brief"), Turn(role: .user, text: "hi")])
        #expect(request.wantsUsage && !request.isStreamed && request.dialect == "responses")
        #expect(request.mentions.all.isEmpty && request.extras.isEmpty)
    }

    @Test func readsMessages() throws {
        let request = try asked(
            """
            {"role":"user","content":"a"},{"type":"message","role":"developer","content":[
            {"type":"input_text","text":"b"},{"type":"text","text":"c"}]},{"role":"system","content":"d"},
            {"type":"message","id":"msg_1","role":"assistant","status":"completed","phase":"final_answer","content":[
            {"type":"output_text","text":"e","annotations":[],"logprobs":[]},{"type":"refusal","refusal":"f"}]}
            """)
        #expect(request.turns.map(\.role) == [.user, .developer, .system, .assistant])
        #expect(request.turns[1].parts == [.text("b"), .text("c")])
        #expect(request.turns[3].parts == [.text("e"), .refusal("f")])
        #expect(request.mentions.all.map(\.feature) == [.phases])
    }

    @Test("T164: null is absence, everywhere") func nulls() throws {
        let names = Members.read.union(Members.kept.keys).subtracting(["model", "input"])
        let members = names.sorted().map { #""\#($0)":null"# }.joined(separator: ",")
        let request = try asked(#"{"role":"user","content":"a"}"#, members)
        var plain = try asked(#"{"role":"user","content":"a"}"#)
        plain.size = request.size
        #expect(request == plain)
    }

    @Test("T36: unknown members are told, not refused") func unknown() throws {
        let request = try asked(#"{"role":"user","content":"a"}"#, #""zap":1,"extra_body":{}"#)
        #expect(request.mentions.all.map(\.member) == ["zap", "extra_body"])
        #expect(request.extras.map(\.name) == ["zap", "extra_body"])
        #expect(try sent(request).body["zap"]?.int == 1)
    }

    @Test("T150: what would go on from something kept is refused by name")
    func state() {
        for member in [#""previous_response_id":"resp_1""#, #""conversation":"c""#, #""prompt":{"id":"p"}"#] {
            let failure = refusal(#"{"model":"m","input":"a",\#(member)}"#)
            #expect(failure?.param == member.split(separator: "\"").first.map(String.init))
            #expect(failure?.kind == .invalidRequest && failure?.status == 400)
        }
        #expect(refusal(#"{"model":"m","input":"a","background":true}"#)?.param == "background")
        #expect(refusal(#"{"model":"m","input":"a","background":false}"#) == nil)
    }

    @Test(arguments: [
        ("{", ""), (#"[]"#, ""), (#"{"input":"a"}"#, "model"), (#"{"model":1,"input":"a"}"#, "model"),
        (#"{"model":"m"}"#, "input"), (#"{"model":"m","input":[]}"#, "input"),
        (#"{"model":"m","input":7}"#, "input"), (#"{"model":"m","input":[7]}"#, "input.0"),
        (#"{"model":"m","input":[{}]}"#, "input.0.type"),
        (#"{"model":"m","input":[{"type":"zap"}]}"#, "input.0.type"),
        (#"{"model":"m","input":[{"role":"robot","content":""}]}"#, "input.0.role"),
        (#"{"model":"m","input":[{"role":"user"}]}"#, "input.0.content"),
        (#"{"model":"m","input":[{"role":"user","content":7}]}"#, "input.0.content"),
        (#"{"model":"m","input":[{"role":"user","content":[{"type":"zap"}]}]}"#, "input.0.content.0.type"),
        (
            #"{"model":"m","input":[{"role":"user","content":[{"type":"input_text"}]}]}"#,
            "input.0.content.0.text"
        ),
        (#"{"model":"m","input":[{"type":"function_call","name":"f"}]}"#, "input.0.call_id"),
        (#"{"model":"m","input":[{"type":"function_call","name":"f","call_id":""}]}"#, "input.0.call_id"),
        (#"{"model":"m","input":[{"type":"function_call","call_id":"c"}]}"#, "input.0.name"),
        (
            #"{"model":"m","input":[{"type":"function_call","call_id":"c","name":"f","arguments":[]}]}"#,
            "input.0.arguments"
        ),
        (
            #"{"model":"m","input":[{"type":"function_call_output","call_id":"c","output":7}]}"#,
            "input.0.output"
        ),
        (#"{"model":"m","input":"a","tools":[{"type":"function"}]}"#, "tools.0.name"),
        (#"{"model":"m","input":"a","tools":[{"name":"f"}]}"#, "tools.0.type"),
        (#"{"model":"m","input":"a","tools":{}}"#, "tools"),
        (#"{"model":"m","input":"a","tool_choice":"zap"}"#, "tool_choice"),
        (#"{"model":"m","input":"a","tool_choice":{"type":"function"}}"#, "tool_choice.name"),
        (#"{"model":"m","input":"a","max_output_tokens":0}"#, "max_output_tokens"),
        (#"{"model":"m","input":"a","temperature":"1"}"#, "temperature"),
        (#"{"model":"m","input":"a","reasoning":{"effort":"zap"}}"#, "reasoning.effort"),
        (#"{"model":"m","input":"a","text":{"format":{"type":"zap"}}}"#, "text.format.type"),
        (
            #"{"model":"m","input":"a","text":{"format":{"type":"json_schema","name":"n"}}}"#,
            "text.format.schema"
        ),
        (#"{"model":"m","input":"a","include":[1]}"#, "include.0"),
        (#"{"model":"m","input":"a","stream":"yes"}"#, "stream"),
    ]) func namesWhatIsWrong(_ body: String, _ param: String) {
        let failure = refusal(body)
        #expect(failure?.kind == .invalidRequest)
        #expect(failure?.param ?? "" == param)
    }

    @Test func readsSampling() throws {
        let request = try asked(
            #"{"role":"user","content":"a"}"#,
            """
            "temperature":0.10,"top_p":1e-1,"top_logprobs":2,"max_output_tokens":9,"stream":true,
            "service_tier":"flex","user":"u","text":{"verbosity":"low","format":{"type":"json_object"}},
            "reasoning":{"effort":"xhigh","summary":"detailed"},"parallel_tool_calls":false
            """)
        #expect(request.sampling.temperature == "0.10" && request.sampling.topP == "1e-1")
        #expect(request.sampling.logprobs == true && request.sampling.topLogprobs == 2)
        #expect(request.outputLimit == 9 && request.isStreamed && request.tier == .other("flex"))
        #expect(request.user == "u" && request.format == .object && request.allowsParallelCalls == false)
        #expect(request.thinking == Thinking(isOn: true, effort: .xhigh, display: .summarized))
        #expect(request.extra("verbosity")?.string == "low")
    }

    @Test func readsTheFormOfTheAnswer() throws {
        let request = try asked(
            #"{"role":"user","content":"a"}"#,
            #""text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true}}"#)
        let schema = Format.Schema(name: "n", schema: try value(#"{"type":"object"}"#), isStrict: true)
        #expect(request.format == .schema(schema))
        #expect(
            try asked(#"{"role":"user","content":"a"}"#, #""reasoning":{"effort":"none"}"#).thinking?.isOn
                == false)
    }

    /// Every row of the table that has a feature is noted when it is used, or refused.
    @Test func notesItsTable() throws {
        let used = try asked(MembersTests.items, MembersTests.members)
        let form = #""text":{"format":{"type":"json_object"}},"reasoning":{"generate_summary":"auto"}"#
        let other = try asked(#"{"role":"user","content":"a"}"#, form)
        let refused: Set<Feature> = [.background, .storedState]
        for feature in Set(Members.all.compactMap(\.feature)).subtracting(refused) {
            let isNoted = used.mentions.contains(feature) || other.mentions.contains(feature)
            #expect(isNoted, "\(feature)")
        }
        let features = Set(Members.all.compactMap(\.feature))
        for mention in used.mentions.all + other.mentions.all where mention.feature != .hostedTools {
            let others: Set<Feature> = [
                .extras, .hostedCalls, .itemReferences, .imageURLs, .resultImages, .resultDocuments,
                .unknownBlocks,
            ]
            #expect(features.contains(mention.feature) || others.contains(mention.feature), "\(mention)")
        }
    }

    @Test("T165: depth, twins and lone surrogates do not matter") func oddJSON() throws {
        let deep = String(repeating: "[", count: 600) + String(repeating: "]", count: 600)
        #expect(refusal(#"{"model":"m","input":"a","zap":\#(deep)}"#)?.code == .invalidJSON)
        let request = try read(#"{"model":"x","model":"m","input":"\ud83d \ud83d\ude00 \u0000"}"#)
        #expect(request.model == "m" && request.turns[0].text() == "\u{FFFD} 😀 \0")
    }
}

/// One request that uses everything.
enum MembersTests {
    static let items = """
        {"role":"user","content":[{"type":"input_image","image_url":"https://x/a.png","detail":"high"},
        {"type":"input_file","file_data":"aGk=","filename":"a.pdf"},{"type":"input_file","file_url":"https://x/a.pdf"},
        {"type":"input_file","file_id":"file-1"},{"type":"input_audio","input_audio":{"data":"aGk=","format":"wav"}}]},
        {"type":"reasoning","summary":[{"type":"summary_text","text":"t"}],"encrypted_content":"e"},
        {"role":"assistant","phase":"commentary","content":[{"type":"output_text","text":"t","annotations":[{}]}]},
        {"type":"custom_tool_call","call_id":"c","namespace":"n","name":"f","input":"i"},
        {"type":"custom_tool_call_output","call_id":"c","output":"o"},{"type":"item_reference","id":"msg_1"}
        """
    static let members = """
        "temperature":1,"top_p":1,"top_logprobs":1,"parallel_tool_calls":false,"max_tool_calls":1,
        "text":{"verbosity":"low","format":{"type":"json_schema","name":"n","schema":{}}},
        "reasoning":{"effort":"low","summary":"auto"},"user":"u","service_tier":"flex","store":true,
        "include":["file_search_call.results"],"truncation":"auto","metadata":{"a":"b"},"prompt_cache_key":"k",
        "safety_identifier":"s","client_metadata":{},"context_management":[],"moderation":{},
        "tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"}]},
        "tools":[{"type":"function","name":"f","strict":true,"defer_loading":true},
        {"type":"custom","name":"g","format":{"type":"grammar","syntax":"lark","definition":"d"}},
        {"type":"namespace","name":"n","tools":[{"type":"function","name":"f"}]},{"type":"web_search"}]
        """
}
