// SPDX-License-Identifier: MIT

import Testing

@testable import Model

@Suite struct DataURLTests {
    @Test("T104: data in URLs, in all its spellings") func reads() {
        #expect(DataURL("data:image/jpg;base64,aGk=")?.type == "image/jpeg")
        #expect(DataURL("DATA:Image/PNG;Base64,aG k=\n")?.type == "image/png")
        #expect(DataURL("DATA:Image/PNG;Base64,aG k=\n")?.base64 == "aGk=")
        #expect(DataURL("data:text/plain;charset=utf-8;base64,aGk=")?.type == "text/plain")
        #expect(DataURL("data:;base64,aGk=")?.type == "")
        #expect(DataURL("data:image/png,aGk=") == nil && DataURL("data:base64") == nil)
        #expect(DataURL("https://x/y") == nil && !DataURL.isMeant("https://x/y"))
    }

    @Test func writes() { #expect(DataURL.text(type: "a/b", base64: "aGk=") == "data:a/b;base64,aGk=") }

    @Test func addresses() {
        #expect("HTTPS://x".isWebAddress && "http://x".isWebAddress)
        #expect(!"data:,x".isWebAddress && !"http:/x".isWebAddress && !"".isWebAddress)
    }
}

@Suite struct DistinctTests {
    @Test func numbersWhatCameBefore() {
        var names = Distinct(["tool"])
        #expect(
            ["a", "a", "a", "a_2", "tool"].map { names.name($0) } == ["a", "a_2", "a_3", "a_2_2", "tool_2"])
        #expect(names.count == 6)
    }

    @Test func keepsTheForm() {
        var names = Distinct(["a"])
        #expect(names.name("a") { $0.uppercased() } == "A_2")
    }

    /// Would take minutes if each name were looked for from the first on.
    @Test func manyAlike() {
        var names = Distinct()
        for _ in 0..<50_000 { _ = names.name("x") }
        #expect(names.name("x") == "x_50001")
    }
}

@Suite struct WrappedTests {
    private let declared: Set<String> = ["f", "g"]

    @Test("T197: calls within a call, with and without the prefix") func unwraps() throws {
        let text =
            #"{"tool_uses":[{"recipient_name":"functions.f","parameters":{ "a":1.0 }},{"recipient_name":"g","parameters":{}}]}"#
        let calls = try #require(Wrapped.calls(in: text, declared))
        #expect(calls.map(\.name) == ["f", "g"] && calls.map(\.arguments) == [#"{ "a":1.0 }"#, "{}"])
    }

    @Test(
        "T197: anything else is a call like others",
        arguments: [
            "", "{}", #"{"tool_uses":[]}"#, #"{"tool_uses":{}}"#, #"{"tool_uses":[{"recipient_name":"f"}]}"#,
            #"{"tool_uses":[{"recipient_name":"h","parameters":{}}]}"#,
        ])
    func others(text: String) { #expect(Wrapped.calls(in: text, declared) == nil) }

    @Test("T197: a declared tool of that name is itself") func declaredTools() {
        #expect(Wrapped.isMeant("parallel", declared) && !Wrapped.isMeant("f", declared))
        #expect(!Wrapped.isMeant("parallel", ["parallel"]))
    }
}
