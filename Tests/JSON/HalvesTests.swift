// SPDX-License-Identifier: MIT

import Testing

@testable import JSON

@Suite struct HalvesTests {
    @Test(arguments: [
        (#"{"a":"x\ud83d"}"#, #"\ud83d"#), (#"{"a":"\uDBFF","b":1}"#, #"\uDBFF"#),
        (#"["\\\ud83d"]"#, #"\ud83d"#), (#"["\ud83d"]"#, #"\ud83d"#),
    ])
    func findsTheFirstHalf(json: String, half: String) {
        #expect(Halves.first(endingIn: Array(json.utf8).span) == Array(half.utf8))
    }

    @Test(arguments: [
        "", "\"", #""x""#, #"{"a":"\ud83d\ude00"}"#, #"{"a":"\ud83dx"}"#, #"["\\ud83d"]"#, #"["\ude00"]"#,
        #"["\ud7ff"]"#, #"["\u0041"]"#, #"\ud83d"#, #"["ud83d"]"#,
    ])
    func findsNoFirstHalf(json: String) {
        #expect(Halves.first(endingIn: Array(json.utf8).span) == nil)
    }

    @Test(arguments: [
        (#"{"a":"\ude00 x"}"#, #"{"a":"\ud83d\ude00 x"}"#),
        (#"["\uDFFF","\ude00"]"#, #"["\ud83d\uDFFF","\ud83d\ude00"]"#),
    ])
    func joins(json: String, whole: String) {
        let joined = Halves.joining(Array(#"\ud83d"#.utf8), to: Array(json.utf8).span)
        #expect(joined.map { String(decoding: $0, as: UTF8.self) } == whole)
    }

    @Test(arguments: [
        "", "\"", #"["x\ude00"]"#, #"["\"\ude00"]"#, #"["\ud83d"]"#, #"["\ude0"#, #"["\ue000"]"#,
        #"["ude00"]"#,
    ])
    func joinsNothing(json: String) {
        #expect(Halves.joining(Array(#"\ud83d"#.utf8), to: Array(json.utf8).span) == nil)
    }
}
