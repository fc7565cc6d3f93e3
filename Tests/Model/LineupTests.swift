// SPDX-License-Identifier: MIT

import Testing

@testable import Model

@Suite struct LineupTests {
    private func call(_ id: String) -> Item { .call(id: id, name: "f", isCustom: false) }

    @Test("T65: what comes interleaved leaves one after the other") func serialises() {
        var lineup = Lineup()
        var events: [Event] = []
        lineup.open(0, call("a"), to: &events)
        lineup.open(1, call("b"), to: &events)
        lineup.add(.text("{\"q\":"), to: 1, &events)
        lineup.add(.text("{}"), to: 0, &events)
        lineup.add(.text(""), to: 0, &events)
        lineup.add(.text("2}"), to: 1, &events)
        #expect(events == [.open(call("a")), .delta(.text("{}"))])
        #expect(lineup.isLive(0) && lineup.contains(1) && !lineup.isLive(1) && !lineup.contains(2))
        lineup.close(0, to: &events)
        lineup.add(.text(" "), to: 1, &events)
        lineup.closeAll(to: &events)
        #expect(
            events == [
                .open(call("a")), .delta(.text("{}")), .close, .open(call("b")), .delta(.text("{\"q\":2}")),
                .delta(.text(" ")), .close,
            ])
        #expect(lineup.isEmpty)
    }

    @Test func whatIsClosedWhileItWaitsLeavesWhole() {
        var lineup = Lineup()
        var events: [Event] = []
        for key in 0...3 { lineup.open(key, .text, to: &events) }
        lineup.add(.text("two"), to: 2, &events)
        lineup.add(.citation(Citation(url: "u", title: "")), to: 2, &events)
        lineup.close(2, to: &events)
        lineup.add(.text("late"), to: 2, &events)
        lineup.close(1, to: &events)
        lineup.close(9, to: &events)
        #expect(events == [.open(.text)])
        lineup.close(0, to: &events)
        #expect(
            events.dropFirst() == [
                .close, .open(.text), .close, .open(.text), .delta(.text("two")),
                .delta(.citation(Citation(url: "u", title: ""))), .close, .open(.text),
            ])
        #expect(lineup.isLive(3))
    }

    /// Counted, not timed: what waits is joined, so that the pieces come out as one.
    @Test("T96: many small pieces of a waiting item are one") func joins() {
        var lineup = Lineup()
        var events: [Event] = []
        lineup.open(0, call("a"), to: &events)
        lineup.open(1, call("b"), to: &events)
        for _ in 0..<50_000 { lineup.add(.text("0123456789"), to: 1, &events) }
        lineup.closeAll(to: &events)
        #expect(events.count == 5)
        #expect(events[3] == .delta(.text(String(repeating: "0123456789", count: 50_000))))
    }
}

@Suite struct GrammarTests {
    private let call = Item.call(id: "a", name: "f", isCustom: false)

    private func fault(_ events: [Event]) -> String? {
        var grammar = Grammar()
        for event in events { grammar.take(event) }
        return grammar.isComplete ? nil : grammar.fault ?? "unfinished"
    }

    @Test func acceptsWhatObeys() {
        let begin = Event.begin(Beginning())
        let end = Event.end(Ending(.finished))
        let failure = Event.failure(Failure(.silence, ""))
        let good: [[Event]] = [
            [begin, end], [begin, .usage(Usage()), end], [failure], [begin, failure],
            [begin, .open(.text), failure], [begin, .open(.text), .delta(.text("a")), .close, end],
            [begin, .open(.reasoning), .delta(.seal("s")), .close, .open(call), .close, end],
            [begin, .open(.redacted("x")), .close, .usage(Usage()), failure],
        ]
        for events in good { #expect(fault(events) == nil) }
    }

    @Test func complainsOfWhatDoesNot() {
        let begin = Event.begin(Beginning())
        let end = Event.end(Ending(.finished))
        let bad: [[Event]] = [
            [], [begin], [end], [begin, begin], [begin, .close, end], [.open(.text)],
            [begin, .open(.text), .open(.text)], [begin, .open(.text), end], [begin, end, end],
            [begin, .open(.text), .delta(.text("")), .close, end],
            [begin, .open(.call(id: "", name: "f", isCustom: false)), .close, end],
            [begin, .open(.call(id: "a", name: "", isCustom: false)), .close, end],
            [begin, .open(.text), .delta(.seal("s")), .close, end],
            [begin, .open(.redacted("x")), .delta(.text("a")), .close, end],
            [begin, .usage(Usage()), .usage(Usage()), end], [begin, .usage(Usage()), .open(.text)],
            [begin, end, .failure(Failure(.silence, ""))],
        ]
        for events in bad { #expect(fault(events) != nil, "\(events)") }
    }
}
