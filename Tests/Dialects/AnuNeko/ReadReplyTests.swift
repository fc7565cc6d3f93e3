// SPDX-License-Identifier: MIT

import Model
import Testing

@testable import AnuNeko

@Suite struct ReadReplyTests {
    private static let answer = """
        data: {"msg_id":"early"}
        data:\u{20}
        data: {"v":"eins "}

        data:{"c":[{"v":"zwei "},{"v":"other","c":1}],"v":"not this"}\r
        data: {"c":[{"c":0,"v":"drei"},{"c":0},{}],"msg_id":"last"}
        event: whatever
        : a comment
        """

    @Test("whatever the pieces, the same answer")
    func splits() throws {
        let bytes = Array(Self.answer.utf8)
        let whole = try Heard([bytes])
        #expect(whole.text == "eins zwei drei" && whole.receipt == "last" && whole.obeysTheGrammar)
        for place in 0...bytes.count {
            #expect(try Heard([Array(bytes[..<place]), Array(bytes[place...])]) == whole, "cut at \(place)")
        }
        #expect(try Heard(bytes.map { [$0] }) == whole)
    }

    @Test("nobody counts: the usage is an estimate, and says so")
    func usage() throws {
        let events = try Heard(Self.answer).events
        let usage = try #require(
            events.compactMap { if case .usage(let usage) = $0 { usage } else { nil } }.last)
        #expect(usage.isEstimated && usage.input > 0 && usage.output == 4)
        #expect(events.last == .end(Ending(.finished)))
    }

    @Test("an answer without words has an end")
    func silent() throws {
        let heard = try Heard("data: {\"msg_id\":7}\n")
        #expect(heard.receipt == "7" && heard.text.isEmpty && heard.failure == nil && heard.obeysTheGrammar)
    }

    @Test(
        "what is no answer fails",
        arguments: [
            ("", Failure.Code.brokenAnswer), ("\n\n", .brokenAnswer), ("data: \n", .brokenAnswer),
            ("hello\n", .brokenAnswer), ("data: hello\n", .brokenAnswer), ("data: []\n", .brokenAnswer),
            ("{\n", .brokenAnswer), ("{\"code\":\"x\"}", .upstreamFault),
            ("data: {\"code\":\"x\",\"message\":\"No.\"}\n", .upstreamFault),
            ("{\"code\":\"chat_choice_shown\"}\n", .upstreamConflict),
            ("data: {\"v\":\"a\"}\n{\"error\":{\"message\":\"No.\"}}\n", .upstreamFault),
        ])
    func failures(stream: String, code: Failure.Code) throws {
        let heard = try Heard(stream)
        #expect(heard.failure?.code == code && heard.obeysTheGrammar)
    }

    @Test("an error says the site's own words, and an object that says nothing is none")
    func words() throws {
        let failure = try Heard("{\"code\":\"busy\",\"message\":\"Too busy.\"}\n").failure
        #expect(failure?.message == "Too busy." && failure?.word == "busy")
        #expect(try Heard("{}\n{\"x\":1}\ndata: {\"v\":\"a\"}\n").text == "a")
    }

    @Test(
        "a refusal by its status",
        arguments: [
            (401, Failure.Code.upstreamKey), (403, .upstreamPermission), (404, .upstreamNotFound),
            (429, .upstreamRateLimit), (500, .upstreamFault), (503, .upstreamOverloaded),
        ])
    func refusals(status: Int, code: Failure.Code) {
        for body in ["", "<html>", "null", "{\"code\":7}", "{\"message\":\"No.\"}"] {
            #expect(Site().readFailure(status: status, body: Array(body.utf8), provider).code == code)
        }
    }
}
