// SPDX-License-Identifier: MIT

import Model
import Testing

@testable import Responses

@Suite struct SaidTests: Streaming {
    private func rest(_ pieces: String..., of whole: String) -> String? {
        var said = Said()
        for piece in pieces { said.add(piece) }
        return said.rest(of: whole)
    }

    @Test func whatDidNotGoByIsTheRest() {
        #expect(rest(of: "abc") == "abc")
        #expect(rest("a", "b", of: "abc") == "c")
        #expect(rest("é", of: "é€") == "€")
        #expect(rest("abc", of: "abc") == nil)
        #expect(rest("abcd", of: "abc") == nil)
    }

    @Test func anotherTextHasNoRest() {
        #expect(rest("x", of: "abc") == nil)
        // As long as half a character.
        #expect(rest("x", of: "éa") == nil)
    }

    private var whole: String {
        #"{"type":"message","id":"msg_1","content":[{"type":"output_text","text":"one two"}]}"#
    }

    @Test func aStreamThatLeavesOutItsEndIsToldWhole() throws {
        let cut = [created, added(0, message), delta("output_text", 0, "one")]
        for end in [
            [done(0, whole)], [#"{"type":"response.output_text.done","output_index":0,"text":"one two"}"#],
        ] {
            let reply = try reply(cut + end + [completed])
            #expect(reply.text == "one two")
        }
        let last = #"{"type":"response.completed","response":{"status":"completed","output":[\#(whole)]}}"#
        #expect(try reply(cut + [last]).text == "one two")
    }

    /// What was said cannot be taken back.
    @Test func whatTheEndSaysOtherwiseIsNoNews() throws {
        let told = [created, added(0, message), delta("output_text", 0, "uno"), done(0, whole), completed]
        #expect(try reply(told).text == "uno")
    }

    @Test func argumentsAreToldWhole() throws {
        let pieces = [created, added(0, call("c")), delta("function_call_arguments", 0, #"{\"a\""#)]
        let told = pieces + [done(0, call("c", #"{\"a\":1}"#)), completed]
        #expect(try reply(told).calls.map(\.arguments) == [#"{"a":1}"#])
    }

    @Test func wordsOfTooManyItemsAreAnError() {
        let told = (0...10_000).map { delta("output_text", $0, "x") }
        let found = events([created] + told + [completed]).events
        #expect(found.last == .failure(AnswerReader.tooLarge))
    }
}
