// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import OpenAI

/// Chunks that are like the one before them are read by their string alone: nothing may come of it but speed.
@Suite struct TemplateTests {
    private static let pieces = [
        "a", "twenty characters ab", "", " ", #"\n"#, #"say \"hi\" \\"#, "é🎉", #"\u00e9\ud83d\ude00"#,
        #"\ud83d"#,
        #"","finish_reason":"length","x":""#, #"x"},"finish_reason":"stop"}],"y":[{"z":{"a":"b"#, #"\"#,
        #"a" "#,
        "\u{1}", "<think>", "null", "[DONE]", "data: x",
    ]

    /// Each chunk with a number of its own is like no other.
    private func numbered(_ data: [String]) -> [String] {
        data.enumerated().map { $1.replacing(#""created":1,"#, with: #""created":1\#($0),"#) }
    }

    private func same(_ data: [String], _ provider: Provider = OpenAITests.provider()) {
        #expect(events(data, provider) == events(numbered(data), provider))
    }

    @Test("what stands where a text stood is read as JSON would have it", arguments: pieces)
    func texts(piece: String) {
        for name in ["content", "reasoning_content", "reasoning"] {
            let data = ["first", "second", piece, "last"].map { chunk(#""\#(name)":"\#($0)""#) }
            same(data + [chunk("", finish: "stop")])
            same(data.dropFirst() + [chunk("", finish: "stop")], provider("think_tags"))
        }
        let call = callChunk(#"{"index":0,"id":"a","function":{"name":"f","arguments":""}}"#)
        let more = ["{", piece, "}"].map { callChunk(#"{"index":0,"function":{"arguments":"\#($0)"}}"#) }
        same([call] + more + [chunk("", finish: "stop")])
        same([call] + more + [chunk("", finish: "stop")], provider("cumulative_arguments"))
    }

    @Test func kindsMayAlternate() {
        let text = chunk(#""content":"t""#)
        let thought = chunk(#""content":"","reasoning_content":"r""#)
        let call = callChunk(#"{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}"#)
        let other = callChunk(#"{"index":0,"id":"b","function":{"name":"f","arguments":"{"}}"#)
        let more = callChunk(#"{"index":0,"function":{"arguments":"}"}}"#)
        let usage = chunk(#""content":"t""#, #","usage":{"prompt_tokens":1,"completion_tokens":2}"#)
        same([text, text, thought, thought, text, call, more, more, other, more, text, usage, usage])
        same([text, text, chunk(#""content":"t""#, finish: "length"), text, text])
    }

    @Test func brokenTextIsBrokenEverywhere() {
        var data = Array(chunk(#""content":"x""#).utf8)
        var all: [Event] = []
        var reader = Chat().replyReader(
            for: request(Turn(role: .user, text: "x")), Outgoing(), provider())
        reader.read(event: [], data: data, to: &all)
        reader.read(event: [], data: data, to: &all)
        if let place = data.firstIndex(of: UInt8(ascii: "x")) { data[place] = 0xFF }
        reader.read(event: [], data: data, to: &all)
        #expect(failure(all)?.code == .brokenAnswer)
    }

    @Test func aTemplateKnowsItsString() throws {
        let data = Array(chunk(#""content":"first""#).utf8)
        let string = try #require(
            try Document(data).root["choices"]?.elements.first { _ in true }?["delta"]?["content"])
        let template = try #require(Template(data, string, .text))
        #expect(template.string(in: data) == "first")
        #expect(template.string(in: Array(chunk(#""content":"""#).utf8)) == "")
        #expect(template.string(in: Array(chunk(#""content":"a\n""#).utf8)) == "a\n")
        #expect(template.string(in: Array(chunk(#""content":"a","b":"""#).utf8)) == nil)
        #expect(template.string(in: []) == nil && template.string(in: Array(data.dropLast())) == nil)
    }
}
