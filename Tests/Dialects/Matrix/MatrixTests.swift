// SPDX-License-Identifier: MIT

import Echo
import JSON
import Model
import Testing

/// Every reader against every writer, on everything that was ever recorded.
@Suite struct MatrixTests {
    @Test func thereIsSomethingToRead() {
        #expect(Sides.all.map(\.name) == ["openai", "anthropic", "responses"])
        #expect(Recording.all.count > 150 && Captured.all.count > 60)
    }

    @Test func echoObeysTheGrammar() throws {
        guard case .embedded(let side) = Dialect.echo.upstream else { return }
        var reply = side.reply(to: .thoughtful)
        var events: [Event] = []
        while let event = reply.next() { events.append(event) }
        #expect(fault(events) == nil)
    }

    @Test(arguments: Recording.all)
    func readersObeyTheGrammar(recording: Recording) throws {
        let events = try Sides.named(recording.dialect).read(recording.content)
        #expect(fault(events) == nil)
    }

    @Test("T64 T65 T79 T148 T172: what one writes the other reads: streams", arguments: Recording.all)
    func streams(recording: Recording) throws {
        let events = try Sides.named(recording.dialect).read(recording.content)
        for side in Sides.all {
            let bytes = side.streamed(events)
            let back = side.read(.stream(Recording.events(bytes)))
            #expect(fault(back) == nil, "\(side)")
            try expectSame(events, back, side)
        }
    }

    @Test("what one writes the other reads: whole answers", arguments: Recording.all)
    func wholes(recording: Recording) throws {
        let events = try Sides.named(recording.dialect).read(recording.content)
        guard let reply = try? Reply(folding: events) else { return }
        for side in Sides.all {
            let back = side.read(.whole(side.whole(reply)))
            #expect(fault(back) == nil, "\(side)")
            try expectSame(events, back, side)
        }
    }

    private func expectSame(_ events: [Event], _ back: [Event], _ side: Sides) throws {
        guard let reply = try? Reply(folding: events) else {
            #expect(throws: Failure.self, "\(side)") { try Reply(folding: back) }
            return
        }
        var again = try Reply(folding: back)
        // Anthropic's callers always get numbers: where the provider gave none they are estimates.
        if reply.usage == nil { again.usage = nil }
        #expect(Essence(again) == Essence(reply), "\(side)")
    }

    @Test("T88 T149: a stream cut at every event ends in an error of the caller's", arguments: Recording.all)
    func cuts(recording: Recording) throws {
        guard case .stream(let stream) = recording.content else { return }
        let side = try Sides.named(recording.dialect)
        // Long recordings repeat the same kind of event: their beginning and their end tell as much.
        let places = (0..<stream.count).filter { $0 < 40 || $0 > stream.count - 8 }
        for place in places {
            let events = side.read(.stream(Array(stream[..<place])))
            #expect(fault(events) == nil, "cut after \(place)")
            guard case .failure? = events.last else { continue }
            for other in Sides.all { expectErrorAtEnd(other.streamed(events), other) }
        }
    }

    private func expectErrorAtEnd(_ bytes: [UInt8], _ side: Sides) {
        let last = Recording.events(bytes).suffix(2).map {
            ($0.name, (try? Document($0.data))?.root, String(decoding: $0.data, as: UTF8.self))
        }
        switch side.name {
        case "openai": #expect(last.first?.1?["error"] != nil && last.last?.2 == "[DONE]")
        case "anthropic": #expect(last.last?.0 == "error" && last.last?.1?["error"]?["type"]?.string != nil)
        default:
            #expect(last.first?.0 == "error" && last.first?.1?["error"]?["code"] != nil)
            #expect(last.last?.0 == "response.failed")
        }
    }
}
