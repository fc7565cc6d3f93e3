// SPDX-License-Identifier: MIT

import Digest
import JSON
import Model
import Testing

@testable import Cyber

private func request(_ turns: Turn..., model: String = "ena-test") -> Request {
    Request(model: model, turns: turns, isStreamed: false, wantsUsage: false)
}

private func sent(_ request: Request) throws -> (root: Value, outgoing: Outgoing) {
    var bytes: [UInt8] = []
    let outgoing = try Engine().writeRequest(request, for: Provider(), to: &bytes)
    return (try Document(bytes).root, outgoing)
}

private func content(_ turns: Turn...) throws -> String? {
    try sent(Request(model: "", turns: turns, isStreamed: false, wantsUsage: false)).root["content"]?.string
}

@Test func loneTurnGoesAsItIs() throws {
    #expect(try content(Turn(role: .user, text: " a\n\n\"User: b ")) == " a\n\n\"User: b ")
    #expect(
        try content(Turn(role: .user, parts: [.text("a"), .image(Media(.url("x"))), .text("b")])) == "a\nb")
}

@Test func conversationIsRenderedWhole() throws {
    let call = ToolCall(id: "c", name: "w", arguments: "{}")
    let result = ToolResult(id: "c", parts: [.text("sunny")])
    let text = try content(
        Turn(role: .user, text: "one"), Turn(role: .assistant, parts: [.text("two"), .call(call)]),
        Turn(role: .user, parts: [.result(result)]), Turn(role: .developer, text: "first"))
    #expect(
        text
            == "System: first\n\nUser: one\n\nAssistant: two\n[w {}]\n\nUser: [tool result] sunny")
}

@Test(arguments: [
    ("/help", true), ("/task do it", true), ("/a-b_c", true), ("/clear\nnow", true), ("/", false),
    ("/ x", false), ("/etc/passwd", false), ("//x", false), (" /help", false), ("/9", false),
])
func commandGoesAlone(text: String, isCommand: Bool) throws {
    let all = try content(
        Turn(role: .user, text: "one"), Turn(role: .assistant, text: "two"), Turn(role: .user, text: text))
    #expect(all == (isCommand ? text : "User: one\n\nAssistant: two\n\nUser: \(text)"))
}

@Test func nothingToSayIsRefused() {
    for parts: [Part] in [[], [.text("  ")], [.image(Media(.url("x")))]] {
        #expect(throws: Failure.self) { try content(Turn(role: .user, parts: parts)) }
    }
}

@Test func modelIsSentWhereThereIsOne() throws {
    #expect(try sent(request(Turn(role: .user, text: "x"), model: "m")).root["model"]?.string == "m")
    #expect(try sent(request(Turn(role: .user, text: "x"), model: "")).root["model"] == nil)
}

@Test func whatIsNotSentIsLostOrOurs() throws {
    var asked = request(Turn(role: .user, text: "x"))
    asked.tools = [Tool(name: "f", kind: .function(schema: nil))]
    asked.outputLimit = 5
    asked.stops = ["a", "b"]
    let outgoing = try sent(asked).outgoing
    #expect(outgoing.losses == [.tools, .outputLimit] && outgoing.cuts == ["a", "b"])
    let carried = Feature.allCases.filter { Engine().coverage(of: $0, Provider()) == .carried }
    #expect(carried == [.model, .stops, .toolReferences, .resultErrors])
}

@Suite struct TokenTests {
    private let hash = Hash.sha256("sk-caller")

    private func token(
        _ key: String?, isCallers: Bool = false, caller: [UInt8] = [], quirks: [String] = []
    ) throws -> String {
        let provider = Engine().quirks.provider("up", quirks).provider
        return try Engine().token(
            for: Identity(key: key, isCallers: isCallers, caller: caller), provider)
    }

    /// Reckoned by Python's `hmac`.
    @Test func isDerivedFromSecretAndCaller() throws {
        #expect(
            try token("secret", caller: hash)
                == "dbccf4177b0de342437c2ddf00030031710da7630dbe39fb59c49daea16a6db6")
        #expect(try token("secret") == "f9e66e179b6747ae54108f82f8ade8b3c25d76fd30afde6c395822c530196169")
        let all = try [
            token("secret", caller: hash), token("other", caller: hash), token(nil, caller: hash),
            token("secret"), token("secret", caller: Hash.sha256("sk-other")),
        ]
        #expect(Set(all).count == all.count)
    }

    @Test func isTheKeyItselfWhereTheOperatorSaysSo() throws {
        #expect(try token("secret", caller: hash, quirks: ["token"]) == "secret")
        #expect(try token("own", isCallers: true, caller: hash) == "own")
        #expect(throws: Failure.self) { try token(nil, isCallers: true) }
    }
}
