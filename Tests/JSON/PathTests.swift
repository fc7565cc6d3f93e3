// SPDX-License-Identifier: MIT

import Testing

@testable import JSON

@Suite struct PathTests {
    @Test func leadsToTheValue() throws {
        let text = #"{"a":[1,{"b":null,"\u0063":[]}],"a":[[],["x"]],"d":{}}"#
        let root = try Document(Array(text.utf8)).root
        var paths: [String] = []
        func walk(_ value: Value) {
            paths.append(value.path)
            for member in value.object?.members.map(\.value) ?? [] { walk(member) }
            for element in value.elements { walk(element) }
        }
        walk(root)
        #expect(
            paths == ["", "a", "a.0", "a.1", "a.1.b", "a.1.c", "a", "a.0", "a.1", "a.1.0", "d"])
        #expect(root["a"] == root["a"] && root["a"] != root["d"])
    }
}
