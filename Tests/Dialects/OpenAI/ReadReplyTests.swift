// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import OpenAI

/// Streams as they come, and what is read of them.
@Suite struct ReadReplyTests {
    private let begin = Event.begin(Beginning(id: "c1", model: "up-m"))

    @Test("T60 T62 T77: the beginning stands once and first, whatever comes first")
    func beginnings() throws {
        let expected: [Event] = [
            begin, .open(.text), .delta(.text("Hi")), .close, .end(Ending(.finished)),
        ]
        let hi = chunk(#""content":"Hi""#)
        let roles = [
            chunk(#""role":"assistant","content":"Hi""#), chunk(#""role":"assistant""#, finish: "stop"),
        ]
        #expect(events([hi, chunk("", finish: "stop")]) == expected)
        #expect(events(roles) == expected)
        let usageFirst = #"{"id":"c1","model":"up-m","choices":[],"usage":null}"#
        #expect(events([usageFirst, hi, chunk("", finish: "stop")]) == expected)
        let calls = callChunk(#"{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}"#)
        #expect(events([calls, chunk("", finish: "tool_calls")]).first == begin)
    }

    @Test("T175: id and model are those of the first chunk that has them")
    func latches() {
        let azure = #"{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[]}"#
        let late = chunk(#""content":"x""#, finish: "stop").replacing("c1", with: "c2")
        #expect(events([azure, chunk(#""role":"assistant""#), late]).first == begin)
    }

    @Test("T61: chunks without choices are ignored, but for their usage")
    func withoutChoices() throws {
        let all = events([
            #"{"choices":null}"#, #"{"id":"c1","model":"up-m","choices":[]}"#, "{}", chunk(#""content":"a""#),
            #"{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#, chunk("", finish: "stop"),
        ])
        let reply = try folded(all)
        #expect(reply.text == "a" && reply.usage == Usage(input: 1, output: 2))
    }

    @Test("T98: other choices than the first are ignored")
    func otherChoices() throws {
        let second = #"{"choices":[{"index":1,"delta":{"content":"no"},"finish_reason":"length"}]}"#
        let reply = try folded(events([chunk(#""content":"yes""#), second, chunk("", finish: "stop")]))
        #expect(reply.text == "yes" && reply.ending == Ending(.finished))
    }

    @Test("T78 T79 T76: thoughts, words and calls of one chunk come in that order; thoughts again are new")
    func order() throws {
        let all = events([
            chunk(
                #""tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}],"content":"w","reasoning_content":"t""#
            ),
            chunk(#""reasoning":"again""#), chunk("", finish: "tool_calls"),
        ])
        #expect(
            all == [
                begin, .open(.reasoning), .delta(.text("t")), .close, .open(.text), .delta(.text("w")),
                .close,
                .open(.call(id: "a", name: "f", isCustom: false)), .delta(.text("{}")), .close,
                .open(.reasoning), .delta(.text("again")), .close, .end(Ending(.toolCall)),
            ])
    }

    @Test("T80 T180: empty and null deltas open nothing")
    func empties() {
        let all = events([
            chunk(
                #""role":"assistant","content":"","reasoning_content":"","refusal":null,"tool_calls":null"#),
            chunk(#""content":null,"reasoning_content":"t""#),
            chunk(#""content":"","reasoning_content":null"#),
            chunk(#""content":"w","reasoning_content":null,"tool_calls":[]"#),
            #"{"id":"c1","choices":[{"index":0,"delta":null}]}"#,
            chunk(#""content":"""#, finish: "stop"),
        ])
        #expect(
            all == [
                begin, .open(.reasoning), .delta(.text("t")), .close, .open(.text), .delta(.text("w")),
                .close,
                .end(Ending(.finished)),
            ])
    }

    @Test(
        "T40: the same thoughts in two members are read once",
        arguments: [
            #""reasoning":"t","reasoning_content":"t""#, #""reasoning":"t","reasoning_content":null"#,
            #""reasoning":"t","reasoning_details":[{"type":"reasoning.text","text":"t","index":0}]"#,
            #""reasoning":null,"reasoning_details":[{"type":"reasoning.summary","summary":"t"}]"#,
            #""thinking_blocks":[{"type":"thinking","thinking":"t","signature":"s"}]"#,
        ])
    func thoughtsOnce(delta: String) throws {
        let reply = try folded(events([chunk(delta), chunk(#""content":"w""#, finish: "stop")]))
        #expect(reply.items == [.reasoning(Reasoning(text: "t")), .text(.init(text: "w"))])
    }

    @Test("T178: content as an array of thoughts and texts")
    func contentParts() throws {
        let reply = try folded(
            events([
                chunk(#""content":[{"type":"thinking","thinking":[{"type":"text","text":"t1"}]}]"#),
                chunk(#""content":[{"type":"thinking","thinking":[{"type":"text","text":"t2"}]}]"#),
                chunk(#""content":[{"type":"text","text":"w"}]"#), chunk(#""content":"""#, finish: "stop"),
            ]))
        #expect(reply.items == [.reasoning(Reasoning(text: "t1t2")), .text(.init(text: "w"))])
    }

    @Test("T97: white space is text")
    func whiteSpace() throws {
        let reply = try folded(events([chunk(#""content":" ""#), chunk(#""content":"\n""#, finish: "stop")]))
        #expect(reply.text == " \n")
    }

    @Test("T99: a refusal is an item of its own, and the end says so")
    func refusals() {
        let all = events([
            chunk(#""refusal":"I can""#), chunk(#""refusal":"not""#), chunk("", finish: "stop"),
        ])
        #expect(
            all == [
                begin, .open(.refusal), .delta(.text("I can")), .delta(.text("not")), .close,
                .end(Ending(.filtered, explanation: "I cannot")),
            ])
    }

    @Test("T212: annotations, images, sounds and executed tools are no text")
    func others() throws {
        var reader = Chat().replyReader(
            for: request(user), Outgoing(), provider())
        var all: [Event] = []
        for data in [
            chunk(
                #""annotations":[{"type":"file"}],"images":[{"x":1}],"audio":{"data":"x"},"executed_tools":[]"#
            ),
            chunk(#""content":"w""#),
            // An address with a title is more than a loss here: it goes on as a citation.
            chunk(
                #""annotations":[{"type":"url_citation","url_citation":{"url":"u","title":"t"}}]"#,
                finish: "stop"),
        ] {
            reader.read(event: [], data: Array(data.utf8), to: &all)
        }
        reader.finish(to: &all)
        check(all)
        #expect(
            reader.losses.sorted { $0.rawValue < $1.rawValue } == [
                .audioOutput, .citations, .hostedCalls, .images,
            ])
        let expected = Reply.Text(text: "w", citations: [Citation(url: "u", title: "t")])
        #expect(try folded(all).items == [.text(expected)])
    }

    @Test("T176: what is strange in a chunk is passed over")
    func strange() throws {
        let odd =
            #"{"id":"c1","created":1.5,"provider":"p","prompt":[],"time_info":{},"citations":["u"],"#
            + #""choices":[{"index":0,"delta":{"index":0,"role":"assistant","content":"a"}}]}"#
        let reply = try folded(events([odd, chunk(#""role":"tool","content":"b""#, finish: "stop")]))
        #expect(reply.text == "ab")
    }

    @Test("T92: blank data, and data of several lines")
    func data() throws {
        let lines = chunk(#""content":"a""#).replacing(",", with: ",\n")
        #expect(try folded(events(["", " \n", lines, "\u{FEFF}" + chunk("", finish: "stop")])).text == "a")
    }

    @Test("T88 T89: an end without a reason or a mark is a failure")
    func cut() {
        let partial = events([chunk(#""content":"par""#)], isDone: false)
        #expect(failure(partial)?.code == .brokenStream && failure(partial)?.status == 502)
        #expect(partial.dropLast() == [begin, .open(.text), .delta(.text("par"))])
        #expect(failure(events([], isDone: false))?.code == .brokenStream)
        #expect(failure(events([], isDone: true))?.code == .brokenStream)
        let open = callChunk(#"{"index":0,"id":"a","function":{"name":"f","arguments":"{\"q\":"}}"#)
        #expect(failure(events([open], isDone: false))?.code == .brokenStream)
        #expect(failure(events([open], isDone: true))?.code == .brokenStream)
    }

    @Test("T88: the mark alone is enough where what came is whole")
    func markAlone() throws {
        #expect(try folded(events([chunk(#""content":"a""#)])).ending == Ending(.finished))
        let call = callChunk(#"{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}"#)
        #expect(try folded(events([call])).ending == Ending(.toolCall))
    }

    @Test("T74: nothing after the end is read")
    func afterTheEnd() {
        let data = [chunk(#""content":"a""#, finish: "stop"), "[DONE]", chunk(#""content":"b""#), "[DONE] "]
        #expect(events(data) == events([data[0]]))
        #expect(events([data[0]], isDone: false) == events([data[0]]))
    }

    @Test("T71: the end comes without waiting for a usage")
    func withoutUsage() {
        #expect(events([chunk(#""content":"a""#, finish: "stop")]).last == .end(Ending(.finished)))
    }

    @Test("T86 T87: a stream that is answered whole is read whole")
    func wholeInstead() throws {
        let all = whole(answer(#""role":"assistant","content":"Hi""#))
        #expect(all == events([chunk(#""content":"Hi""#, finish: "stop")]))
        let failed = whole(#"{"error":{"message":"no","type":"invalid_request_error","code":null}}"#)
        #expect(failed.count == 1 && failure(failed)?.status == 400)
    }

    @Test("a whole answer that is streamed is read as a stream")
    func streamInstead() throws {
        let body = [chunk(#""content":"a""#), chunk("", finish: "stop"), "[DONE]"].map { "data: \($0)\n\n" }
        #expect(try folded(whole(body.joined())).text == "a")
    }

    @Test("a message at the end of a stream says nothing new")
    func messageAtTheEnd() throws {
        let last =
            #"{"id":"c1","choices":[{"index":0,"message":{"content":"ab"},"finish_reason":"stop"}]}"#
        #expect(try folded(events([chunk(#""content":"a""#), chunk(#""content":"b""#), last])).text == "ab")
        #expect(try folded(events([last])).text == "ab")
    }

    @Test("T54: thoughts between tags, cut anywhere, where the provider is known for it")
    func thinkTags() throws {
        let text = Array("\n<think>let me</think>\n\nHi <think>")
        for cut in text.indices {
            for other in cut..<text.count {
                let pieces = [text[..<cut], text[cut..<other], text[other...]].map { String($0) }
                let data = pieces.map { chunk(#""content":"\#($0.replacing("\n", with: "\\n"))""#) }
                let reply = try folded(events(data, provider("think_tags")))
                #expect(
                    reply.items == [.reasoning(Reasoning(text: "let me")), .text(.init(text: "Hi <think>"))])
            }
        }
        let plain = chunk(#""content":"<think>a</think>b""#)
        #expect(try folded(events([plain])).text == "<think>a</think>b")
        #expect(
            try folded(events([plain.replacing("<think>", with: "")], provider("think_open"))).text == "b")
        #expect(try folded(events([chunk(#""content":" <b""#)], provider("think_tags"))).text == " <b")
    }

    @Test("logprobs go on where they were asked for")
    func logprobs() throws {
        let data =
            #"{"id":"c1","choices":[{"index":0,"delta":{"content":"a"},"logprobs":{"content":[{"token":"a","#
            + #""logprob":-0.10}]},"finish_reason":"stop"}]}"#
        let asking = request(user) { $0.sampling.logprobs = true }
        let expected = Reply.Text(text: "a", logprobs: #"{"token":"a","logprob":-0.10}"#)
        #expect(try folded(events([data], for: asking)).items == [.text(expected)])
        #expect(try folded(events([data])).items == [.text(.init(text: "a"))])
    }

    @Test("T96: many small pieces cost their bytes alone")
    func manyPieces() throws {
        var reader = Chat().replyReader(
            for: request(user), Outgoing(), provider())
        var all: [Event] = []
        let first = callChunk(#"{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":\""}}"#)
        reader.read(event: [], data: Array(first.utf8), to: &all)
        let second = callChunk(#"{"index":1,"id":"b","function":{"name":"g","arguments":"{\"x\":\""}}"#)
        reader.read(event: [], data: Array(second.utf8), to: &all)
        let piece = String(repeating: "x", count: 100)
        let pieces = [0, 1].map {
            Array(callChunk(#"{"index":\#($0),"function":{"arguments":"\#(piece)"}}"#).utf8)
        }
        for _ in 0..<2_000 { for data in pieces { reader.read(event: [], data: data, to: &all) } }
        for index in [0, 1] {
            let last = callChunk(#"{"index":\#(index),"function":{"arguments":"\"}"}}"#, finish: "tool_calls")
            reader.read(event: [], data: Array(last.utf8), to: &all)
        }
        reader.finish(to: &all)
        check(all)
        #expect(try folded(all).calls.map(\.arguments.utf8.count) == [200_008, 200_008])
    }
}
