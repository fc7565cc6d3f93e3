// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import OpenAI

/// Messages and their parts.
@Suite struct ReadTurnsTests {
    private func turns(_ messages: String) throws(Failure) -> [Turn] { try asked(messages: messages).turns }

    private func part(_ part: String) throws(Failure) -> Part? {
        try turns(#"{"role":"user","content":[\#(part)]}"#)[0].parts.first
    }

    @Test(
        "T104: data URLs in every form",
        arguments: [
            ("data:image/png;base64,AAA=", "image/png"), ("data:image/jpg;base64,AAA=", "image/jpeg"),
            ("DATA:IMAGE/PNG;BASE64,AAA=", "image/png"),
            ("data:image/png;charset=utf-8;base64,AA\\nA=", "image/png"),
            ("data:image/svg+xml;base64, A A A = ", "image/svg+xml"),
        ])
    func dataURLs(url: String, type: String) throws {
        #expect(
            try part(#"{"type":"image_url","image_url":{"url":"\#(url)"}}"#)
                == .image(Media(.data(type: type, base64: "AAA="))))
    }

    @Test func readsMedia() throws {
        #expect(
            try part(#"{"type":"image_url","image_url":{"url":"https://x","detail":"high"}}"#)
                == .image(Media(.url("https://x"), detail: "high")))
        #expect(
            try part(#"{"type":"image_url","image_url":"https://x"}"#) == .image(Media(.url("https://x"))))
        #expect(
            try part(#"{"type":"input_audio","input_audio":{"data":"AA","format":"mp3"}}"#)
                == .audio(Media(.data(type: "audio/mp3", base64: "AA"), detail: "mp3")))
        #expect(
            try part(
                #"{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,AA"}}"#)
                == .file(Media(.data(type: "application/pdf", base64: "AA"), title: "a.pdf")))
        #expect(try part(#"{"type":"file","file":{"file_id":"file-1"}}"#) == .file(Media(.id("file-1"))))
        #expect(
            try part(#"{"type":"file","file":{"file_data":"https://x"}}"#) == .file(Media(.url("https://x"))))
    }

    @Test("the assistant's thoughts, words and calls")
    func assistants() throws {
        let read = try turns(
            #"{"role":"assistant","content":[{"type":"text","text":"a"},{"type":"refusal","refusal":"no"}],"reasoning":"t","#
                + #""tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{bad"}},"#
                + #"{"id":"2","type":"custom","custom":{"name":"c","input":"ls"}},{"id":"3","function":{"name":"f"}}]},"#
                + #"{"role":"tool","tool_call_id":"2","content":[{"type":"text","text":"r"}]}"#)
        #expect(
            read[0].parts == [
                .reasoning(Reasoning(text: "t")), .text("a"), .refusal("no"),
                .call(ToolCall(id: "1", name: "f", arguments: "{bad")),
                .call(ToolCall(id: "2", name: "c", arguments: "ls", isCustom: true)),
                .call(ToolCall(id: "3", name: "f", arguments: "")),
            ])
        #expect(read[1].parts == [.result(ToolResult(id: "2", parts: [.text("r")], isCustom: true))])
    }

    @Test(
        "T106: arguments that are no JSON are the model's, and never refused",
        arguments: [
            (#""""#, ""), (#"" ""#, " "), ("null", ""), (#""null""#, "null"), (#""{x""#, "{x"),
            (#""[1]""#, "[1]"),
            (#"{"q": 1.0}"#, #"{"q": 1.0}"#),
        ])
    func arguments(given: String, expected: String) throws {
        let read = try turns(
            #"{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":\#(given)}}]}"#
        )
        #expect(read[0].calls == [ToolCall(id: "1", name: "f", arguments: expected)])
    }

    @Test("T112: what a tool says may be texts, images, and what nobody knows")
    func results() throws {
        let read = try turns(
            #"{"role":"tool","tool_call_id":"1","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"u"}},{"type":"odd","x":1}]}"#
        )
        let odd = Foreign(dialect: "openai", type: "odd", value: json(#"{"type":"odd","x":1}"#))
        #expect(
            read[0].parts == [
                .result(ToolResult(id: "1", parts: [.text("a"), .image(Media(.url("u"))), .foreign(odd)]))
            ])
    }

    @Test("T108: an id that comes again is another call's")
    func twinIDs() throws {
        let call =
            #"{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]}"#
        let result = #"{"role":"tool","tool_call_id":"1","content":"r"}"#
        let request = try asked(messages: [call, result, call, result].joined(separator: ","))
        #expect(request.turns.flatMap(\.calls).map(\.id) == ["1", "1_2"] && request.unpaired == nil)
        #expect(request.turns[3].parts == [.result(ToolResult(id: "1_2", parts: [.text("r")]))])
    }

    @Test("T111: calls and results without each other are told with their place")
    func unpaired() throws {
        let call =
            #"{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]}"#
        #expect(try asked(messages: call).unpaired?.param == "messages.0.tool_calls.0")
        #expect(
            try asked(messages: #"{"role":"tool","tool_call_id":"1","content":"r"}"#).unpaired?.param
                == "messages.0")
    }

    @Test func pairsTheOldForm() throws {
        let request = try asked(
            messages:
                #"{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"r"}"#
        )
        #expect(request.unpaired == nil && request.turns[0].calls[0].id == "call_f")
    }

    @Test("T127: names and what an answer had beside its words are no mistakes")
    func replayed() throws {
        let request = try asked(
            messages:
                #"{"role":"user","name":"n","content":"x"},{"role":"assistant","content":"a","annotations":[],"audio":{"id":"1"},"refusal":null,"function_call":null,"tool_calls":null,"odd":1}"#
        )
        #expect(request.turns[1].parts == [.text("a")])
        #expect(try !text(request).contains("\"name\""))
    }

    @Test(
        "what is wrong in a message is named by its path",
        arguments: [
            (#"{"role":"tool","content":"x"}"#, "messages.0.tool_call_id"),
            (#"{"role":"tool","tool_call_id":"","content":"x"}"#, "messages.0.tool_call_id"),
            (#"{"role":"function","content":"x"}"#, "messages.0.name"),
            (#"{"role":"user","content":[{"type":"video"}]}"#, "messages.0.content.0.type"),
            (
                #"{"role":"system","content":[{"type":"image_url","image_url":{"url":"u"}}]}"#,
                "messages.0.content.0.type"
            ),
            (#"{"role":"user","content":[{"type":"text"}]}"#, "messages.0.content.0.text"),
            (#"{"role":"user","content":[{"type":"text","text":5}]}"#, "messages.0.content.0.text"),
            (#"{"role":"user","content":[{}]}"#, "messages.0.content.0.type"),
            (#"{"role":"user","content":[{"type":"image_url"}]}"#, "messages.0.content.0.image_url"),
            (
                #"{"role":"user","content":[{"type":"image_url","image_url":{}}]}"#,
                "messages.0.content.0.image_url.url"
            ),
            (
                #"{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png,x"}}]}"#,
                "messages.0.content.0.image_url.url"
            ),
            (
                #"{"role":"user","content":[{"type":"file","file":{}}]}"#,
                "messages.0.content.0.file.file_data"
            ),
            (
                #"{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}"#,
                "messages.0.content.0.input_audio.data"
            ),
            (#"{"role":"assistant","tool_calls":{}}"#, "messages.0.tool_calls"),
            (#"{"role":"assistant","tool_calls":[1]}"#, "messages.0.tool_calls.0"),
            (
                #"{"role":"assistant","tool_calls":[{"type":"function","function":{"name":"f"}}]}"#,
                "messages.0.tool_calls.0.id"
            ),
            (
                #"{"role":"assistant","tool_calls":[{"id":"","function":{"name":"f"}}]}"#,
                "messages.0.tool_calls.0.id"
            ),
            (#"{"role":"assistant","tool_calls":[{"id":"1"}]}"#, "messages.0.tool_calls.0.function"),
            (
                #"{"role":"assistant","tool_calls":[{"id":"1","function":{"name":""}}]}"#,
                "messages.0.tool_calls.0.function.name"
            ),
            (
                #"{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f","arguments":5}}]}"#,
                "messages.0.tool_calls.0.function.arguments"
            ),
            (#"{"role":"assistant","tool_calls":[{"id":"1","type":"odd"}]}"#, "messages.0.tool_calls.0.type"),
            (#"{"role":"assistant","function_call":{"arguments":"{}"}}"#, "messages.0.function_call.name"),
        ])
    func complains(message: String, param: String) throws {
        let failure = try #require(throws: Failure.self) { try turns(message) }
        #expect(failure.param == param && failure.status == 400)
    }

    @Test("T165: twins, depth, NUL and lone surrogates do no harm")
    func oddJSON() throws {
        #expect(
            try turns(#"{"role":"robot","role":"user","content":"a\u0000\ud83d"}"#) == [
                Turn(role: .user, text: "a\0\u{FFFD}")
            ])
        let deep = String(repeating: "[", count: 600) + String(repeating: "]", count: 600)
        let failure = try #require(throws: Failure.self) {
            try asked(messages: #"{"role":"user","content":"x"}"#, "\"x\":\(deep)")
        }
        #expect(failure.code == .invalidJSON && failure.status == 400)
    }

    @Test("the same dialect on both sides gives the request back")
    func roundTrip() throws {
        let body =
            #"{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA","detail":"original"}}]},"#
            + #"{"role":"assistant","content":"a","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},"#
            + #"{"role":"tool","tool_call_id":"1","content":"r"}],"#
            + #""tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{}},"strict":true}}],"#
            + #""tool_choice":"auto","parallel_tool_calls":true,"max_tokens":5,"stop":["a"],"temperature":0.10,"top_k":4,"seed":1,"#
            + #""response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{},"strict":true}},"reasoning_effort":"max","#
            + #""user":"u","service_tier":"flex","stream":true,"stream_options":{"include_usage":true},"odd":{"a":1.0},"metadata":{"k":"v"}}"#
        #expect(try text(try asked(body)) == body)
    }
}
