// SPDX-License-Identifier: MIT

import HTTP
import Testing

/// Input made of pieces that mean something, in an order that does not: the same in every run.
private func garbage(_ seed: UInt64, of words: [String]) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15
    return (0..<40).flatMap { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return wire(words[Int(state >> 33) % words.count])
    }
}

private let seeds = 1...1500 as ClosedRange<UInt64>

/// However strange the input is: no machine stops the program, and where it is cut changes nothing.
@Suite struct GarbageTests {
    @Test func heads() {
        let words = [
            "GET / HTTP/1.1¶", "GET / HTTP/1.1¶Host: a¶", "Host: a¶", "¶", "¶¶", "\r", "\n", " ", ":", "/",
            "\0", "é",
            "POST http://a/ HTTP/1.1¶Host:a¶Transfer-Encoding: chunked¶¶", "Content-Length: 3¶¶",
            "Expect: 100-continue¶",
            "1¶a¶", "0¶¶", "Connection: close¶", "[::1]", "%4", "OPTIONS * HTTP/1.1¶Host: a¶¶",
        ]
        for seed in seeds {
            let input = garbage(seed, of: words)
            #expect(Conversation(input.scattered(seed)) == Conversation([input]))
        }
    }

    @Test func chunks() {
        let words = [
            "1¶a¶", "3¶abc¶", "0¶", "¶", "\r", "\n", ";", ";a=b", ";a=\"", "\"", " ", "a:b¶", "f", "\\", "\0",
            "é",
        ]
        for seed in seeds {
            let input = garbage(seed, of: words)
            #expect(BodyOutcome(input.scattered(seed)) == BodyOutcome([input]))
        }
    }

    @Test func events() {
        let words = [
            "data", "data:", ":", " ", "\n", "\r", "¶", "\n\n", "event: x", "id: 1", "id", "\0", "\u{FEFF}",
            "retry: 1", "é",
        ]
        for seed in seeds {
            let input = garbage(seed, of: words)
            let whole = EventOutcome([input], limit: 100)
            let cut = EventOutcome(input.scattered(seed), limit: 100)
            #expect(
                cut.events == whole.events && cut.isLeft == whole.isLeft && cut.isTooLarge == whole.isTooLarge
            )
        }
    }

    @Test func forms() {
        let words = [
            "--b", "--b¶", "¶--b¶", "¶--b", "¶", "\r", "-", "--b--",
            "Content-Disposition: form-data; name=m¶", "x", " ",
            "¶--b¶Content-Disposition: form-data; name=\"m\"¶¶",
            "¶--b¶Content-Disposition: form-data; name=\"m\"¶¶v¶--b¶",
            "; filename=f", "\"", "\\", "\0",
        ]
        for seed in seeds {
            let input = garbage(seed, of: words)
            let whole = found([input])
            #expect(found(input.scattered(seed)) == whole)
            for value in whole { #expect(Array(input[value.range]) == value.text) }
        }
    }

    private func found(_ pieces: [[UInt8]]) -> [FormWatch.Found] {
        guard var watch = FormWatch(contentType: "multipart/form-data; boundary=b", names: ["m"]) else {
            return []
        }
        for piece in pieces { watch.feed(piece.span) }
        watch.finish()
        return watch.found
    }

    @Test func values() {
        let words = [
            "a", ";", "=", "\"", "\\", " ", ",", "/", "b=c", "é", ":", "HTTP/1.1 200 OK", "\r\n", "[", "]",
            "%", "\t",
        ]
        for seed in seeds {
            let input = garbage(seed, of: words)
            if let field = Field(line: input.span) {
                var fields = Fields()
                fields.append(field)
                #expect(!fields.list(field.name).contains(""))
                #expect(Field(field.name, raw: field.raw) == field)
            }
            #expect(ResponseHead.status(of: input.span) ?? 200 >= 100)
            if let parameters = Parameters(text(input)) { #expect(!parameters.essence.contains(";")) }
        }
    }
}
