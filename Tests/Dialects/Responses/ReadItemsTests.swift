// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Responses

@Suite struct ReadItemsTests {
    private let call = #"{"type":"function_call","id":"fc_9","call_id":"c1","name":"f","arguments":"{}"}"#
    private let result = #"{"type":"function_call_output","id":"fco_9","call_id":"c1","output":"ok"}"#

    @Test("T145: what an assistant did in a row is one turn") func merges() throws {
        let request = try asked(
            """
            {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"a"},
            {"type":"summary_text","text":"b"}]},{"role":"assistant","content":"now"},\(call),
            {"type":"function_call","call_id":"c2","name":"g","arguments":""},
            \(result),{"type":"function_call_output","call_id":"c2","output":"ja"},{"role":"user","content":"go"}
            """)
        #expect(request.turns.map(\.role) == [.assistant, .user, .user])
        #expect(
            request.turns[0].parts == [
                .reasoning(Reasoning(text: "a\n\nb")), .text("now"),
                .call(ToolCall(id: "c1", name: "f", arguments: "{}")),
                .call(ToolCall(id: "c2", name: "g", arguments: "")),
            ])
        #expect(request.turns[1].parts.count == 2 && request.turns[2].text() == "go")
        #expect(request.unpaired == nil)
    }

    @Test("T145: a user's words between a call and its result wait behind it") func gathers() throws {
        var request = try asked("\(call),{\"role\":\"user\",\"content\":\"wait\"},\(result)")
        request.gatherResults()
        #expect(request.turns.map(\.role) == [.assistant, .user, .user])
        #expect(request.turns[2].text() == "wait")
    }

    @Test("T147: results belong to call_id, never to an item's id") func callIDs() throws {
        #expect(try asked("\(call),\(result)").turns[0].calls.map(\.id) == ["c1"])
        let byItem = #"{"type":"function_call_output","call_id":"fc_9","output":"ok"}"#
        #expect(try asked("\(call),\(byItem)").unpaired?.param == "input.1.call_id")
    }

    @Test("T111: a call without its result and a result without its call are noted") func unpaired() throws {
        #expect(try asked(call).unpaired?.param == "input.0.call_id")
        #expect(try asked(result).unpaired?.param == "input.0.call_id")
    }

    @Test("T108: ids that come again are told apart") func twins() throws {
        let request = try asked("\(call),\(result),\(call),\(result)")
        #expect(request.turns.flatMap(\.calls).map(\.id) == ["c1", "c1_2"])
        #expect(request.unpaired == nil)
    }

    @Test("T106: arguments that are no JSON are the model's own words") func brokenArguments() throws {
        let broken = #"{"type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":"}"#
        #expect(try asked("\(broken),\(result)").turns[0].calls.map(\.arguments) == [#"{"a":"#])
        let object = #"{"type":"function_call","call_id":"c1","name":"f","arguments":{"a": 1.0}}"#
        #expect(try asked("\(object),\(result)").turns[0].calls.map(\.arguments) == [#"{"a": 1.0}"#])
    }

    @Test("T146: a text that encodes images is images, any other text is a text") func encodedImages() throws
    {
        let output = { (text: String) throws -> [Part] in
            let item = #"{"type":"function_call_output","call_id":"c1","output":\#(text)}"#
            guard case .result(let result)? = try asked("\(self.call),\(item)").turns.last?.parts.first else {
                return []
            }
            return result.parts
        }
        let image = Part.image(Media(.data(type: "image/png", base64: "aGk=")))
        let part = #"{\"type\":\"input_image\",\"image_url\":\"data:image/png;base64,aGk=\"}"#
        #expect(try output(#""[\#(part)]""#) == [image])
        #expect(try output(#""[{\"type\":\"input_text\",\"text\":\"t\"},\#(part)]""#) == [.text("t"), image])
        for text in [#""[1,2]""#, #""[]""#, #""[{\"type\":\"input_text\",\"text\":\"t\"}]""#, #""plain""#] {
            let plain = try #require(try value(text).string)
            #expect(try output(text) == [.text(plain)])
        }
        #expect(try output(#""[{\"type\":\"input_image\"}]""#).count == 1)
        #expect(
            try output(#"[{"type":"input_text","text":"t"},{"type":"zap","a":1}]"#) == [
                .text("t"), .text(#"{"type":"zap","a":1}"#),
            ])
        #expect(try output("null") == [] && output("\"\"") == [])
    }

    @Test("T16: an unknown part of a result goes on as its text") func unknownParts() throws {
        let item = #"{"type":"function_call_output","call_id":"c1","output":[{"type":"zap"}]}"#
        #expect(try asked("\(call),\(item)").mentions.contains(.unknownBlocks))
    }

    @Test(
        "T104: a data URL without base64, or without a type, is refused at its place",
        arguments: [
            "data:a,b", "data:;base64,aGk=",
        ]) func dataURLs(url: String)
    {
        let failure = refusal(
            #"{"model":"m","input":[{"role":"user","content":[{"type":"input_image","image_url":"\#(url)"}]}]}"#
        )
        #expect(failure?.param == "input.0.content.0.image_url")
    }

    @Test func readsMedia() throws {
        let request = try asked(MembersTests.items)
        #expect(
            request.turns[0].parts == [
                .image(Media(.url("https://x/a.png"), detail: "high")),
                .file(Media(.data(type: "application/pdf", base64: "aGk="), title: "a.pdf")),
                .file(Media(.url("https://x/a.pdf"))), .file(Media(.id("file-1"))),
                .audio(Media(.data(type: "audio/wav", base64: "aGk="), detail: "wav")),
            ])
    }

    @Test("T203: calls of free text keep it") func customCalls() throws {
        let request = try asked(
            #"{"type":"custom_tool_call","call_id":"c","name":"sh","input":"a \"b\""},"#
                + #"{"type":"custom_tool_call_output","call_id":"c","output":"o"}"#)
        #expect(
            request.turns[0].calls == [ToolCall(id: "c", name: "sh", arguments: #"a "b""#, isCustom: true)])
        #expect(
            request.turns[1].parts == [
                .result(ToolResult(id: "c", parts: [.text("o")], isCustom: true))
            ])
    }

    @Test func keepsSealedThoughts() throws {
        let request = try asked(
            """
            {"type":"reasoning","summary":[],"encrypted_content":"e"},{"role":"assistant","content":"a"},
            {"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"t"}]},\(call),\(result)
            """)
        #expect(
            request.turns[0].parts.prefix(3) == [
                .reasoning(Reasoning(seal: "e", isRedacted: true)), .text("a"),
                .reasoning(Reasoning(text: "t")),
            ])
    }

    @Test func dropsThoughtsAboutNothing() throws {
        let thought = #"{"type":"reasoning","summary":[{"type":"summary_text","text":"t"}]}"#
        let request = try asked(#"\#(thought),{"role":"user","content":"a"},\#(thought)"#)
        #expect(request.turns == [Turn(role: .user, text: "a")])
        #expect(refusal(#"{"model":"m","input":[\#(thought)]}"#)?.param == "input")
    }

    @Test("T195: items of a provider's own tools are kept for it") func foreignItems() throws {
        let search = #"{"type":"web_search_call","id":"ws_1","status":"completed"}"#
        let request = try asked(
            #"{"role":"user","content":"a"},\#(search),{"id":"msg_7"},{"type":"compaction","encrypted_content":"x"}"#
        )
        #expect(request.mentions.all.map(\.feature) == [.hostedCalls, .itemReferences, .contextManagement])
        #expect(text(try sent(request).body["input"]?[1]) == search)
    }
}
