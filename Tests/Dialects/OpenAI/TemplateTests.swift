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
            for: request(user), Outgoing(), provider())
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
        let template = try #require(Template(data, string, padding: nil, .text))
        #expect(template.text(of: data) == "first")
        #expect(template.text(of: Array(chunk(#""content":"""#).utf8)) == "")
        #expect(template.text(of: Array(chunk(#""content":"a\n""#).utf8)) == "a\n")
        #expect(template.text(of: Array(chunk(#""content":"a","b":"""#).utf8)) == nil)
        #expect(template.text(of: []) == nil && template.text(of: Array(data.dropLast())) == nil)
        for count in data.indices { #expect(template.text(of: Array(data[..<count])) == nil) }
    }

    @Test func paddingMayDiffer() throws {
        func padded(_ text: String, _ padding: String) -> [UInt8] {
            Array(chunk(#""content":"\#(text)""#, #","obfuscation":"\#(padding)","x":1"#).utf8)
        }
        let root = try Document(padded("first", "xyz")).root
        let text = try #require(root["choices"]?.elements.first { _ in true }?["delta"]?["content"])
        let template = try #require(
            Template(padded("first", "xyz"), text, padding: root["obfuscation"], .text))
        for (said, padding) in [("a", ""), ("", "abcdef"), ("é", "x")] {
            #expect(template.text(of: padded(said, padding)) == said)
        }
        #expect(template.text(of: padded("a", #"b\n"#)) == nil)
        #expect(template.text(of: padded("a", #"b","y":""#)) == nil)
        for count in padded("a", "bc").indices {
            #expect(template.text(of: Array(padded("a", "bc")[..<count])) == nil)
        }
        let data = (0..<9).map {
            chunk(#""content":"\#($0)""#, #","obfuscation":"\#(String(repeating: "x", count: $0))""#)
        }
        #expect(try folded(events(data + [chunk("", finish: "stop")])).text == "012345678")
    }
}
