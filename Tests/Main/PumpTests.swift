// SPDX-License-Identifier: MIT

import HTTP
import Model
import Settings
import Testing
import Unix

@testable import edgefilter

@Suite struct PumpTests {
    private func stream(_ steps: String...) -> [UInt8] {
        Array(steps.map { "data: \($0)\n\n" }.joined().utf8)
    }
    private var plain: [UInt8] {
        stream("begin", "open", "text Hello ", "text there", "close", "usage 3 2", "end")
    }
    private let whole = Array(
        "{begin\nopen\ntext Hello \ntext there\nclose\nusage 3 2\nend\n".utf8)

    @Test("T92: a stream is read however it is split") func isReadHoweverItIsSplit() {
        for pieces in plain.splits {
            let pumped = Pumped(pieces)
            #expect(pumped.content == "[begin][open]Hello there[close][usage 3 2][end finished]")
            #expect(pumped.failure == nil && pumped.isOver && !pumped.isCut)
            #expect(pumped.usage == Usage(input: 3, output: 2) && pumped.stop == .finished)
        }
    }

    @Test func foldsForACallerThatWantsItWhole() {
        for pieces in plain.splits {
            #expect(Pumped(pieces, streams: false).content == "{Hello there []}")
        }
    }

    @Test("T86: a whole answer is streamed to a caller who wants a stream") func streamsAWholeAnswer() {
        for pieces in whole.splits {
            let pumped = Pumped(pieces)
            #expect(pumped.content == "[begin][open]Hello there[close][usage 3 2][end finished]")
            #expect(pumped.failure == nil)
            #expect(Pumped(pieces, streams: false).content == "{Hello there []}")
        }
    }

    @Test("T74: after the terminal event nothing is read") func readsNothingAfterTheEnd() {
        let more = plain + stream("fail 422", "text more")
        for pieces in [[more], [plain, stream("fail 422")]] {
            let pumped = Pumped(pieces)
            #expect(pumped.content.hasSuffix("[end finished]") && pumped.failure == nil)
        }
    }

    @Test("T89 T179: a failure that comes first finds the head still held") func failsBeforeItBegins() {
        for piece in [stream("fail 420"), Array("{fail 420".utf8)] {
            for streams in [true, false] {
                let pumped = Pumped([piece], streams: streams)
                #expect(pumped.failure == .upstreamRateLimit && !pumped.wasHeadOut && pumped.content.isEmpty)
            }
        }
        for nothing in [[], Array("\n \r\n".utf8)] as [[UInt8]] {
            #expect(Pumped([nothing]).failure == .brokenAnswer)
        }
    }

    @Test("T87: a refusal is never a stream") func heedsARefusal() {
        let pumped = Pumped([Array("data: no".utf8)], status: 429)
        #expect(pumped.failure == .upstreamRefused && !pumped.wasHeadOut && pumped.content.isEmpty)
        let long = [UInt8](repeating: 0x61, count: 200_000)
        #expect(Pumped([long, long, long], status: 500).failure == .upstreamRefused)
        #expect(Pumped([long], status: 302).failure == .brokenAnswer)
    }

    @Test("T88: a stream that is cut ends in an error") func endsACutStreamInAnError() {
        let parts = [stream("begin", "open", "text Hel"), stream("text lo")]
        let cut = Pumped(parts)
        #expect(cut.failure == .brokenStream && cut.wasHeadOut)
        #expect(cut.content == "[begin][open]Hello[fail 409]")
        // To a caller that waits for all of it, it is an error with a status.
        let whole = Pumped(parts, streams: false)
        #expect(whole.failure == .brokenStream && !whole.wasHeadOut && whole.content.isEmpty)
    }

    @Test("T91: pings come after a beginning, which stands there once") func beginsEarlyOnce() {
        let pumped = Pumped([plain], early: true)
        #expect(pumped.content == "[begin][open]Hello there[close][usage 3 2][end finished]")
        let failed = Pumped([stream("fail 423")], early: true)
        #expect(failed.content == "[begin][fail 423]" && failed.wasHeadOut)
    }

    @Test("T24: a tool gets its own name back") func restoresNames() {
        var outgoing = Outgoing()
        outgoing.names = ["short_1234": "a.very.long.name"]
        let call = stream("begin", "call c1 short_1234", "text {}", "close", "call c2 other", "close", "end")
        #expect(
            Pumped([call], outgoing).content
                == "[begin][call a.very.long.name]{}[close][call other][close][end finished]")
        #expect(Pumped([call], streams: false, outgoing).content == "{ [\"a.very.long.name\", \"other\"]}")
    }

    @Test("T209: a string that the provider was not told of ends the answer") func cutsAtAString() {
        var outgoing = Outgoing()
        outgoing.cuts = ["STOP"]
        let long = stream("begin", "open", "text Hello ST", "text OP there", "close", "usage 3 2", "end")
        for pieces in long.splits {
            let pumped = Pumped(pieces, outgoing)
            // Seven tokens of input by the beginning; two of output by the length of what went on.
            #expect(pumped.content == "[begin][open]Hello [close][usage 7 2][end stop_sequence]")
            #expect(pumped.isCut && pumped.isOver && pumped.failure == nil && pumped.stop == .sequence)
        }
        #expect(Pumped([long], streams: false, outgoing).content == "{Hello  []}")
        #expect(!Pumped([plain], outgoing).isCut)
    }

    @Test("T43: arguments that a writer finds broken end the answer") func heedsTheWriter() {
        let broken = [stream("begin", "call c1 f"), stream("text bad", "text more", "close", "end")]
        let late = Pumped(broken)
        #expect(late.content == "[begin][call f]bad[fail]" && late.fault == .brokenArguments)
        #expect(late.isOver && late.failure == nil)
        let early = Pumped([broken[0] + broken[1]])
        #expect(early.failure == .brokenArguments && !early.wasHeadOut)
    }

    @Test func holdsNoMoreThanIsAllowed() {
        var limits = Settings::Limits()
        limits.answer = 16
        #expect(Pumped([whole], limits: limits).failure == .answerTooLarge)
        let long = stream("begin", "open", "text 0123456789", "text 0123456789", "close", "end")
        #expect(Pumped([long], streams: false, limits: limits).failure == .answerTooLarge)
        #expect(Pumped([long], limits: limits).failure == nil)
        limits.event = 8
        #expect(Pumped([long], limits: limits).failure == .brokenAnswer)
    }

    @Test func takesACodingOff() throws {
        let turns = [Turn(role: .user, text: "x")]
        var pump = Pump(
            Request(model: "m", turns: turns, isStreamed: true, wantsUsage: false), from: LineReader(),
            Outgoing(), to: Addressee(client: caller, writer: LineWriter()), limits: Settings::Limits())
        var (body, out) = (Buffer(), Buffer())
        try pump.meet(ResponseHead(200), try #require(Inflate(limit: nil)))
        body.append(plain.gzipped)
        try pump.take(&body, to: &out)
        pump.begin(.chunked, to: &out)
        #expect(pump.isOver && text(out.takeAll()).contains("Hello there"))
        pump.ping(to: &out)
        #expect(text(out.takeAll()).hasSuffix(": keep-alive\n\n\r\n") && pump.isAtBoundary)
        #expect(pump.losses == [.citations])
    }

    @Test("A refusal without an end is heard to the length of one") func endlessRefusal() throws {
        var pump = Pump(
            Request(model: "m", turns: [], isStreamed: true, wantsUsage: true), from: LineReader(),
            Outgoing(), to: Addressee(client: caller, writer: LineWriter()), limits: Settings::Limits())
        var (body, out) = (Buffer(), Buffer())
        try pump.meet(ResponseHead(500), nil)
        for _ in 0..<5 {
            #expect(!pump.isOver)
            body.append([UInt8](repeating: 0x61, count: 60_000))
            try pump.take(&body, to: &out)
        }
        #expect(pump.isOver && pump.refusal?.status == 500)
    }

    @Test("T209: a whole answer that was cut costs what its provider said") func tellsTheCost() {
        var outgoing = Outgoing()
        outgoing.cuts = ["STOP"]
        let cut = Pumped([Array("{begin\nopen\ntext Hello STOP\nclose\nusage 3 2\nend\n".utf8)], outgoing)
        #expect(cut.usage == Usage(input: 3, output: 2) && cut.stop == .sequence)
    }
}
