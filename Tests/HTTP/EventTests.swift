// SPDX-License-Identifier: MIT

import Testing

@testable import HTTP

/// A dispatched event, with its id.
struct Event: Equatable, Decodable {
    var type: String
    var data: String
    var id: String?

    init(_ type: String, _ data: String, id: String? = nil) {
        (self.type, self.data, self.id) = (type, data, id)
    }
}

/// What came of reading a stream, and where the relay could have put something in.
struct EventOutcome: Equatable {
    var events: [Event] = []
    var isLeft = false
    var isTooLarge = false
    /// Absolute places of `settled`, in order.
    var places: [Int] = []

    init(_ pieces: [[UInt8]], limit: Int = 8 << 20) {
        var reader = EventReader(limit: limit)
        var base = 0
        do throws(BadHTTP) {
            for piece in pieces {
                var index = 0
                while try reader.next(in: piece.span, at: &index) {
                    if reader.settled > 0 { places.append(base + reader.settled) }
                    guard reader.dispatches else { continue }
                    let name = reader.name.isEmpty ? "message" : text(reader.name)
                    let id = reader.lastEventID.isEmpty ? nil : text(reader.lastEventID)
                    events.append(Event(name, text(reader.data), id: id))
                }
                if reader.settled > 0 { places.append(base + reader.settled) }
                if reader.isAtBoundary, !piece.isEmpty, reader.settled != piece.count { places.append(-1) }
                base += piece.count
            }
        } catch {
            isTooLarge = error.reason == .eventTooLarge
            return
        }
        isLeft = reader.finish()
    }
}

private struct StreamCase: Decodable {
    let file: String
    let events: [Event]
}

@Suite struct EventTests {
    @Test func readsTheCorpus() throws {
        let cases = try Corpus.json("eventsource/cases.json", as: [StreamCase].self)
        #expect(cases.count == 16)
        for stream in cases {
            let bytes = try Corpus.bytes("eventsource/\(stream.file)")
            for pieces in bytes.splits {
                let events = EventOutcome(pieces).events.map { Event($0.type, $0.data) }
                #expect(events == stream.events, "\(stream.file)")
            }
        }
    }

    @Test(arguments: [
        ("data: a\n\n", [Event("message", "a")], false),
        ("data:a\r\rdata:b\r\r", [Event("message", "a"), Event("message", "b")], false),
        ("event: x\r\ndata: a\r\ndata: b\r\n\r\n", [Event("x", "a\nb")], false),
        (
            "id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n",
            [Event("message", "a", id: "1"), Event("message", "b", id: "1"), Event("message", "c")], false
        ),
        ("id: 1\n\nid: 2\0\ndata: a\n\n", [Event("message", "a", id: "1")], false),
        ("event: x\n\ndata: a\n\n", [Event("message", "a")], false),
        (": c\n\n:\n\n\n\n", [], false), ("data: a\n", [], true), ("data: a", [], true), (": c", [], true),
        (": c\n", [], false),
        ("\u{FEFF}\ndata: a\n\n", [Event("message", "a")], false),
        ("Data: a\ndata: b\ndata : c\n\n", [Event("message", "b")], false),
        ("data:  a:b \n\n", [Event("message", " a:b ")], false),
        ("retry: 5\nfoo\ndata\n\n", [Event("message", "")], false), ("", [], false),
    ])
    func reads(_ input: String, events: [Event], isLeft: Bool) {
        for pieces in Array(input.utf8).splits {
            let outcome = EventOutcome(pieces)
            #expect(outcome.events == events && outcome.isLeft == isLeft)
            #expect(!outcome.places.contains(-1))
        }
    }

    /// A block put in at any settled place changes none of the events around it.
    @Test(arguments: [
        "data: a\n\ndata: b\ndata: c\n\n", "data: a\r\n\r\n: c\r\ndata: b\r\n\r\n",
        ": a\r: b\r\rdata: c\r\r\r\ndata: d\r\r",
        "event: x\n: c\ndata: a\n\n: ping\n\ndata: b\n\n", "id: 7\r\n\r\ndata: a\r\n: c\r\n\r\n",
    ])
    func settlesWhereNothingIsHarmed(_ input: String) {
        let bytes = Array(input.utf8)
        let events = EventOutcome([bytes]).events
        for pieces in bytes.splits {
            for place in EventOutcome(pieces).places {
                let other = Array("data: inserted\n\n".utf8)
                let mixed = EventOutcome([Array(bytes[..<place]) + other + Array(bytes[place...])])
                #expect(mixed.events.filter { $0.data != "inserted" } == events)
                #expect(mixed.events.count == events.count + 1)
            }
        }
    }

    @Test func settlesEarly() throws {
        var reader = EventReader()
        let stream = Array(": ping\ndata: a\n: x\n\r\n\r".utf8)
        var index = 0
        let first = try reader.next(in: stream.span, at: &index)
        #expect(first && index == 21 && reader.settled == 21 && text(reader.data) == "a")
        let second = try reader.next(in: stream.span, at: &index)
        #expect(second && index == 22 && reader.settled == 22 && !reader.dispatches)
        index = 0
        let third = try reader.next(in: Array("\ndata".utf8).span, at: &index)
        #expect(!third && reader.settled == 1 && !reader.isAtBoundary)
        index = 0
        let fourth = try reader.next(in: Array(": b".utf8).span, at: &index)
        #expect(!fourth && reader.settled == 0)
    }

    @Test func holdsToItsLimit() {
        for line in ["data: ", ": ", "x"] {
            let stream = Array("data: ab\n\n\(line)\(String(repeating: "c", count: 100 - line.count))".utf8)
            for pieces in (stream + [UInt8(ascii: "\n")]).splits {
                #expect(!EventOutcome(pieces, limit: 100).isTooLarge)
            }
            for pieces in (stream + Array("c\n".utf8)).splits {
                #expect(EventOutcome(pieces, limit: 100).isTooLarge)
            }
        }
        let lines = Array(String(repeating: "data: cccc\n", count: 30).utf8)
        for pieces in lines.splits { #expect(EventOutcome(pieces, limit: 100).isTooLarge) }
    }

    @Test(arguments: [
        (nil, "a", "data: a\n\n"), ("x", "a\nb", "event: x\ndata: a\ndata: b\n\n"), (nil, "", "data: \n\n"),
        (nil, "a\r\nb\rc\n", "data: a\ndata: b\ndata: c\ndata: \n\n"),
        ("x\ny\r", "a", "event: x y \ndata: a\n\n"),
        (nil, " a\n\n", "data:  a\ndata: \ndata: \n\n"),
    ])
    func writes(name: String?, data: String, output: String) {
        var out: [UInt8] = []
        EventWriter.write(name: name, data: Array(data.utf8).span, to: &out)
        #expect(text(out) == output)
        let plain = data.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        #expect(EventOutcome([out]).events.map(\.data) == [plain])
    }

    @Test func writesComments() {
        var out: [UInt8] = []
        EventWriter.comment("keep\nalive", to: &out)
        #expect(text(out) == ": keep alive\n\n")
    }

    @Test(arguments: [1, 3, 1 << 20]) func looksAtAByteOnce(size: Int) throws {
        let input = Array(
            ("data: " + String(repeating: "a", count: 50_000) + "\n\n" + String(repeating: "\n", count: 1000))
                .utf8)
        var reader = EventReader()
        var rest = input[...]
        while !rest.isEmpty {
            var index = 0
            let piece = Array(rest.prefix(size))
            while try reader.next(in: piece.span, at: &index) {}
            rest = rest.dropFirst(size)
        }
        #expect(reader.toil.bytes <= 2 * input.count)
    }
}
