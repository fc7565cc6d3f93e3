// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import DashScope

@Suite struct ReadReplyTests {
    private let told = Usage(input: 12, output: 3)

    @Test("D2 D3 D5: a stream of pieces, as it comes") func incremental() throws {
        let stream = said("He") + said("llo") + said("", finish: "stop")
        let expected: [Event] = [
            .begin(Beginning(id: "r1")), .open(.text), .delta(.text("He")), .delta(.text("llo")), .close,
            .usage(told), .end(Ending(.finished)),
        ]
        #expect(try events(stream) == expected)
        #expect(try events(stream.replacing("\n", with: "\r\n")) == expected)
        #expect(try events(stream.replacing("event:result\n", with: "event: result\n")) == expected)
    }

    @Test("D5: a last frame with text brings the text and the end") func lastWithText() throws {
        let all = try events(said("He") + said("llo", finish: "stop"))
        #expect(deltas(all) == ["He", "llo"])
        #expect(all.count(where: { if case .end = $0 { true } else { false } }) == 1)
    }

    @Test("D4 D6: what repeats itself is told once", arguments: ["您好，我是法睿。", "a🇩🇪b👩‍👩‍👧c", "é́x"])
    func cumulative(text: String) throws {
        let characters = text.unicodeScalars.map { String($0) }
        var whole = ""
        var stream = ""
        for character in characters {
            whole += character
            stream += said(whole) + said(whole)
        }
        stream += said(whole, finish: "stop") + said(whole, finish: "stop")
        let all = try events(stream, isCumulative: true)
        #expect(deltas(all) == characters)
        #expect(all.last == .end(Ending(.finished)))
    }

    @Test("D4: half a character waits for its other half") func halves() throws {
        let stream = said(#"a\ud83d"#) + said(#"a\ud83d\ude00"#) + said(#"a\ud83d\ude00!"#, finish: "stop")
        #expect(deltas(try events(stream, isCumulative: true)) == ["a", "😀", "!"])
        let broken = said("a\u{FFFD}") + said("a\u{FFFD}", finish: "stop")
        #expect(deltas(try events(broken, isCumulative: true)) == ["a", "\u{FFFD}"])
    }

    @Test("D4: a text that is written anew goes on from where the two part") func rewritten() throws {
        let stream = said("ab\u{e9}") + said("ab\u{e8}d") + said("ab") + said("ab\u{e8}de", finish: "stop")
        #expect(deltas(try events(stream, isCumulative: true)) == ["ab\u{e9}", "\u{e8}d", "e"])
    }

    @Test("D6: frames that bring nothing are no deltas") func silent() throws {
        let stream = said("") + said("a") + said("") + said("") + said("", finish: "stop")
        #expect(deltas(try events(stream)) == ["a"])
    }

    @Test("D7: an answer in the form of a text") func plainText() throws {
        let body = #"{"output":{"text":"Hello","finish_reason":"stop"},\#(usage),"request_id":"r1"}"#
        let expected: [Event] = [
            .begin(Beginning(id: "r1")), .open(.text), .delta(.text("Hello")), .close, .usage(told),
            .end(Ending(.finished)),
        ]
        #expect(whole(body) == expected)
        #expect(whole(body.replacing(#""text""#, with: #""choices":null,"text""#)) == expected)
        let first = #"data:{"output":{"text":"He","finish_reason":"null"},\#(usage),"request_id":"r1"}"#
        #expect(deltas(try events("\(first)\n\ndata:\(body)\n\n", isCumulative: true)) == ["He", "llo"])
    }

    @Test(
        "D8: content of parts",
        arguments: [
            (#"[{"text":"a"},{"text":"b"}]"#, ["ab"]), ("[]", []), ("null", []), (#"["a"]"#, ["a"]),
            ("7", []),
        ])
    func parts(content: String, texts: [String]) throws {
        #expect(deltas(try events(frame(#""content":\#(content)"#) + said("", finish: "stop"))) == texts)
    }

    @Test("D8: a part that is no text is a loss") func otherParts() {
        var reader = AnswerReader(isCumulative: false)
        var events: [Event] = []
        let body =
            #"{"output":{"choices":[{"message":{"content":[{"text":"a"},{"image":"x"}]},"finish_reason":"stop"}]}}"#
        reader.read(whole: Array(body.utf8), to: &events)
        #expect(reader.losses == [.unknownBlocks] && deltas(events) == ["a"])
    }

    @Test("D9: thoughts, then words, in frames of their own and in one") func thoughts() throws {
        let stream =
            frame(#""reasoning_content":"I ","content":"""#) + frame(#""reasoning_content":"see.""#)
            + frame(#""reasoning_content":"","content":"Hi""#) + frame(#""content":"!""#, finish: "stop")
        let expected: [Event] = [
            .begin(Beginning(id: "r1")), .open(.reasoning), .delta(.text("I ")), .delta(.text("see.")),
            .close,
            .open(.text), .delta(.text("Hi")), .delta(.text("!")), .close, .usage(told),
            .end(Ending(.finished)),
        ]
        #expect(try events(stream) == expected)
        let repeated =
            frame(#""reasoning_content":"I ""#) + frame(#""reasoning_content":"I see.","content":"""#)
            + frame(#""reasoning_content":"I see.","content":"Hi""#)
            + frame(#""reasoning_content":"I see.","content":"Hi!""#, finish: "stop")
        #expect(try events(repeated, isCumulative: true) == expected)
        let body =
            #"{"output":{"choices":[{"message":{"content":"Hi!","reasoning_content":"I see."},"#
            + #""finish_reason":"stop"}]}}"#
        #expect(deltas(whole(body)) == ["I see.", "Hi!"])
    }

    @Test("D37: the last usage counts, a frame without one takes nothing away") func usages() throws {
        let first = #"data:{"output":{"choices":[{"message":{"content":"a"},"finish_reason":"null"}]},"#
        let more = #""usage":{"input_tokens":5,"output_tokens":1}}"# + "\n\n"
        let last = #"data:{"output":{"choices":[{"message":{"content":""},"finish_reason":"stop"}]}"#
        let end =
            #","usage":{"input_tokens":5,"output_tokens":9,"prompt_tokens_details":{"cached_tokens":4},"#
            + #""output_tokens_details":{"reasoning_tokens":2}}}"#
        #expect(try events(first + more + last + "}\n\n").contains(.usage(Usage(input: 5, output: 1))))
        #expect(
            try events(first + more + last + end + "\n\n").contains(
                .usage(Usage(input: 5, output: 9, cached: 4, reasoning: 2))))
    }

    @Test("D38: a stream without its end is cut off") func cut() throws {
        #expect(failure(try events(said("a") + said("b")))?.code == .brokenStream)
        #expect(failure(try events(""))?.code == .brokenStream)
    }

    @Test("D39: nothing marks the end, and nothing is awaited after it") func ended() throws {
        let all = try events(
            said("a", finish: "stop") + broken(#"{"code":"InternalError"}"#) + "data:[DONE]\n\n")
        #expect(all.last == .end(Ending(.finished)))
    }

    @Test("D41: of several answers the first, by its index or its place") func several() throws {
        func one(_ choices: String) -> String { "data:{\"output\":{\"choices\":[\(choices)]},\(usage)}\n\n" }
        func choice(_ index: String, _ text: String, _ finish: String = "null") -> String {
            #"{\#(index)"message":{"content":"\#(text)"},"finish_reason":"\#(finish)"}"#
        }
        let indexed =
            one(choice(#""index":1,"#, "x")) + one(choice(#""index":0,"#, "a"))
            + one(choice(#""index":1,"#, "", "stop")) + one(choice(#""index":0,"#, "b", "stop"))
        #expect(deltas(try events(indexed)) == ["a", "b"])
        let placed = one(choice("", "a", "stop") + "," + choice("", "x", "stop"))
        #expect(deltas(try events(placed)) == ["a"])
    }

    @Test("D44: what nobody knows does no harm") func unknownMembers() throws {
        let info = #","extra":{"a":[1]}"#
        let message = #""role":"assistant","content":"a","annotations":[{"x":1}]"#
        let stream = frame(message, info).replacing(
            #"{"output":{"#, with: #"{"output":{"search_info":{"search_results":[{"index":1}]},"#)
        #expect(deltas(try events(": keep-alive\n\n:\n\n" + stream + said("", finish: "stop"))) == ["a"])
    }

    @Test("D49: a value in several lines", arguments: [1, 2, 5, 40]) func lines(size: Int) throws {
        let text = #"{"output":{"choices":[{"message":{"content":"a b"},"finish_reason":"stop"}]},\#(usage)}"#
        var stream = "event:result\n"
        for start in stride(from: 0, to: text.utf8.count, by: size) {
            stream += "data:" + String(Substring(text.utf8.dropFirst(start).prefix(size))) + "\n"
        }
        // A line's first space belongs to the form.
        let expected = size == 1 ? "ab" : "a b"
        #expect(
            deltas(try events(stream + "\n")).joined().filter { $0 != " " } == expected.filter { $0 != " " })
    }

    @Test("D49: two values in one event, and lines that are no value") func manyValues() throws {
        let first =
            #"data:{"output":{"choices":[{"message":{"content":"a"},"finish_reason":"null"}]}}"# + "\n"
        let last = #"data:{"output":{"choices":[{"message":{"content":"b"},"finish_reason":"stop"}]}}"# + "\n"
        #expect(deltas(try events(first + last + "\n")) == ["a", "b"])
        for torn in ["data:{\"output\ndata:\":{}\n\n", "data:{\ndata:]\n\n", "data:nonsense\n\n"] {
            #expect(failure(try events(torn)) != nil)
        }
    }

    @Test("D49: a value of very many lines costs its bytes") func manyLines() throws {
        let lines = repeatElement("\n", count: 50_000).joined()
        let data = Array(
            #"{"output":{"choices":[{"message":{"content":"a\#(lines)"},"finish_reason":"stop"}]}}"#.utf8)
        var reader = AnswerReader(isCumulative: false)
        var events: [Event] = []
        reader.read(event: [], data: data, to: &events)
        reader.finish(to: &events)
        #expect(deltas(events) == ["a"])
    }

    @Test(
        "D51: an empty code is none, any other is an error, beside an answer too",
        arguments: [
            (#""code":"","message":"""#, nil), (#""code":null"#, nil), (#""status_code":200"#, nil),
            (#""code":"InternalError","message":"x""#, Failure.Code.upstreamFault),
            (#""error":{"message":"x","code":"model_not_found"}"#, .upstreamNotFound),
            (#""error":null"#, nil), (#""error":{"code":"InvalidApiKey","message":"x"}"#, .upstreamKey),
        ])
    func codes(member: String, code: Failure.Code?) throws {
        let stream = frame(#""content":"a""#, finish: "stop", ",\(member)")
        #expect(failure(try events(stream))?.code == code)
    }

    @Test("whole answers that are none") func noAnswers() {
        for body in [
            "{}", "[]", "null", "x", "", #"{"output":{}}"#, #"{"output":{"choices":[]}}"#, #"{"output":7}"#,
        ] {
            #expect(failure(whole(body))?.code == .brokenAnswer, "\(body)")
        }
    }

    @Test(
        "reasons of the end", arguments: [("length", Stop.length), ("stop", .finished), ("new", .finished)])
    func reasons(word: String, stop: Stop) throws {
        #expect(try events(said("a", finish: word)).last == .end(Ending(stop)))
    }
}
