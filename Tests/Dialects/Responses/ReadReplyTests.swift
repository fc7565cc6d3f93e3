// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Responses

@Suite struct ReadReplyTests {
    private let created = #"{"type":"response.created","response":{"id":"resp_1","model":"m","output":[]}}"#
    private let completed = #"{"type":"response.completed","response":{"status":"completed","output":[]}}"#

    private func added(_ index: Int, _ item: String) -> String {
        #"{"type":"response.output_item.added","output_index":\#(index),"item":\#(item)}"#
    }

    private func done(_ index: Int, _ item: String) -> String {
        #"{"type":"response.output_item.done","output_index":\#(index),"item":\#(item)}"#
    }

    private func delta(_ kind: String, _ index: Int, _ text: String, _ more: String = "") -> String {
        #"{"type":"response.\#(kind).delta","output_index":\#(index),"delta":"\#(text)"\#(more)}"#
    }

    private func call(_ id: String, _ arguments: String = "", _ more: String = "") -> String {
        #"{"type":"function_call","id":"fc_\#(id)","call_id":"\#(id)","name":"f","arguments":"\#(arguments)"\#(more)}"#
    }

    private let message = #"{"type":"message","id":"msg_1","role":"assistant","content":[]}"#

    private func reply(_ data: [String], _ provider: Provider = provider()) throws -> Reply {
        let found = events(data, provider)
        #expect(fault(found.events) == nil)
        return try Reply(folding: found.events)
    }

    private func events(
        _ data: [String], _ provider: Provider = provider()
    ) -> (events: [Event], losses: [Feature]) {
        ResponsesTests.events(data, for: asked(), provider)
    }

    @Test func readsText() throws {
        let usage =
            #"{"input_tokens":9,"input_tokens_details":{"cached_tokens":4},"output_tokens":2,"output_tokens_details":{"reasoning_tokens":1}}"#
        let found = events([
            created, added(0, message), delta("output_text", 0, "a"), delta("output_text", 0, ""),
            delta("output_text", 0, "b"), done(0, message),
            #"{"type":"response.completed","response":{"status":"completed","usage":\#(usage)}}"#,
        ])
        #expect(
            found.events == [
                .begin(Beginning(id: "resp_1", model: "m")), .open(.text), .delta(.text("a")),
                .delta(.text("b")),
                .close, .usage(Usage(input: 9, output: 2, cached: 4, reasoning: 1)), .end(Ending(.finished)),
            ])
    }

    @Test("T143: arguments that come at the end alone are not lost") func lateArguments() throws {
        let end = #"{"type":"response.function_call_arguments.done","output_index":0,"arguments":"{}"}"#
        for data in [
            [added(0, call("c")), end, done(0, call("c"))], [added(0, call("c")), done(0, call("c", "{}"))],
            [added(0, call("c")), end], [done(0, call("c", "{}"))],
            [added(0, call("c")), delta("function_call_arguments", 0, "{}"), end, done(0, call("c", "{}"))],
            [added(0, call("c", "{}")), delta("function_call_arguments", 0, "{}"), done(0, call("c", "{}"))],
        ] {
            let reply = try reply([created] + data + [completed])
            #expect(reply.calls == [ToolCall(id: "c", name: "f", arguments: "{}")])
            #expect(reply.ending?.stop == .toolCall)
        }
        let nowhere =
            #"{"type":"response.completed","response":{"status":"completed","output":[\#(call("c", "{}"))]}}"#
        #expect(try reply([created, added(0, call("c")), nowhere]).calls.map(\.arguments) == ["{}"])
        let text = #"{"type":"response.output_text.done","output_index":0,"content_index":0,"text":"a"}"#
        #expect(try reply([created, added(0, message), text, completed]).text == "a")
    }

    /// A stream cannot wait for a summary that may never come: what came first goes on.
    @Test("T144: a summary and the thoughts themselves are not both told") func thoughtsOnce() throws {
        let item = #"{"type":"reasoning","id":"rs_1","summary":[]}"#
        let summary = delta("reasoning_summary_text", 0, "s", #","summary_index":0"#)
        let thought = delta("reasoning_text", 0, "t", #","content_index":0"#)
        for (data, expected) in [([summary, thought, summary], "ss"), ([thought, summary], "t")] {
            let reply = try reply([created, added(0, item)] + data + [done(0, item), completed])
            #expect(reply.items == [.reasoning(Reasoning(text: expected))])
        }
        let both =
            #"{"type":"reasoning","summary":[{"text":"s"},{"text":"u"}],"content":[{"type":"reasoning_text","text":"t"}]}"#
        let body = Array(#"{"status":"completed","output":[\#(both)]}"#.utf8)
        let whole = try Reply(folding: ResponsesTests.events(whole: body).events)
        #expect(whole.items == [.reasoning(Reasoning(text: "s\n\nu"))])
    }

    @Test("T172: calls that come at the same time go on one after the other") func interleaved() throws {
        let found = events([
            created, added(0, call("a")), added(1, call("b")), delta("function_call_arguments", 1, "{"),
            delta("function_call_arguments", 0, "{"), delta("function_call_arguments", 1, "}"),
            delta("function_call_arguments", 0, "}"), done(1, call("b", "{}")), done(0, call("a", "{}")),
            completed,
        ])
        #expect(fault(found.events) == nil)
        #expect(try Reply(folding: found.events).calls.map(\.arguments) == ["{}", "{}"])
        #expect(try Reply(folding: found.events).calls.map(\.id) == ["a", "b"])
    }

    @Test("T190: without numbers and without indices an id must do") func noIndices() throws {
        let reply = try reply([
            created,
            #"{"type":"response.output_item.added","item":{"type":"reasoning","id":"rs_1","summary":[]}}"#,
            #"{"type":"response.reasoning_text.delta","item_id":"rs_1","delta":"t"}"#,
            #"{"type":"response.output_item.done","item":{"type":"reasoning","id":"rs_1","summary":[]}}"#,
            #"{"type":"response.output_item.added","item":\#(message)}"#,
            #"{"type":"response.output_text.delta","item_id":"msg_1","delta":"a"}"#,
            #"{"type":"response.output_item.done","item":\#(message)}"#, completed,
        ])
        #expect(reply.items == [.reasoning(Reasoning(text: "t")), .text(Reply.Text(text: "a"))])
    }

    @Test("T191: gaps between indices, and items that never end, do not matter") func gaps() throws {
        let list = #"{"type":"mcp_list_tools","id":"x"}"#
        let reply = try reply([
            created, added(0, list), added(2, message), delta("output_text", 2, "a"), added(7, call("c")),
            delta("function_call_arguments", 7, "{}"),
            #"{"type":"response.completed","response":{"status":"completed","output":[\#(list),\#(message),\#(call("c", "{}"))]}}"#,
        ])
        #expect(reply.items.count == 2 && reply.text == "a" && reply.calls.map(\.arguments) == ["{}"])
    }

    @Test("T192: items come from where they are told, streamed or at the end") func lateItems() throws {
        #expect(try reply([created, done(0, call("c", "{}")), completed]).calls.count == 1)
        let text = #"{"type":"message","id":"msg_1","content":[{"type":"output_text","text":"a"}]}"#
        let all =
            #"{"type":"response.completed","response":{"status":"completed","output":[\#(text),\#(call("c", "{}"))]}}"#
        #expect(try reply([created, all]).items.count == 2)
        #expect(try reply([created, added(0, message), delta("output_text", 0, "a"), all]).items.count == 2)
        #expect(try reply([created, done(0, text), done(1, call("c", "{}")), all]).items.count == 2)
    }

    @Test("T194: text without its part, and without its item") func noParts() throws {
        #expect(try reply([created, delta("output_text", 0, "a"), completed]).text == "a")
        #expect(try reply([delta("output_text", 0, "a"), completed]).text == "a")
    }

    @Test("T195: what nobody knows is a loss, and what follows is intact") func unknown() throws {
        let item = #"{"type":"tool_search_call","arguments":{"a":1},"call_id":null}"#
        let found = events([
            created, #"{"type":"response.zap","output_index":0}"#, added(0, item), delta("zap", 0, "x"),
            done(0, item),
            added(1, message), delta("output_text", 1, "a"), completed,
        ])
        #expect(fault(found.events) == nil && found.losses == [.hostedCalls])
        #expect(try Reply(folding: found.events).text == "a")
    }

    @Test("T196: a call is a call, whatever its status") func unfinishedCalls() throws {
        let item = call("c", "{}", #","status":"in_progress","caller":{"type":"direct"}"#)
        #expect(try reply([created, added(0, item), done(0, item), completed]).calls.count == 1)
    }

    @Test("T202: a call in a namespace has the name of the request's tool") func namespaces() throws {
        var request = asked()
        var tool = Tool(name: "ns__f_2", kind: .function(schema: nil))
        tool.space = Tool.Space(space: "ns", name: "f")
        request.tools = [tool]
        let item = call("c", "{}", #","namespace":"ns""#)
        let found = ResponsesTests.events([created, done(0, item), completed], for: request)
        #expect(try Reply(folding: found.events).calls.map(\.name) == ["ns__f_2"])
    }

    @Test("T203: a call of free text is one") func customCalls() throws {
        let item = { (text: String) in
            #"{"type":"custom_tool_call","id":"ctc_1","call_id":"c","name":"sh","input":"\#(text)"}"#
        }
        for data in [
            [
                added(0, item("")), delta("custom_tool_call_input", 0, "l"),
                delta("custom_tool_call_input", 0, "s"),
            ],
            [added(0, item("")), done(0, item("ls"))],
        ] {
            let reply = try reply([created] + data + [completed])
            #expect(reply.calls == [ToolCall(id: "c", name: "sh", arguments: "ls", isCustom: true)])
        }
    }

    @Test("T69: calls without an id get one, calls without a name are none") func nameless() throws {
        let reply = try reply([
            created, done(0, #"{"type":"function_call","name":"f","arguments":"{}","call_id":""}"#),
            done(1, #"{"type":"function_call","name":"f","arguments":"{}"}"#),
            done(2, #"{"type":"function_call","arguments":"{}","call_id":"c"}"#),
            added(3, #"{"type":"function_call","call_id":"d","arguments":""}"#),
            delta("function_call_arguments", 3, "{}"), done(3, call("d", "{}")), completed,
        ])
        #expect(
            reply.calls.map(\.id) == ["call_0", "call_1", "d"]
                && reply.calls.map(\.arguments) == ["{}", "{}", "{}"])
    }

    @Test func sealsEncryptedThoughts() throws {
        let item = #"{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"}"#
        guard case .reasoning(let thoughts)? = try reply([created, done(0, item), completed]).items.first
        else {
            Issue.record("no thoughts")
            return
        }
        #expect(thoughts.isRedacted && Seal.open(thoughts.seal ?? "", upstream: "other") == nil)
        #expect(Seal.open(thoughts.seal ?? "", upstream: "up")?["encrypted_content"]?.string == "gAAA")
        #expect(
            try reply([created, done(0, item), completed], provider("no_encrypted_reasoning")).items.isEmpty)
        let ours = #"{"type":"reasoning","summary":[{"text":"t"}],"encrypted_content":"eflt1:x"}"#
        let kept = try reply([created, done(0, ours), completed]).items
        #expect(kept == [.reasoning(Reasoning(text: "t", seal: "eflt1:x"))])
    }

    @Test("T99: a refusal ends as one") func refusals() throws {
        let reply = try reply([created, added(0, message), delta("refusal", 0, "no"), completed])
        #expect(reply.items == [.refusal("no")] && reply.ending?.stop == .filtered)
    }

    @Test("T149: why an answer is incomplete") func incomplete() throws {
        for (reason, stop) in [
            ("max_output_tokens", Stop.length), ("content_filter", .filtered), ("zap", .length),
        ] {
            let end =
                #"{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"\#(reason)"}}}"#
            #expect(
                try reply([created, added(0, message), delta("output_text", 0, "a"), end]).ending?.stop
                    == stop)
        }
    }

    @Test("T170: a call that the limit cut is closed") func cutCalls() throws {
        let end =
            #"{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}}}"#
        let reply = try reply([created, added(0, call("c")), delta("function_call_arguments", 0, "{"), end])
        #expect(reply.calls.map(\.arguments) == ["{"] && reply.ending?.stop == .length)
    }

    @Test(
        "T137 T204: an error, a failed response or both are one failure",
        arguments: [
            [#"{"type":"error","code":"CODE","message":"x"}"#],
            [#"{"type":"error","error":{"code":"CODE","message":"x"}}"#],
            [
                #"{"type":"response.failed","response":{"status":"failed","error":{"code":"CODE","message":"x"}}}"#
            ],
            [
                #"{"type":"error","error":{"type":"CODE","code":"CODE","message":"x"}}"#,
                #"{"type":"response.failed","response":{"status":"failed","error":{"code":"CODE","message":"x"}}}"#,
            ],
            [
                #"{"type":"response.completed","response":{"status":"failed","error":{"code":"CODE","message":"x"}}}"#
            ],
            [#"{"error":{"code":"CODE","message":"x"}}"#],
        ]) func failures(_ data: [String])
    {
        let codes: [(String, Failure.Code)] = [
            ("context_length_exceeded", .contextOverflow), ("insufficient_quota", .quotaExhausted),
            ("rate_limit_exceeded", .upstreamRateLimit), ("server_error", .upstreamFault),
            ("server_is_overloaded", .upstreamOverloaded), ("zap", .upstreamFault),
            ("invalid_prompt", .upstreamInvalid), ("429", .upstreamRateLimit),
        ]
        for (word, code) in codes {
            let found = events([created] + data.map { $0.replacing("CODE", with: word) } + [completed]).events
            #expect(found.count == 2 && fault(found) == nil)
            guard case .failure(let failure)? = found.last else {
                Issue.record("no failure in \(found)")
                continue
            }
            #expect(failure.code == code && failure.message == "x" && failure.word == word)
        }
    }

    @Test("T88 T89: a stream that just ends is broken") func ends() {
        for data in [
            [], [created], [created, added(0, message), delta("output_text", 0, "a")], [created, "[DONE]"],
        ] {
            guard case .failure(let failure)? = events(data).events.last else {
                Issue.record("no failure")
                continue
            }
            #expect(failure.code == .brokenStream)
        }
    }

    @Test("T74: nothing after the end counts") func afterTheEnd() {
        let found = events([created, completed, completed, delta("output_text", 0, "a"), "[DONE]"]).events
        #expect(found.count == 2 && fault(found) == nil)
    }

    @Test func whatIsNoJSONIsBroken() {
        for data in ["{", "7", "zap"] {
            guard case .failure(let failure)? = events([created, data]).events.last else {
                Issue.record("no failure")
                continue
            }
            #expect(failure.code == .brokenAnswer)
        }
    }

    @Test("T50 T51 T52 T86: whole answers that are none") func wholes() {
        let read = { (text: String) in ResponsesTests.events(whole: Array(text.utf8)).events }
        for (body, code) in [
            ("", Failure.Code.brokenAnswer), ("<html>", .brokenAnswer), ("{}", .brokenAnswer),
            ("[]", .brokenAnswer),
            (#"{"status":"queued","output":[]}"#, .brokenAnswer),
            (#"{"status":"failed","output":[]}"#, .upstreamFault),
            (#"{"error":"zap"}"#, .upstreamFault),
            (#"{"error":{"code":"rate_limit_exceeded"}}"#, .upstreamRateLimit),
        ] {
            guard case .failure(let failure)? = read(body).last else {
                Issue.record("no failure for \(body)")
                continue
            }
            #expect(failure.code == code, "\(body)")
        }
        #expect(fault(read("\u{FEFF}\n\n {\"output\":[]}")) == nil)
    }

    @Test("T49: numbers that are none") func oddUsage() throws {
        let cases: [(String, Usage?)] = [
            ("null", nil), ("{}", Usage()),
            (#"{"input_tokens":1.5,"output_tokens":"7"}"#, Usage(input: 1, output: 7)),
            (#"{"input_tokens":-1,"output_tokens":1e300}"#, Usage(input: 0, output: 1 << 40)),
        ]
        for (usage, expected) in cases {
            let body = Array(#"{"output":[],"usage":\#(usage)}"#.utf8)
            #expect(try Reply(folding: ResponsesTests.events(whole: body).events).usage == expected)
        }
    }

    @Test func readsCitationsAndProbabilities() throws {
        var request = asked()
        request.sampling.logprobs = true
        let note = #"{"type":"url_citation","url":"u","title":"t","start_index":0,"end_index":1}"#
        let streamed = [
            created, added(0, message), delta("output_text", 0, "a", #","logprobs":[{"token":"a"}]"#),
            #"{"type":"response.output_text.annotation.added","output_index":0,"annotation":\#(note)}"#,
            #"{"type":"response.output_text.annotation.added","output_index":0,"annotation":{"type":"file_citation"}}"#,
            done(
                0,
                #"{"type":"message","content":[{"type":"output_text","text":"a","annotations":[\#(note)]}]}"#),
            completed,
        ]
        let found = ResponsesTests.events(streamed, for: request)
        let expected = Reply.Text(
            text: "a", citations: [Citation(url: "u", title: "t")], logprobs: #"{"token":"a"}"#)
        #expect(try Reply(folding: found.events).items == [.text(expected)] && found.losses == [.citations])
        let whole = Array(
            #"{"output":[{"type":"message","content":[{"type":"output_text","text":"a","logprobs":[{"token":"a"}],"annotations":[\#(note)]}]}]}"#
                .utf8)
        #expect(
            try Reply(folding: ResponsesTests.events(whole: whole, for: request).events).items == [
                .text(expected)
            ])
    }

    @Test(
        "T133 T135: refusals in every form",
        arguments: [
            (
                401, #"{"error":{"message":"bad","type":"invalid_request_error","code":null}}"#,
                Failure.Code.upstreamKey
            ),
            (
                429, #"{"error":{"message":"x","type":"insufficient_quota","code":"insufficient_quota"}}"#,
                .quotaExhausted
            ),
            (429, #"{"error":{"message":"x","code":429}}"#, .upstreamRateLimit), (500, "", .upstreamFault),
            (502, "<!DOCTYPE html><html><b>Bad</b> gateway</html>", .upstreamFault),
            (529, "{}", .upstreamOverloaded),
            (400, #"{"error":"prompt is too long: 9 > 8"}"#, .contextOverflow),
            (404, #"{"detail":"Not Found"}"#, .upstreamNotFound),
            (400, #"[{"error":{"message":"x"}}]"#, .upstreamInvalid),
            (422, #"{"detail":[{"msg":"x"}]}"#, .upstreamInvalid),
            (400, #"{"error":{"message":"x","code":"content_filter"}}"#, .contentRefused),
            (408, "", .upstreamTimeout),
            (400, #"{"error":{"message":"slow down: rate limit, too many tokens"}}"#, .upstreamInvalid),
        ]) func readFailures(_ status: Int, _ body: String, _ code: Failure.Code)
    {
        let failure = Responder().readFailure(status: status, body: Array(body.utf8), provider())
        #expect(failure.code == code)
        #expect(!failure.message.isEmpty && !failure.message.contains("<") && failure.message.count <= 2000)
        #expect(failure.isFinal == (code == .quotaExhausted))
    }

    @Test("T96: many small pieces of a call that waits cost their bytes") func manyPieces() throws {
        var data = [created, added(0, call("a")), added(1, call("b"))]
        for _ in 0..<20_000 { data.append(delta("function_call_arguments", 1, "xxxxxxxxxx")) }
        let found = events(data + [completed]).events
        #expect(found.count < 20 && fault(found) == nil)
        #expect(try Reply(folding: found).calls.last?.arguments.utf8.count == 200_000)
    }

    /// Whatever comes, in whatever order, the reply is one.
    @Test func anyOrderIsAReply() {
        let pieces = [
            created, added(0, message), delta("output_text", 0, "a"), delta("refusal", 0, "r"),
            added(1, call("c")),
            delta("function_call_arguments", 1, "{}"), done(0, message), done(1, call("c", "{}")),
            delta("reasoning_text", 2, "t"), added(0, call("d")), completed,
            #"{"type":"response.output_text.delta","output_index":9223372036854775807,"delta":"a"}"#,
            #"{"type":"response.output_item.added","output_index":-1,"item":\#(message)}"#,
        ]
        var seed: UInt64 = 7
        for _ in 0..<2_000 {
            var data: [String] = []
            for _ in 0..<12 {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                data.append(pieces[Int(seed >> 33) % pieces.count])
            }
            let found = events(data).events
            if let fault = fault(found) {
                Issue.record("\(fault) in \(data)")
                return
            }
        }
    }
}
