// SPDX-License-Identifier: MIT

import Model
import Testing
import Unix

@testable import edgefilter

@Suite struct GivenTests {
    private func given(
        _ query: String?, _ body: String = "", type: String = "application/json"
    ) throws(Failure) -> Given {
        try Given(query: query, body: Array(body.utf8), type: type)
    }

    @Test func queries() throws {
        let given = try given("a=1&name=%E5%91%A8+%2B&empty=&a=2&flag&c=x=y")
        #expect(try given.text("a") == "2" && given.text("name") == "周 +" && given.text("c") == "x=y")
        #expect(
            try given.text("empty") == "" && given.text("none") == nil && given.has("flag")
                && !given.has("none"))
        #expect(try given.count("a") == 2 && given.count("empty") == nil)
    }

    @Test func bodiesCountBeforeQueries() throws {
        let given = try given("a=1&b=2", #"{"a":"x","n":null,"list":["p","q"],"yes":true,"five":5}"#)
        #expect(try given.text("a") == "x" && given.text("b") == "2")
        #expect(
            try given.has("n") && given.text("n") == nil && given.count("n") == nil && given.texts("n") == nil
        )
        #expect(
            try given.texts("list") == ["p", "q"] && given.flag("yes") == true && given.count("five") == 5)
    }

    @Test func lists() throws {
        #expect(try given("m=gpt-*,+o1,,").texts("m") == ["gpt-*", "o1"])
        #expect(try given("m=").texts("m") == [])
        #expect(try given(nil, #"{"m":"a,b"}"#).texts("m") == ["a", "b"])
    }

    @Test func forms() throws {
        let form = "application/x-www-form-urlencoded; charset=utf-8"
        #expect(try given("a=0", "a=b%26c&d=e", type: form).text("a") == "b&c")
        #expect(try given(nil, #"{"a":"1"}"#, type: form).text("a") == "1", "what curl -d calls a form")
    }

    @Test(arguments: ["[1]", "1", "{", "\"a\"", "null"]) func otherBodiesAreNone(body: String) {
        #expect { try given(nil, body) } throws: { ($0 as? Failure)?.code == .invalidJSON }
    }

    @Test func wrongTypesAreTold() throws {
        let given = try given(
            "n=-1&m=1.5&x=abc&f=yes", #"{"s":1,"c":"x","d":-1,"e":1e99,"l":[1],"t":[],"b":"true"}"#)
        for name in ["n", "m", "x", "c", "d", "e"] {
            #expect { try given.count(name) } throws: { ($0 as? Failure)?.param == name }
        }
        #expect(throws: Failure.self) { try given.text("s") }
        #expect(throws: Failure.self) { try given.texts("l") }
        #expect(throws: Failure.self) { try given.flag("f") }
        #expect(throws: Failure.self) { try given.flag("b") }
        #expect { try given.needed("zzz") } throws: { ($0 as? Failure)?.code == .missingMember }
    }

    @Test func instants() throws {
        let noon = 1_795_608_000
        for text in [
            "2026-11-25T12:00:00", "2026-11-25T12:00:00Z", "2026-11-25 12:00", "2026-11-25T14:00:00+02:00",
            "2026-11-25T07:00:00.000-0500", "2026-11-25t12:00z",
        ] {
            #expect(Moment(iso8601: text)?.seconds == noon, "\(text)")
        }
        #expect(Moment(iso8601: "2026-11-25")?.seconds == noon - 43200)
        #expect(
            Moment(iso8601: "2026-11-25", isEnd: true) == Moment(seconds: noon + 43199, milliseconds: 999))
        #expect(
            Moment(iso8601: "2026-11-25T12:00:00", isEnd: true) == Moment(seconds: noon, milliseconds: 999))
        #expect(
            Moment(iso8601: "2026-11-25T12:00", isEnd: true) == Moment(seconds: noon + 59, milliseconds: 999))
        #expect(Moment(iso8601: "2026-11-25T12:00:00.25", isEnd: true)?.milliseconds == 250)
    }

    @Test(arguments: [
        "", "2026", "20261125", "2026-11-31", "2026-11-25T", "2026-11-25T24:00:00", "2026-11-25T12",
        "2026-11-25T12:60", "2026-11-25T12:00:00.", "2026-11-25T12:00:00+2", "2026-11-25T12:00:00Zx",
        "2026-11-25x",
    ])
    func whatIsNoInstant(text: String) { #expect(Moment(iso8601: text) == nil) }

    @Test func excerpts() throws {
        var list = try Excerpt<Int>(try given("limit=2&after=3"))
        var number = 4
        while list.take(number * 10, number) { number += 1 }
        #expect(number == 6 && list.all == [40, 50])
        #expect(list.query.after == 3 && list.exact == nil)
        #expect(try Excerpt<Int>(given("q=AL")).query.words == "al")
        #expect(try Excerpt<Int>(given("q=%2312")).exact == 12)
    }
}
