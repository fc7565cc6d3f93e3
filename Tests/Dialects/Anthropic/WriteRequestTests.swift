// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Anthropic

@Suite struct WriteRequestTests {
    let user = Turn(role: .user, text: "hi")

    func messages(
        _ turns: [Turn], _ model: String = "claude-sonnet-4-5", _ words: [String] = []
    ) throws -> String {
        text(try written(asking(turns, model), words).root, "messages")
    }

    func block(_ text: String) -> String { #"{"type":"text","text":"\#(text)"}"# }

    func message(_ role: String, _ blocks: String...) -> String {
        #"{"role":"\#(role)","content":[\#(blocks.joined(separator: ","))]}"#
    }

    func turn(calling ids: String...) -> Turn {
        Turn(role: .assistant, parts: ids.map { .call(ToolCall(id: $0, name: "f", arguments: "{}")) })
    }

    func turn(answering id: String, _ text: String = "r") -> Turn {
        Turn(role: .user, parts: [.result(ToolResult(id: id, parts: [.text(text)]))])
    }

    func use(_ id: String, _ input: String = "{}") -> String {
        #"{"type":"tool_use","id":"\#(id)","name":"f","input":\#(input)}"#
    }

    func result(_ id: String, _ text: String = "r") -> String {
        #"{"type":"tool_result","tool_use_id":"\#(id)","content":[\#(block(text))]}"#
    }

    @Test func writesTheLeast() throws {
        var request = asking()
        request.isStreamed = false
        #expect(
            text(try written(request).root)
                == #"{"model":"claude-sonnet-4-5","max_tokens":8192,"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]}"#
        )
        request.isStreamed = true
        #expect(text(try written(request).root, "stream") == "true")
        #expect(text(try written(request, ["no_stream"]).root, "stream") == "")
    }

    @Test(
        "T100 T2: a limit is always told; the flag is the limit and the default; never 0",
        arguments: [
            (nil, "claude-sonnet-4-5", [], 8192), (500, "claude-sonnet-4-5", [], 500), (0, "m", [], 1),
            (nil, "m", ["max_output=4000"], 4000), (9000, "m", ["max_output=4000"], 4000),
            (nil, "m", ["max_output=30000"], 30000), (9000, "claude-3-haiku-20240307", [], 4096),
            (nil, "claude-3-haiku-20240307", [], 4096), (64000, "claude-opus-5", [], 64000),
        ] as [(Int?, String, [String], Int)])
    func tellsLimit(asked: Int?, model: String, words: [String], limit: Int) throws {
        var request = asking([user], model)
        request.outputLimit = asked
        #expect(try written(request, words).root["max_tokens"]?.int == limit)
    }

    @Test("T101 T102: system and developer turns stand at the top, in order, as blocks")
    func hoistsSystem() throws {
        let turns = [
            Turn(role: .system, parts: [.text("a"), .text("b")]), Turn(role: .developer, text: "c"), user,
            Turn(role: .assistant, text: "x"), Turn(role: .system, text: " "), Turn(role: .system, text: "d"),
            user,
        ]
        let root = try written(asking(turns)).root
        #expect(text(root, "system") == "[" + ["a", "b", "c", "d"].map(block).joined(separator: ",") + "]")
        #expect(root["messages"]?.elements.map { $0["role"]?.string } == ["user", "assistant", "user"])
    }

    @Test("T102 T103: somebody must say something, and nothing may be empty")
    func fills() throws {
        #expect(try messages([Turn(role: .system, text: "a")]) == "[\(message("user", block(".")))]")
        #expect(try messages([Turn(role: .user, text: "")]) == "[\(message("user", block(".")))]")
        #expect(
            try messages([Turn(role: .user, parts: [.text(" "), .text("a")])])
                == "[\(message("user", block("a")))]")
        let last = try messages([user, Turn(role: .assistant, text: "x"), Turn(role: .user, text: "\n")])
        #expect(
            last
                == "[\(message("user", block("hi"))),\(message("assistant", block("x"))),\(message("user", block(".")))]"
        )
    }

    @Test(
        "T104: images by their data, whatever the address says",
        arguments: [
            (
                Media.Source.data(type: "image/jpg", base64: "AA=="),
                #"{"type":"base64","media_type":"image/jpeg","data":"AA=="}"#
            ),
            (
                .data(type: "image/png", base64: "AA=="),
                #"{"type":"base64","media_type":"image/png","data":"AA=="}"#
            ),
            (
                .url("DATA:Image/PNG;charset=x;base64,A A\n=="),
                #"{"type":"base64","media_type":"image/png","data":"AA=="}"#
            ),
            (.url("https://x/y"), #"{"type":"url","url":"https://x/y"}"#),
        ])
    func writesImages(source: Media.Source, expected: String) throws {
        let root = try written(asking([Turn(role: .user, parts: [.image(Media(source))])])).root
        #expect(text(root, "messages", "0", "content", "0") == #"{"type":"image","source":\#(expected)}"#)
    }

    @Test(
        "T104: images of other kinds are refused with their path",
        arguments: [
            Media.Source.data(type: "image/svg+xml", base64: "AA"), .url("data:image/tiff;base64,AA"),
            .url("ftp://x"),
        ])
    func refusesImages(source: Media.Source) {
        var request = asking([Turn(role: .user, parts: [.image(Media(source))])])
        request.mentions.note(.images, as: "x", at: "messages.0.content.1")
        do throws(Failure) {
            _ = try written(request)
            Issue.record("it was written")
        } catch {
            #expect(error.code == .invalidMember && error.param == "messages.0.content.1")
        }
    }

    @Test func writesDocuments() throws {
        let parts: [Part] = [
            .file(Media(.data(type: "application/pdf", base64: "JVBE"), title: "a.pdf", context: "c")),
            .file(Media(.data(type: "", base64: "JVBE"))),
            .file(Media(.data(type: "text/plain", base64: "aMOp"))),
            .file(Media(.url("https://x"))), .file(Media(.text("raw"))), .file(Media(.text(""))),
        ]
        let content = try written(asking([Turn(role: .user, parts: parts)])).root["messages"]?.elements
            .first { _ in true }?["content"]
        #expect(
            content?.elements.map { String(decoding: $0.verbatim, as: UTF8.self) } == [
                #"{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBE"},"title":"a.pdf","context":"c"}"#,
                #"{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBE"}}"#,
                #"{"type":"document","source":{"type":"text","media_type":"text/plain","data":"hé"}}"#,
                #"{"type":"document","source":{"type":"url","url":"https://x"}}"#,
                #"{"type":"document","source":{"type":"text","media_type":"text/plain","data":"raw"}}"#,
            ])
        #expect(throws: Failure.self) {
            try written(
                asking([Turn(role: .user, parts: [.file(Media(.data(type: "application/zip", base64: "A")))])]
                ))
        }
    }

    @Test(
        "T105: thoughts go back to the provider that sealed them, never unsigned",
        arguments: [
            (Seal.make(upstream: "up", value: Array("\"S\"".utf8).span), true),
            (Seal.make(upstream: "other", value: Array("\"S\"".utf8).span), false), ("EqQB", false),
            (nil, false),
        ] as [(String?, Bool)])
    func opensSeals(seal: String?, isSent: Bool) throws {
        for isRedacted in [false, true] {
            let part = Part.reasoning(Reasoning(text: "t", seal: seal, isRedacted: isRedacted))
            let (root, outgoing) = try written(
                asking([user, Turn(role: .assistant, parts: [part, .text("x")]), user]))
            let blocks = text(root, "messages", "1", "content")
            let block =
                isRedacted
                ? #"{"type":"redacted_thinking","data":"S"}"#
                : #"{"type":"thinking","thinking":"t","signature":"S"}"#
            #expect(blocks == "[\(isSent ? block + "," : "")\(self.block("x"))]")
            #expect(outgoing.losses == (isSent ? [] : [isRedacted ? .redactedThoughts : .thoughts]))
        }
    }

    @Test(
        "T106 T18 T205: arguments become an object, whatever they are",
        arguments: [
            (#"{"a": 1.0, "n":12345678901234567890}"#, #"{"a": 1.0, "n":12345678901234567890}"#), ("", "{}"),
            (" \n", "{}"),
            ("null", "{}"), ("[]", #"{"_raw_arguments":"[]"}"#),
            ("{\"a\":", #"{"_raw_arguments":"{\"a\":"}"#),
        ])
    func writesArguments(arguments: String, input: String) throws {
        let call = Turn(role: .assistant, parts: [.call(ToolCall(id: "a", name: "f", arguments: arguments))])
        let root = try written(asking([user, call, turn(answering: "a")])).root
        #expect(text(root, "messages", "1", "content", "0", "input") == input)
    }

    @Test("T213: a signature that came from the caller's own dialect goes back as it is")
    func keepsSignatures() throws {
        let messages =
            #"[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"redacted_thinking","data":"D"},{"type":"thinking","thinking":"t","signature":"EqQB"},{"type":"thinking","thinking":"u","signature":""},{"type":"text","text":"b"}]},{"role":"user","content":"c"}]"#
        let (root, outgoing) = try written(try read(messages: messages))
        #expect(
            text(root, "messages", "1", "content")
                == #"[{"type":"redacted_thinking","data":"D"},{"type":"thinking","thinking":"t","signature":"EqQB"},{"type":"text","text":"b"}]"#
        )
        #expect(outgoing.losses == [.thoughts])
    }

    @Test("T107: ids are made of what Anthropic takes, the same in call and result, and stay apart")
    func writesIDs() throws {
        let long = String(repeating: "x", count: 90)
        let root = try written(
            asking([
                user, turn(calling: "call|1", "call:1", long), turn(answering: "call|1"),
                turn(answering: "call:1"),
                turn(answering: long),
            ])
        ).root
        let calls = (0..<3).map { text(root, "messages", "1", "content", "\($0)", "id") }
        let results = (0..<3).map { text(root, "messages", "2", "content", "\($0)", "tool_use_id") }
        #expect(calls == results && Set(calls).count == 3 && calls.allSatisfy { $0.utf8.count <= 66 })
    }

    @Test("T108: calls of one id in several turns are told apart while they are read")
    func keepsTwinsApart() throws {
        let call = #"{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]}"#
        let result = #"{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"r"}]}"#
        let request = try read(messages: "[\(call),\(result),\(call),\(result)]")
        let root = try written(request).root
        #expect(text(root, "messages", "1", "content", "0", "id") == #""a""#)
        #expect(text(root, "messages", "3", "content", "0", "id") == #""a_2""#)
        #expect(text(root, "messages", "4", "content", "0", "tool_use_id") == #""a_2""#)
    }

    @Test("T109 T110 T113: results come first, in one message of the user")
    func gathersResults() throws {
        let turns = [
            user, turn(calling: "a", "b", "c"), Turn(role: .user, text: "t"), turn(answering: "c"),
            turn(answering: "a"),
            turn(answering: "b"), Turn(role: .assistant, text: "x"), Turn(role: .assistant, text: "y"), user,
        ]
        #expect(
            try messages(turns)
                == "["
                + [
                    message("user", block("hi")), message("assistant", use("a"), use("b"), use("c")),
                    message("user", result("c"), result("a"), result("b"), block("t")),
                    message("assistant", block("x"), block("y")), message("user", block("hi")),
                ].joined(separator: ",") + "]")
    }

    @Test(
        "T111: with repair_history a missing result is an error, and one without a call a text; the last of two counts"
    )
    func repairs() throws {
        let turns = [
            user, turn(calling: "a", "b"), turn(answering: "b", "1"), turn(answering: "b", "2"),
            turn(answering: "z"),
        ]
        let root = try written(asking(turns), ["repair_history"]).root
        #expect(text(root, "messages", "2", "content", "0") == result("b", "2"))
        #expect(
            text(root, "messages", "2", "content", "1")
                == #"{"type":"tool_result","tool_use_id":"a","content":[\#(block("no result"))],"is_error":true}"#
        )
        #expect(text(root, "messages", "2", "content", "2") == block("[tool result] r"))
    }

    @Test("T112: what a tool answered: blocks, nothing, an error")
    func writesResults() throws {
        let results: [(ToolResult, String)] = [
            (ToolResult(id: "a", parts: []), #"{"type":"tool_result","tool_use_id":"a"}"#),
            (ToolResult(id: "a", parts: [.text("")]), #"{"type":"tool_result","tool_use_id":"a"}"#),
            (
                ToolResult(id: "a", parts: [.text("x"), .image(Media(.url("https://i")))], isError: true),
                #"{"type":"tool_result","tool_use_id":"a","content":[\#(block("x")),{"type":"image","source":{"type":"url","url":"https://i"}}],"is_error":true}"#
            ),
        ]
        for (result, expected) in results {
            let root = try written(
                asking([user, turn(calling: "a"), Turn(role: .user, parts: [.result(result)])])
            ).root
            #expect(text(root, "messages", "2", "content", "0") == expected)
        }
    }

    @Test("T114: the user speaks first")
    func beginsWithTheUser() throws {
        #expect(
            try messages([Turn(role: .assistant, text: "x"), user])
                == "[\(message("user", block("."))),\(message("assistant", block("x"))),\(message("user", block("hi")))]"
        )
    }
}
