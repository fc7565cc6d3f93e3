// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import OpenAI

/// Whole answers.
@Suite struct ReadWholeTests {
    @Test("T40: thoughts, text, calls, in this order whatever the message's")
    func order() throws {
        let reply = try folded(
            whole(
                answer(
                    #""tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}],"content":"w","reasoning":"t","role":"assistant""#,
                    finish: "tool_calls")))
        #expect(
            reply.items == [
                .reasoning(Reasoning(text: "t")), .text(.init(text: "w")),
                .call(ToolCall(id: "a", name: "f", arguments: "{}")),
            ])
    }

    @Test(
        "T50: an answer without choices is none",
        arguments: [
            #"{"id":"c1","choices":[]}"#, #"{"id":"c1","choices":null}"#, #"{"id":"c1"}"#, "[]", "{}", "",
            "null",
            "<html><body>502 Bad Gateway</body></html>",
            #"{"choices":[{"index":0,"message":{"content":""}}]}"#,
        ])
    func empty(body: String) {
        let all = whole(body)
        #expect(failure(all)?.status == 502 && failure(all)?.message.contains("<") == false)
    }

    @Test("an answer of nothing that says that it ended is one")
    func nothingSaid() throws {
        #expect(try folded(whole(answer(#""content":"""#))).items.isEmpty)
    }

    @Test(
        "T51: errors in answers of status 200",
        arguments: [
            (#"{"error":{"message":"m","type":"invalid_request_error"}}"#, 400),
            (#"{"object":"error","message":"m","code":404}"#, 404),
            (#"{"error":{"message":"m","code":402}}"#, 402),
            (#"{"error":"m"}"#, 502), (#"{"detail":"m"}"#, 502),
            (#"[{"error":{"message":"m","code":429}}]"#, 429),
        ])
    func errors(body: String, status: Int) {
        let all = whole(body)
        #expect(all.count == 1 && failure(all)?.status == status && failure(all)?.message == "m")
    }

    @Test(
        "T52: blank lines and a byte order mark before the answer",
        arguments: ["\n\n\n", "\u{FEFF}", " \r\n"])
    func blankLines(lead: String) throws {
        #expect(try folded(whole(lead + answer(#""content":"a""#))).text == "a")
    }

    @Test("T53: content as parts")
    func parts() throws {
        let body = answer(
            #""content":[{"type":"text","text":"a"},{"type":"text","text":"b"},{"type":"image"}]"#)
        #expect(try folded(whole(body)).text == "ab")
    }

    @Test("T57: of several choices the first by its index")
    func choices() throws {
        let body =
            #"{"id":"c1","choices":[{"index":1,"message":{"content":"b"},"finish_reason":"stop"},"#
            + #"{"index":0,"message":{"content":"a"},"finish_reason":"stop"}]}"#
        #expect(try folded(whole(body)).text == "a")
    }

    @Test(
        "T43 T44: arguments are never read, only carried", arguments: ["{bad", "[]", "null", #"\"x\""#, ""])
    func arguments(text: String) throws {
        let body = answer(
            #""content":null,"tool_calls":[{"id":"a","function":{"name":"f","arguments":"\#(text)"}}]"#,
            finish: "tool_calls")
        let expected = text.replacing("\\", with: "")
        #expect(try folded(whole(body)).calls.map(\.arguments) == [expected])
    }

    @Test("T166: numbers in arguments keep their digits")
    func digits() throws {
        let body = answer(
            #""tool_calls":[{"id":"a","function":{"name":"f","arguments":{"n": 9007199254740993, "x": 1.0}}}]"#
        )
        #expect(try folded(whole(body)).calls[0].arguments == #"{"n": 9007199254740993, "x": 1.0}"#)
    }

    @Test("citations of a message belong to its text")
    func citations() throws {
        let body = answer(
            #""content":"a","annotations":[{"type":"url_citation","url_citation":{"url":"u","title":null}}]"#)
        let expected = Reply.Text(text: "a", citations: [Citation(url: "u", title: "")])
        #expect(try folded(whole(body)).items == [.text(expected)])
    }

    @Test("T165: lone surrogates are replaced")
    func surrogates() throws {
        #expect(try folded(whole(answer(#""content":"a\ud83d \ud83d\ude00""#))).text == "a\u{FFFD} 😀")
    }
}
