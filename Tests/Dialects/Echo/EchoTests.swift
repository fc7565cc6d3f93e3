// SPDX-License-Identifier: MIT

import Echo
import Model
import Testing

@Suite struct EchoTests {
    private func echo() throws -> any EmbeddedSide {
        guard case .embedded(let side) = Dialect.echo.upstream else {
            throw Failure(.internalError, "no echo")
        }
        return side
    }

    private struct Heard {
        var reply = Reply()
        var deltas: [String] = []
        var text: String { reply.text }
        var usage: Usage? { reply.usage }
    }

    private func reply(to turns: [Turn], model: String = "echo") throws -> Heard {
        let request = Request(model: model, turns: turns, isStreamed: true, wantsUsage: true)
        var reply = try echo().reply(to: request)
        var grammar = Grammar()
        var heard = Heard()
        while let event = reply.next() {
            grammar.take(event)
            try heard.reply.fold(event)
            if case .delta(.text(let text)) = event { heard.deltas.append(text) }
        }
        #expect(grammar.isComplete)
        let further = reply.next()
        #expect(further == nil)
        return heard
    }

    @Test func isNobodysClientSide() throws {
        #expect(Dialect.echo.name == "echo" && Dialect.echo.client == nil)
        #expect(try echo().models == ["echo", "echo-slow"])
    }

    @Test(arguments: [
        ("hello there", ["hello", " there"]), ("", []), ("   ", ["   "]), ("one", ["one"]),
        ("  lead and trail \n", ["  lead", " and", " trail", " \n"]),
        ("a\t\tb\n\n\nc\r\nd", ["a", "\t\tb", "\n\n\nc", "\r\nd"]),
        ("你好 世界", ["你好", " 世界"]), ("全角　空格", ["全角", "　空格"]), ("日本語テキスト", ["日本語テキスト"]),
        ("🎉👩‍👩‍👧 e\u{301}", ["🎉👩‍👩‍👧", " e\u{301}"]), ("a\u{0}b", ["a\u{0}b"]),
        ("a \u{301}b", ["a", " \u{301}b"]),
    ])
    func repeatsTheWords(text: String, words: [String]) throws {
        let grammar = try reply(to: [Turn(role: .user, text: text)])
        #expect(grammar.text == text)
        #expect(grammar.deltas.joined().utf8.elementsEqual(text.utf8))
        #expect(grammar.usage == Usage(input: words.count, output: words.count))
        if text != "a \u{301}b" { #expect(grammar.deltas == words) }
    }

    @Test func repeatsTheLastUser() throws {
        let turns = [
            Turn(role: .system, text: "be brief"), Turn(role: .user, text: "one"),
            Turn(role: .user, text: "two words"),
            Turn(role: .assistant, text: "sure"), Turn(role: .developer, text: "x y z"),
        ]
        let grammar = try reply(to: turns)
        #expect(grammar.text == "two words")
        #expect(grammar.usage == Usage(input: 9, output: 2))
        #expect(try reply(to: [Turn(role: .system, text: "x")]).text.isEmpty)
        #expect(try reply(to: []).usage == Usage())
    }

    @Test func isSlowWhenAsked() throws {
        let turns = [Turn(role: .user, text: "a b")]
        for (model, isSlow) in [("echo", false), ("echo-slow", true), ("x", false), ("my-slow", true)] {
            let request = Request(model: model, turns: turns, isStreamed: true, wantsUsage: false)
            #expect(try (echo().reply(to: request).pace > 0) == isSlow)
        }
        #expect(try reply(to: turns, model: "echo-slow").text == "a b")
    }
}
