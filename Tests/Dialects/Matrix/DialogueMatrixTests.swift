// SPDX-License-Identifier: MIT

import AnuNeko
import HTTP
import Model
import Testing

/// A provider that takes one text and answers in lines, behind callers of every dialect.
@Suite struct DialogueMatrixTests {
    private let http: HTTPSide? = {
        if case .http(let side)? = Dialect.anuNeko.upstream { side } else { nil }
    }()

    private func heard(_ lines: [String]) throws -> [Event] {
        let http = try #require(http)
        var reader = http.provider.replyReader(for: .thoughtful, Outgoing(), Provider())
        #expect(reader.readsLines)
        var events: [Event] = []
        for line in lines { reader.read(event: [], data: Array(line.utf8), to: &events) }
        reader.finish(to: &events)
        return events
    }

    private let lines = [#"data: {"msg_id":"m"}"#, #"data: {"v":"one "}"#, #"data: {"c":[{"v":"two"}]}"#]

    @Test("what the site says, every caller reads: streamed and whole")
    func answers() throws {
        let events = try heard(lines)
        #expect(fault(events) == nil)
        let reply = try Reply(folding: events)
        for side in Sides.all {
            for bytes in [
                side.read(.stream(Recording.events(side.streamed(events)))),
                side.read(.whole(side.whole(reply))),
            ] {
                let back = try Reply(folding: bytes)
                #expect(back.text == "one two" && back.ending?.stop == .finished, "\(side)")
                #expect(back.usage?.output == reply.usage?.output, "\(side)")
            }
        }
    }

    @Test("an error of the site is one for every caller")
    func failures() throws {
        let events = try heard(lines.dropLast() + [#"{"code":"gone"}"#])
        #expect(fault(events) == nil)
        for side in Sides.all {
            let back = side.read(.stream(Recording.events(side.streamed(events))))
            #expect(throws: Failure.self, "\(side)") { try Reply(folding: back) }
        }
    }

    @Test("only OpenAI's callers are told of the session")
    func sessions() throws {
        let events = try heard(lines)
        var request = Request.thoughtful
        request.dialogue = Dialogue(name: "a-session")
        for side in Sides.all {
            let isTold = String(decoding: side.streamed(events, for: request), as: UTF8.self)
                .contains(#""session_id":"a-session""#)
            #expect(isTold == side.client.tellsDialogues && isTold == (side.name == "openai"))
        }
    }

    @Test(
        "every request of a real client becomes a text",
        arguments: Captured.all.filter { !$0.name.contains("sdk-12") })
    func requests(captured: Captured) throws {
        let client = try Sides.named(captured.dialect).client
        let isCount = captured.path.contains("count_tokens") || captured.path.contains("input_tokens")
        let request = try isCount ? client.readCount(captured.body) : client.readRequest(captured.body)
        var bytes: [UInt8] = []
        _ = try #require(http).provider.writeRequest(request, for: Provider(), to: &bytes)
        #expect(!bytes.isEmpty)
    }
}
