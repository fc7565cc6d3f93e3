// SPDX-License-Identifier: MIT

import JSON
import Testing

@Suite struct ObjectTests {
    @Test func takeAndRest() throws {
        let text = #"{"a":1,"mod\u0065l":"x","b":{"a":3},"a":2,"c":null}"#
        var object = try #require(try document(text).root.object)
        #expect(object["a"]?.int == 2)
        #expect(object.take("model")?.string == "x")
        #expect(object.take("model") == nil)
        #expect(object.take("none") == nil)
        #expect(object.rest.map(\.name) == ["a", "b", "a", "c"])
        #expect(object.take("a")?.int == 2)
        #expect(object.rest.map(\.name) == ["b", "c"])
        #expect(object.members.map(\.name) == ["a", "model", "b", "a", "c"])
        #expect(object["model"]?.string == "x")
    }

    @Test func restIsWrittenByteForByte() throws {
        var object = try #require(try document(#"{"model":"x","\ud83d": [1.0 ],"é":1e400}"#).root.object)
        var writer = Writer()
        writer.beginObject()
        writer.member("model", (object.take("model")?.string ?? "") + "y")
        for member in object.rest { writer.member(member) }
        writer.endObject()
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"model":"xy","\ud83d":[1.0 ],"é":1e400}"#)
    }

    @Test func emptyOnes() throws {
        let object = try #require(try document("{}").root.object)
        #expect(object.rest.isEmpty)
        #expect(try document("[]").root.elements.map(\.kind) == [])
        #expect(try document(#"{"":1}"#).root[""]?.int == 1)
    }

    @Test func namesAreComparedByteForByte() throws {
        let root = try document("{\"e\u{301}\":1}").root
        #expect(root["\u{E9}"] == nil)
        #expect(root["e\u{301}"]?.int == 1)
    }
}
