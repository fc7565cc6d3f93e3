// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Anthropic

@Suite struct MendTests {
    private func mended(_ messages: String) -> String? {
        client.mend(Array("{ \"model\":\"m\",\"messages\": [\(messages)] ,\"x\":1}".utf8)).map {
            String(decoding: $0.body, as: UTF8.self)
        }
    }

    private func wrapped(_ messages: String) -> String {
        "{ \"model\":\"m\",\"messages\": [\(messages)] ,\"x\":1}"
    }

    private let ours = #"{"type":"thinking","thinking":"a","signature":"eflt1:abc"}"#
    private let empty = #"{"type":"thinking", "thinking":"a", "signature" : ""}"#
    private let theirs = #"{"type":"thinking","thinking":"a","signature":"EqQB"}"#
    private let text = #"{ "type":"text" , "text":"\u00e9" }"#

    private func message(_ blocks: String) -> String { #"{"role":"assistant","content":[ \#(blocks) ]}"# }

    @Test("T41 T213: what Anthropic takes is not touched")
    func leavesAlone() {
        for blocks in [
            theirs, text, #"{"type":"redacted_thinking","data":"EmwK"}"#, "",
            #"{"type":"text","text":"\"signature\":\"x\""}"#,
        ] {
            #expect(mended(message(blocks)) == nil)
        }
        #expect(mended(#"{"role":"user","content":"\"signature\" \"\" eflt1:"}"#) == nil)
        #expect(client.mend(Array(#"{"messages":[{"signature":"" "#.utf8)) == nil)
        // A tool's input may have members of that name.
        #expect(mended(message(#"{"type":"tool_use","id":"a","name":"b","input":{"signature":""}}"#)) == nil)
    }

    @Test(
        "T41: exactly the blocks without a signature of Anthropic's are cut, all else stays as it is",
        arguments: [
            ("E , T", "T"), ("T,\n E", "T"), ("T,E , T", "T , T"), ("E,O , S", "S"), ("S ,E,T,O", "S,T"),
            ("R,T", "T"),
        ])
    func cuts(before: String, after: String) {
        let blocks: [Character: String] = [
            "E": empty, "O": ours, "S": theirs, "T": text,
            "R": #"{"type":"redacted_thinking","data":"eflt1:x"}"#,
        ]
        func filled(_ pattern: String) -> String { pattern.map { blocks[$0] ?? String($0) }.joined() }
        #expect(mended(message(filled(before))) == wrapped(message(filled(after))))
    }

    @Test("T41: a message of nothing else goes too, and the loss is told")
    func cutsMessages() throws {
        let user = #"{"role":"user","content":"x"}"#
        #expect(mended("\(user), \(message(empty)) ,\(user)") == wrapped("\(user) ,\(user)"))
        #expect(mended("\(message("\(empty),\(ours)")),\(user)") == wrapped(user))
        #expect(mended("\(user),\(message(ours))") == wrapped(user))
        let found = try #require(client.mend(Array(wrapped("\(user),\(message("\(text),\(ours)"))").utf8)))
        #expect(
            found.losses == [
                Loss(.thoughts, member: "messages[].content[].thinking", path: "messages.1.content.1")
            ])
    }
}
