// SPDX-License-Identifier: MIT

import JSON
import Testing

@Suite struct WatchTests {
    let paths = [
        ["model"], ["response", "model"], ["usage", "prompt_tokens"], ["choices", "*", "finish_reason"],
    ]

    @Test func findsInOrder() throws {
        let text =
            #"{"response":{"model":"r","x":{"model":0}},"choices":[{"finish_reason":null},"#
            + #"{"finish_reason":"stop"}], "usage" : { "prompt_tokens" : 12 }, "mod\u0065l" : "g\u0070t" , "model":{"a":1},"models":1,"#
            + #""mode":2}"#
        let found = try watched(Array(text.utf8), cutAt: [], paths: paths).get()
        #expect(found.map(\.path) == [1, 3, 3, 2, 0, 0])
        #expect(found.map(\.kind) == [.string, .null, .string, .number, .string, .object])
        #expect(found.map(\.string) == ["r", nil, "stop", nil, "gpt", nil])
        #expect(found.map(\.int) == [nil, nil, nil, 12, nil, nil])
        let bytes = Array(text.utf8)
        for value in found where value.kind != .object { #expect(Array(bytes[value.range]) == value.text) }
        #expect(found.last?.range.isEmpty == true)
        #expect(bytes[try #require(found.last).range.lowerBound] == UInt8(ascii: "{"))
        for cut in 0...bytes.count {
            #expect(try watched(bytes, cutAt: [cut], paths: paths).get() == found)
        }
        #expect(try watched(bytes, cutAt: 1..<bytes.count, paths: paths).get() == found)
    }

    @Test func pathsDoNotLeak() throws {
        let text = #"{"a":[[{"b":1}],{"b":2},{"c":{"b":3}},4],"b":5,"*":6,"a":{"b":7,"*":8}}"#
        let found = try watched(
            Array(text.utf8), cutAt: [], paths: [["a", "*", "b"], ["a", "*"], ["a", "b"], ["*"]]
        ).get()
        #expect(
            found.map { "\($0.path) \($0.kind) \($0.int ?? -1)" } == [
                "1 array -1", "1 object -1", "0 number 2", "1 object -1", "1 number 4", "2 number 7",
            ])
    }

    @Test func longNamesDoNotMatch() throws {
        let escaped = "model".utf8.map { "\\u00" + String($0, radix: 16) }.joined()
        let text = #"{"\#(escaped)":1,"\#(escaped)x":2,"\#(escaped)\u0078":3,"model\u0000":4}"#
        let found = try watched(Array(text.utf8), cutAt: [], paths: [["model"]]).get()
        #expect(found.map(\.int) == [1])
    }

    @Test func longValuesAreCut() throws {
        for length in [Watch.textLimit - 2, Watch.textLimit - 1, 100_000] {
            let text = "{\"model\":\"" + String(repeating: "m", count: length) + "\"}"
            let found = try watched(Array(text.utf8), cutAt: [20], paths: [["model"]]).get()
            let value = try #require(found.first)
            #expect(value.range == 9..<length + 11)
            #expect(value.text.count == min(length + 2, Watch.textLimit))
            #expect(value.isCut == (length + 2 > Watch.textLimit))
            #expect(value.string?.utf8.count == (value.isCut ? nil : length))
        }
    }

    @Test func tooManyAreRefused() {
        let text = "[" + String(repeating: "1,", count: Watch.foundLimit) + "1]"
        #expect(
            watched(Array(text.utf8), cutAt: [100], paths: [["*"]]) == .failure(Malformed(.tooMany, at: 0)))
        let bytes = Array(text.utf8)
        #expect(throws: Never.self) { try watched(bytes, cutAt: [100], paths: []).get() }
    }

    /// Exchanges each watched model for another while the text goes by, as a relay does.
    @Test func splice() throws {
        let text = Array(
            #"{"a":"model","model" : "gpt-5","x":[1,2,{"model":"keep"}],"model":7,"n":12.5e3}"#.utf8)
        let expected = Array(
            #"{"a":"model","model" : "mine","x":[1,2,{"model":"keep"}],"model":"mine","n":12.5e3}"#.utf8)
        let plan = Watch.Plan(paths: [["model"]])
        for size in 1...text.count {
            var watch = Watch(plan)
            var (held, released): ([UInt8], Int) = ([], 0)
            var seen = 0
            var output: [UInt8] = []
            for start in stride(from: 0, to: text.count, by: size) {
                let piece = text[start..<min(start + size, text.count)]
                held += piece
                try watch.feed(piece.span)
                for value in watch.found[seen...] {
                    output += held[..<(value.range.lowerBound - released)]
                    output += Array("\"mine\"".utf8)
                    held.removeFirst(value.range.upperBound - released)
                    released = value.range.upperBound
                }
                seen = watch.found.count
                let free = watch.settled - released
                output += held[..<free]
                held.removeFirst(free)
                released += free
            }
            try watch.finish()
            #expect(held.isEmpty)
            #expect(output == expected)
        }
    }

    @Test func settledStopsAtAWatchedValue() throws {
        var watch = Watch(Watch.Plan(paths: [["m"]]))
        try watch.feed(Array(#"{"x":"ab"#.utf8).span)
        #expect(watch.settled == 8)
        try watch.feed(Array(#"c","m": 1"#.utf8).span)
        #expect(watch.settled == 16)
        try watch.feed(Array("2".utf8).span)
        #expect(watch.settled == 16)
        try watch.feed(Array("}".utf8).span)
        #expect(watch.settled == 19)
        #expect(watch.isComplete)
    }

    @Test func completeness() throws {
        var watch = Watch(Watch.Plan(paths: []))
        #expect(!watch.isComplete)
        #expect(throws: Malformed(.truncated, at: 0)) { try watch.finish() }
        watch.reset()
        try watch.feed(Array("12".utf8).span)
        #expect(!watch.isComplete)
        try watch.finish()
        #expect(watch.isComplete)
        watch.reset()
        try watch.feed(Array("[] ".utf8).span)
        #expect(watch.isComplete)
        #expect(throws: Malformed(.trailingBytes, at: 3)) { try watch.feed(Array("x".utf8).span) }
        #expect(throws: Malformed(.trailingBytes, at: 3)) { try watch.feed(Array(" ".utf8).span) }
        #expect(throws: Malformed(.trailingBytes, at: 3)) { try watch.finish() }
        #expect(!watch.isComplete)
    }

    @Test func resetMidwayForgetsAll() throws {
        var watch = Watch(Watch.Plan(paths: [["m"]]))
        try watch.feed(Array(#"{"m":1,"a":[{"m":"#.utf8).span)
        watch.reset()
        #expect(watch.found.isEmpty)
        try watch.feed(Array(#"{"m":2}"#.utf8).span)
        try watch.finish()
        #expect(watch.found.map(\.int) == [2])
        #expect(watch.found.first?.range == 5..<6)
    }
}
