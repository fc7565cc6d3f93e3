// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import OpenAI

/// Requests as a provider of Chat Completions gets them.
@Suite struct WriteRequestTests {
    @Test("T1 T2: the limit of tokens under the one name that the provider knows, within its own limit")
    func limits() throws {
        let some = request(user) { $0.outputLimit = 5_000 }
        #expect(
            try text(some).contains(#""max_tokens":5000"#) && !text(some).contains("max_completion_tokens"))
        let openAI = try text(some, provider("openai"))
        #expect(openAI.contains(#""max_completion_tokens":5000"#) && !openAI.contains(#""max_tokens""#))
        #expect(try member(some, "max_tokens", provider("max_output=4096")) == "4096")
        #expect(try member(some, "max_tokens", provider("max_output=8192")) == "5000")
        #expect(try member(request(user) { $0.outputLimit = 0 }, "max_tokens") == "1")
        #expect(try member(request(user), "max_tokens") == nil)
    }

    @Test("T3 T38: a system of several texts is one string")
    func system() throws {
        let some = request(Turn(role: .system, parts: [.text("a"), .text("b")]), user)
        #expect(
            try messages(some) == #"[{"role":"system","content":"a\n\nb"},{"role":"user","content":"x"}]"#)
        #expect(
            try messages(some, provider("parts")).hasPrefix(
                #"[{"role":"system","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}"#))
        #expect(
            try messages(request(Turn(role: .system, text: " "), user)) == #"[{"role":"user","content":"x"}]"#
        )
        let developer = request(Turn(role: .system, text: "a"), Turn(role: .developer, text: "b"), user)
        #expect(try messages(developer).hasPrefix(#"[{"role":"system","content":"a\n\nb"},"#))
        #expect(
            try messages(developer, provider("openai")).hasPrefix(
                #"[{"role":"system","content":"a"},{"role":"developer","content":"b"},"#))
    }

    @Test("T5 T200: a system message in the middle is the user's, at its place, or stays, by the provider")
    func systemInTheMiddle() throws {
        let some = request(
            user, Turn(role: .system, text: "s"), Turn(role: .system, parts: []),
            Turn(role: .assistant, text: "a"), user)
        let x = #"{"role":"user","content":"x"}"#
        let a = #"{"role":"assistant","content":"a"}"#
        #expect(try messages(some) == #"[\#(x),{"role":"user","content":"s"},\#(a),\#(x)]"#)
        #expect(
            try messages(some, provider("system_anywhere"))
                == #"[\#(x),{"role":"system","content":"s"},\#(a),\#(x)]"#)
        #expect(
            try messages(some, provider("merge_roles"))
                == #"[{"role":"user","content":"x\n\ns"},\#(a),\#(x)]"#)
    }

    @Test("T5: a system message never stands between calls and results")
    func systemBetween() throws {
        let some = request(
            user, Turn(role: .assistant, parts: [.call(ToolCall(id: "a", name: "f", arguments: "{}"))]),
            Turn(role: .system, text: "s"),
            Turn(role: .user, parts: [.result(ToolResult(id: "a", parts: [.text("1")])), .text("go on")]))
        let roles = try sent(some).root["messages"]?.elements.map { $0["role"]?.string ?? "" }
        #expect(roles == ["user", "assistant", "tool", "user", "user"])
        let merged = try sent(some, provider("merge_roles")).root["messages"]?.elements.map {
            $0["role"]?.string
        }
        #expect(merged == ["user", "assistant", "tool", "user"])
    }

    @Test("T6 T37: texts are joined, blank ones dropped, the last of the user stays")
    func texts() throws {
        let some = request(Turn(role: .user, parts: [.text(" a"), .text(""), .text(" \n"), .text("b ")]))
        #expect(try messages(some) == #"[{"role":"user","content":" a\nb "}]"#)
        #expect(
            try messages(request(Turn(role: .user, text: " "), user)) == #"[{"role":"user","content":"x"}]"#)
        #expect(try messages(request(Turn(role: .user, text: ""))) == #"[{"role":"user","content":""}]"#)
        #expect(
            try messages(request(user, Turn(role: .assistant, text: "\n"), user)).contains("assistant")
                == false)
        let spaces = request(user, Turn(role: .assistant, parts: [.text("a"), .text(" "), .text("b")]))
        #expect(try messages(spaces).contains(#""content":"a b""#))
    }

    @Test("T7: an image is a data URL or an address")
    func images() throws {
        let some = request(
            Turn(
                role: .user,
                parts: [
                    .text("see"), .image(Media(.data(type: "image/png", base64: "AAA="), detail: "original")),
                    .image(Media(.url("https://x/y"), detail: "low")),
                ]))
        #expect(
            try messages(some)
                == #"[{"role":"user","content":[{"type":"text","text":"see"},"#
                + #"{"type":"image_url","image_url":{"url":"data:image/png;base64,AAA=","detail":"high"}},"#
                + #"{"type":"image_url","image_url":{"url":"https://x/y","detail":"low"}}]}]"#)
        #expect(
            try messages(some, provider("string_content"))
                == #"[{"role":"user","content":"see\n[image]\n[image]"}]"#)
        #expect(try messages(some, provider("openai")).contains(#""detail":"original""#))
    }

    @Test("T16: documents are files, texts or a line that names them")
    func documents() throws {
        func content(_ media: Media, _ provider: Provider = provider()) throws -> String {
            try messages(request(Turn(role: .user, parts: [.file(media)])), provider)
        }
        #expect(
            try content(Media(.data(type: "application/pdf", base64: "AA")))
                == #"[{"role":"user","content":[{"type":"file","file":{"filename":"document.pdf","file_data":"data:application/pdf;base64,AA"}}]}]"#
        )
        #expect(
            try content(Media(.text("body"), title: "T", context: "C"))
                == #"[{"role":"user","content":"T\nC\nbody"}]"#)
        #expect(
            try content(Media(.url("https://d"))) == #"[{"role":"user","content":"Document: https://d"}]"#)
        #expect(
            try content(Media(.id("file-1")), provider("openai")).contains(#""file":{"file_id":"file-1"}"#))
        let refused = try #require(throws: Failure.self) { try content(Media(.id("file-1"))) }
        #expect(refused.code == .unsupported)
        #expect(
            try content(Media(.data(type: "application/pdf", base64: "AA"), title: "T"), provider("deepseek"))
                == #"[{"role":"user","content":"[document: T]"}]"#)
        let sound = request(
            Turn(role: .user, parts: [.audio(Media(.data(type: "audio/mp3", base64: "AA"), detail: "mp3"))]))
        #expect(
            try messages(sound).contains(
                #"{"type":"input_audio","input_audio":{"data":"AA","format":"mp3"}}"#))
    }

    @Test("T16 T21: pieces of other dialects are words in results, and nothing elsewhere")
    func foreign() throws {
        let piece = Part.foreign(
            Foreign(dialect: "other", type: "odd", value: json(#"{"type":"odd","n":1}"#)))
        let some = request(
            Turn(role: .user, parts: [piece, .text("x")]),
            Turn(
                role: .assistant, parts: [piece, .call(ToolCall(id: "a", name: "f", arguments: "{}")), piece]),
            Turn(role: .user, parts: [.result(ToolResult(id: "a", parts: [.text("t"), piece]))]))
        let told = try messages(some)
        #expect(told.contains(#""content":"t\n{\"type\":\"odd\",\"n\":1}""#))
        #expect(told.split(separator: "odd").count == 2 && told.contains(#""content":"x""#))
    }

    @Test("T20 T184: thoughts are dropped, and a turn of them alone is none")
    func thoughts() throws {
        let some = request(
            user, Turn(role: .assistant, parts: [.reasoning(Reasoning(text: "hm", seal: "sig"))]), user,
            Turn(role: .assistant, parts: [.reasoning(Reasoning(seal: "xx", isRedacted: true)), .text("a")]),
            user)
        let told = try messages(some)
        #expect(!told.contains("hm") && !told.contains("sig") && !told.contains("xx"))
        #expect(told.split(separator: "assistant").count == 2)
    }

    @Test("refusals are said again, in their own member or as words")
    func refusals() throws {
        let some = request(user, Turn(role: .assistant, parts: [.refusal("no")]), user)
        #expect(try messages(some).contains(#"{"role":"assistant","content":"no"}"#))
        #expect(
            try messages(some, provider("openai")).contains(
                #"{"role":"assistant","content":null,"refusal":"no"}"#))
    }

    @Test("prefill is marked for those that know it")
    func prefill() throws {
        let some = request(user, Turn(role: .assistant, text: "{"))
        #expect(try messages(some).hasSuffix(#"{"role":"assistant","content":"{"}]"#))
        #expect(try messages(some, provider("deepseek")).hasSuffix(#""content":"{","prefix":true}]"#))
        #expect(try messages(some, provider("qwen")).hasSuffix(#""content":"{","partial":true}]"#))
    }

    @Test("the worked example of A to O")
    func workedExample() throws {
        let some = request(
            Turn(role: .system, text: "Be terse."), Turn(role: .user, text: "ls?"),
            Turn(
                role: .assistant,
                parts: [.text("ok"), .call(ToolCall(id: "toolu_1", name: "Bash", arguments: #"{"c":"ls"}"#))]),
            Turn(
                role: .user,
                parts: [
                    .text("go on"),
                    .result(ToolResult(id: "toolu_1", parts: [.text("denied")], isError: true)),
                ])
        ) {
            $0.outputLimit = 500
            $0.isStreamed = true
            $0.tools = [Tool(name: "Bash", kind: .function(schema: json(#"{"type":"object"}"#)))]
            $0.toolChoice = .required
            $0.allowsParallelCalls = false
        }
        #expect(
            try text(some)
                == #"{"model":"m","messages":[{"role":"system","content":"Be terse."},{"role":"user","content":"ls?"},"#
                + #"{"role":"assistant","content":"ok","tool_calls":[{"id":"toolu_1","type":"function","function":{"name":"Bash","arguments":"{\"c\":\"ls\"}"}}]},"#
                + #"{"role":"tool","tool_call_id":"toolu_1","content":"[tool error] denied"},{"role":"user","content":"go on"}],"#
                + #""tools":[{"type":"function","function":{"name":"Bash","parameters":{"type":"object","properties":{}}}}],"#
                + #""tool_choice":"required","parallel_tool_calls":false,"max_tokens":500,"#
                + #""stream":true,"stream_options":{"include_usage":true}}"#)
    }

    // Each neighbour once copied all those before it, each tool looked through the others.
    @Test("T5: thousands of neighbours and of tools") func many() throws {
        var some = Request(model: "m", turns: [], isStreamed: false, wantsUsage: false)
        some.turns = [Turn](repeating: Turn(role: .user, text: "0123456789"), count: 100_000)
        let merged = try sent(some, provider("merge_roles")).root["messages"]?.elements.map {
            $0["content"]?.string
        }
        #expect(merged?.count == 1 && merged?[0]?.utf8.count == 100_000 * 12 - 2)
        let tools = (0..<30_000).map { #"{"type":"function","function":{"name":"f\#($0)"}}"# }
        let user = #"{"role":"user","content":"x"}"#
        #expect(
            try asked(messages: user, #""tools":[\#(tools.joined(separator: ","))]"#).tools.count == 30_000)
    }

    @Test("Strings that end an answer have a length") func longStops() throws {
        let user = #"{"role":"user","content":"x"}"#
        for stop in [String(repeating: "a", count: 20_000), String(repeating: #"aaaa",""#, count: 5_000)] {
            #expect(throws: Failure.self) { try asked(messages: user, #""stop":["\#(stop)"]"#) }
        }
    }
}
