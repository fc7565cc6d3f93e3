// SPDX-License-Identifier: MIT

import JSON
import Testing

@Suite struct ShapeTests {
    private let text = #"{"a":"x","b":[1,{"c":"y"}],"d":null,"e":"kept"}"#

    private func shape() throws -> Shape {
        let block = bytes("> \(text)\n")
        let at = block.count - 8
        let shape = Shape(of: block.span, text: 2..<block.count - 1, keeping: [at..<at + 6], marking: at)
        return try #require(shape)
    }

    private func matches(_ bytes: [UInt8], _ start: Int, _ shape: Shape) -> Bool {
        shape.match(bytes.span, at: start) != nil
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func freeScalarsMayDiffer() throws {
        let shape = try shape()
        let other = bytes(#"--> {"a":"","b":[-2.5e3,{"c":"é \" \u00e9 long"}],"d":null,"e":"kept"}\#n> "#)
        let found = shape.match(other.span, at: 2)
        let match = try #require(found)
        #expect(match.end == other.count - 2)
        #expect(Array(other[match.mark..<match.mark + 6]) == bytes("\"kept\""))
        for place in [0, 1, 3, other.count] { #expect(!matches(other, place, shape)) }
        for cut in 2..<other.count - 2 { #expect(!matches(Array(other.prefix(cut)), 2, shape)) }
    }

    @Test(arguments: [
        #"{"a":"x","b":[1,{"c":"y"}],"d":null,"e":"kepT"}"#,
        #"{"a":"x","b":[1,{"c":"y"}],"d":true,"e":"kept"}"#,
        #"{"A":"x","b":[1,{"c":"y"}],"d":null,"e":"kept"}"#,
        #"{"a":1,"b":[1,{"c":"y"}],"d":null,"e":"kept"}"#,
        #"{"a":"x","b":["1",{"c":"y"}],"d":null,"e":"kept"}"#,
        #"{"a":"x","b":[01,{"c":"y"}],"d":null,"e":"kept"}"#,
        #"{"a":"\x","b":[1,{"c":"y"}],"d":null,"e":"kept"}"#,
        #"{"a":"x" ,"b":[1,{"c":"y"}],"d":null,"e":"kept"}"#,
        #"{"a":"x","b":[1.,{"c":"y"}],"d":null,"e":"kept"}"#,
        #"{"a":"\","b":[1,{"c":"y"}],"d":null,"e":"kept"}"#,
    ])
    func allElseIsAnotherShape(other: String) throws {
        #expect(!matches(bytes("> \(other)\n"), 0, try shape()))
        #expect(matches(bytes("> \(text)\n"), 0, try shape()))
    }

    @Test(arguments: ["", "[]", "1", "{", "{} x", "{\"a\":01}"])
    func onlyAnObjectHasOne(text: String) {
        #expect(!hasShape(bytes(text)))
    }

    @Test func notTooManyScalars() {
        let many = bytes("{\"a\":[" + String(repeating: "1,", count: 64) + "1]}")
        #expect(!hasShape(many))
        #expect(hasShape(bytes("{\"a\":[1]}")))
    }

    private func hasShape(_ bytes: [UInt8]) -> Bool {
        Shape(of: bytes.span, text: 0..<bytes.count, keeping: [], marking: 0) != nil
    }
}
