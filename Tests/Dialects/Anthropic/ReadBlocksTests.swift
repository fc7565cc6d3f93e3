// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Anthropic

@Suite struct ReadBlocksTests {
    private func parts(_ blocks: String, of role: String = "user") throws -> [Part] {
        try read(messages: #"[{"role":"\#(role)","content":[\#(blocks)]}]"#).turns[0].parts
    }

    /// The parts of a result with this content.
    private func result(_ content: String) throws -> (parts: [Part], Request) {
        let request = try read(
            messages: #"""
                [{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"b","input":{}}]},
                {"role":"user","content":[{"type":"tool_result","tool_use_id":"a"\#(content)}]}]
                """#)
        guard case .result(let result)? = request.turns.last?.parts.first else { return ([], request) }
        return (result.parts, request)
    }

    @Test("an image keeps its media type, in lower case, and loses its white space")
    func readsImages() throws {
        let data = #"{"type":"image","source":{"type":"base64","media_type":"Image/PNG","data":"iV\nBO"}}"#
        #expect(try parts(data) == [.image(Media(.data(type: "image/png", base64: "iVBO")))])
        #expect(
            try parts(#"{"type":"image","source":{"type":"url","url":"https://x/y"}}"#) == [
                .image(Media(.url("https://x/y")))
            ])
        #expect(
            try parts(#"{"type":"image","source":{"type":"file","file_id":"f"}}"#) == [
                .image(Media(.id("f")))
            ])
    }

    @Test func readsDocuments() throws {
        let pdf =
            #"{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBE"},"title":"a","context":"b","citations":{"enabled":true}}"#
        let request = try read(messages: #"[{"role":"user","content":[\#(pdf)]}]"#)
        #expect(
            request.turns[0].parts == [
                .file(Media(.data(type: "application/pdf", base64: "JVBE"), title: "a", context: "b"))
            ])
        for feature in [Feature.documents, .documentContext, .citations] {
            #expect(request.mentions.contains(feature))
        }
        #expect(
            try parts(#"{"type":"document","source":{"type":"text","media_type":"text/plain","data":"raw"}}"#)
                == [.file(Media(.text("raw")))])
        #expect(
            try parts(#"{"type":"document","source":{"type":"url","url":"https://x"}}"#) == [
                .file(Media(.url("https://x")))
            ])
        #expect(
            try parts(#"{"type":"document","source":{"type":"file","file_id":"f"}}"#) == [
                .file(Media(.id("f")))
            ])
        let inner =
            #"{"type":"document","title":"t","source":{"type":"content","content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"url","url":"u"}}]}}"#
        #expect(try parts(inner) == [.file(Media(.text("a"), title: "t")), .image(Media(.url("u")))])
    }

    @Test func readsSearchResults() throws {
        let block =
            #"{"type":"search_result","source":"https://s","title":"t","content":[{"type":"text","text":"x"}],"citations":{"enabled":true}}"#
        #expect(try parts(block) == [.text("t\nhttps://s\nx")])
    }

    @Test(
        "T13: a result without content has no parts",
        arguments: ["", #","content":null"#, #","content":"""#, #","content":[]"#])
    func readsEmptyResults(content: String) throws {
        #expect(try result(content).parts == [])
    }

    @Test("T16: a result's texts, images and documents; what is unknown goes on as its text")
    func readsResults() throws {
        #expect(
            try result(#","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]"#).parts == [
                .text("a"), .text("b"),
            ])
        let image = try result(
            #","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iV"}}]"#)
        #expect(image.parts == [.image(Media(.data(type: "image/png", base64: "iV")))])
        #expect(image.1.mentions.contains(.resultImages))
        let document = try result(
            #","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"d"}}]"#
        )
        #expect(
            document.parts == [.file(Media(.text("d")))] && document.1.mentions.contains(.resultDocuments))
        let odd = try result(#","content":[{"type":"browser_state","x":[1, 2]}]"#)
        #expect(odd.parts == [.text(#"{"type":"browser_state","x":[1, 2]}"#)])
        #expect(odd.1.mentions.all.map(\.path) == ["messages.1.content.0.content.0"])
        let reference = try result(#","content":[{"type":"tool_reference","tool_name":"N"}]"#)
        #expect(reference.parts == [.text("Tool N is now available.")])
    }

    @Test("an error is marked, a false one is none")
    func readsErrors() throws {
        #expect(try result(#","is_error":false"#).1.mentions.all.isEmpty)
        #expect(try result(#","is_error":true"#).1.mentions.contains(.resultErrors))
    }

    @Test(
        "T18 T166 T205: a call's input is its text, byte for byte",
        arguments: [
            (#"{ }"#, "{ }"),
            (
                #"{"b":1.0,"a":1e3,"n":12345678901234567890,"s":"\u00e9\/"}"#,
                #"{"b":1.0,"a":1e3,"n":12345678901234567890,"s":"\u00e9\/"}"#
            ),
            (#"{"_raw_arguments":"{\"a\":"}"#, #"{"a":"#), ("null", "{}"),
        ])
    func keepsInputs(input: String, arguments: String) throws {
        let found = try parts(#"{"type":"tool_use","id":"a","name":"b","input":\#(input)}"#, of: "assistant")
        #expect(found == [.call(ToolCall(id: "a", name: "b", arguments: arguments))])
    }

    @Test("T18: a missing input is an empty object")
    func readsMissingInput() throws {
        #expect(
            try parts(#"{"type":"tool_use","id":"a","name":"b"}"#, of: "assistant")
                == [.call(ToolCall(id: "a", name: "b", arguments: "{}"))])
    }

    @Test("T20 T213: thoughts are the assistant's; sealed ones stay in their place")
    func readsThoughts() throws {
        let blocks =
            #"{"type":"thinking","thinking":"t","signature":"S"},{"type":"redacted_thinking","data":"D"},{"type":"thinking","thinking":"u","signature":""},{"type":"text","text":"x"}"#
        #expect(
            try parts(blocks, of: "assistant") == [
                .reasoning(Reasoning(text: "t", seal: "S")),
                .reasoning(Reasoning(seal: "D", isRedacted: true)), .reasoning(Reasoning(text: "u")),
                .text("x"),
            ])
        #expect(
            try parts(#"{"type":"thinking","thinking":"t","signature":"S"},{"type":"text","text":"x"}"#) == [
                .text("x")
            ])
    }

    @Test("T21 T184: what a provider did by itself is kept for it, whole")
    func keepsForeign() throws {
        let use = #"{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"x"}}"#
        let result = #"{"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[]}"#
        let request = try read(messages: #"[{"role":"assistant","content":[\#(use),\#(result)]}]"#)
        #expect(
            request.turns[0].parts == [
                .foreign(Foreign(dialect: "anthropic", type: "server_tool_use", value: try value(use))),
                .foreign(
                    Foreign(dialect: "anthropic", type: "web_search_tool_result", value: try value(result))),
            ])
        #expect(request.unpaired == nil && request.mentions.contains(.hostedCalls))
    }

    @Test("T111: calls and results that have no other half are told by their path")
    func pairs() throws {
        let call = #"{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"b","input":{}}]}"#
        let result = #"{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]}"#
        #expect(try read(messages: "[\(call)]").unpaired?.param == "messages.0.content.0.id")
        #expect(try read(messages: "[\(result)]").unpaired?.param == "messages.0.content.0.tool_use_id")
        #expect(try read(messages: "[\(call),\(result)]").unpaired == nil)
    }

    @Test("T200: a system turn stays in its place; one that only adds tools says nothing")
    func readsSystemTurns() throws {
        let request = try read(
            #""tools":[{"name":"N","input_schema":{},"defer_loading":true}]"#,
            messages: #"""
                [{"role":"user","content":"a"},{"role":"system","content":"s"},
                {"role":"system","content":[{"type":"tool_addition","tool":{"type":"tool_reference","name":"N"}}]},
                {"role":"assistant","content":"b"},{"role":"user","content":"c"}]
                """#)
        #expect(request.turns.map(\.role) == [.user, .system, .assistant, .user])
        #expect(request.tools.map(\.isDeferred) == [false])
    }
}
