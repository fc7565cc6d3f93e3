// SPDX-License-Identifier: MIT

import Testing

@testable import Model

@Suite struct CutterTests {
    private func cut(_ pieces: [String], at stops: [String]) throws -> (text: String, sequence: String?) {
        var cutter = try #require(Cutter(stops))
        var events: [Event] = []
        var all: [Event] = [.begin(Beginning()), .open(.text)]
        all += pieces.map { .delta(.text($0)) }
        all += [.close, .usage(Usage(input: 1, output: 9)), .end(Ending(.finished))]
        for event in all { cutter.take(event, to: &events) }
        var grammar = Grammar()
        for event in events { grammar.take(event) }
        #expect(grammar.isComplete && grammar.fault == nil)
        let reply = try Reply(folding: events)
        #expect(cutter.isDone == (reply.ending?.stop == .sequence))
        return (reply.text, reply.ending?.sequence)
    }

    @Test("T209: a stop string split at every byte over two pieces") func everySplit() throws {
        let text = Array("some text ENDE and more")
        for place in 0...text.count {
            let pieces = [String(text[..<place]), String(text[place...])].filter { !$0.isEmpty }
            let found = try cut(pieces, at: ["ENDE"])
            #expect(found.text == "some text " && found.sequence == "ENDE")
        }
    }

    @Test(
        "T209: overlapping candidates, and one that comes to nothing",
        arguments: [
            (["aaab"], ["aab"], "a", "aab"), (["a", "a", "a", "b"], ["aab"], "a", "aab"),
            (["xaa"], ["aab"], "xaa", nil), (["one\n", "\ntwo"], ["\n\n"], "one", "\n\n"),
            (["abc"], ["c", "bc"], "a", "bc"), (["abab", "abac"], ["abac"], "abab", "abac"),
            (["über", " é"], ["r é"], "übe", "r é"), (["nothing"], [""], "nothing", nil),
        ] as [([String], [String], String, String?)])
    func candidates(pieces: [String], stops: [String], text: String, sequence: String?) throws {
        guard Cutter(stops) != nil else {
            #expect(stops == [""])
            return
        }
        let found = try cut(pieces, at: stops)
        #expect(found.text == text && found.sequence == sequence)
    }

    // Each byte costs the same, however many strings there are and however alike: this once took hours.
    @Test("T209: long strings, and many") func hostileStrings() throws {
        let long = String(repeating: "a", count: Failure.stopLimit / 2)
        let pieces = [String](repeating: "a", count: long.utf8.count - 1) + ["c", long, "b"]
        let found = try cut(pieces, at: [long + "b"] + (0..<2000).map { "a\($0)" })
        #expect(found.text.utf8.count == long.utf8.count && found.sequence == long + "b")
    }

    @Test("T209: what ends first is found, whatever the pieces") func whatEndsFirst() throws {
        for pieces in [["abcd"], ["abc", "d"], ["a", "b", "c", "d"]] {
            let found = try cut(pieces, at: ["abcd", "bc"])
            #expect(found.text == "a" && found.sequence == "bc")
        }
    }

    @Test("T209: never in thoughts or arguments, nor across items") func onlyInText() throws {
        var cutter = try #require(Cutter(["stop"]))
        let all: [Event] = [
            .begin(Beginning()), .open(.reasoning), .delta(.text("stop")), .close,
            .open(.call(id: "a", name: "f", isCustom: false)), .delta(.text(#"{"a":"stop"}"#)), .close,
            .open(.text), .delta(.text("st")), .close, .open(.text), .delta(.text("op")), .close,
            .end(Ending(.toolCall)),
        ]
        var events: [Event] = []
        for event in all { cutter.take(event, to: &events) }
        #expect(events == all && !cutter.isDone)
    }
}

@Suite struct ArgumentsTests {
    @Test(
        "T42 T43 T44 T106: arguments as an object",
        arguments: [
            ("", "{}"), ("  \n", "{}"), ("null", "{}"), (" null ", "{}"), (#"{"a":1.0}"#, #"{"a":1.0}"#),
            (#" {"b" : 12345678901234567890} "#, #" {"b" : 12345678901234567890} "#),
            ("[]", #"{"_raw_arguments":"[]"}"#), (#""x""#, #"{"_raw_arguments":"\"x\""}"#),
            (#"{"a":"#, #"{"_raw_arguments":"{\"a\":"}"#), ("{}x", #"{"_raw_arguments":"{}x"}"#),
            ("nul", #"{"_raw_arguments":"nul"}"#),
        ])
    func object(text: String, object: String) {
        #expect(String(decoding: Arguments.object(text), as: UTF8.self) == object)
    }

    @Test("T205: what was wrapped becomes itself again") func roundTrip() throws {
        for text in ["[]", #"{"a":"#, "x\"y\u{0}"] {
            let input = try Failure.reading(Arguments.object(text))
            #expect(Arguments.text(input) == text)
        }
        let plain = try Failure.reading(Array(#"{"_raw_arguments":"a","b":1}"#.utf8))
        #expect(Arguments.text(plain) == #"{"_raw_arguments":"a","b":1}"#)
    }

    @Test("T43: checked as they come, at the first byte that cannot be") func incremental() {
        var arguments = Arguments()
        for piece in ["  ", "{", #""a\u00"#, #"e9":[1,"#, "2]"] {
            arguments.feed(piece)
            #expect(arguments.isPossible && !arguments.isComplete)
        }
        arguments.feed("} ")
        #expect(arguments.isComplete && arguments.isPossible)
        arguments.feed("x")
        #expect(!arguments.isPossible && !arguments.isComplete)
        var array = Arguments()
        array.feed("[")
        #expect(!array.isPossible)
    }

    @Test("T203: the free text of a custom tool") func freeText() {
        #expect(Arguments.freeText(Arguments.wrapped(freeText: "a\n\"é\"")) == "a\n\"é\"")
        #expect(Arguments.freeText("no JSON") == "no JSON")
        #expect(Arguments.freeText(#"{"other":1}"#) == #"{"other":1}"#)
    }
}

@Suite struct ReplySizeTests {
    @Test("An answer of nothing but items, seals and citations is not small") func counts() throws {
        var reply = Reply()
        var size = 0
        let steps: [[Event]] = [
            [.open(.text), .close], [.open(.redacted("seal")), .close],
            [.open(.call(id: "a", name: "f", isCustom: false)), .close],
            [.open(.reasoning), .delta(.seal("x")), .close],
            [.open(.text), .delta(.citation(Citation(url: "u", title: ""))), .close],
        ]
        for step in steps {
            for event in step { try reply.fold(event) }
            #expect(reply.size > size)
            size = reply.size
        }
    }
}
