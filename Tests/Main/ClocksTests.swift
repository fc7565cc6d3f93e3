// SPDX-License-Identifier: MIT

import Model
import Settings
import Testing
import Unix

@testable import edgefilter

/// Clocks of one millisecond are waited for as the relay waits, until the deadline they name themselves.
@Suite struct ClocksTests {
    private func state(
        body: Bool = false, answer: Bool = false, uploading: Bool = false, answered: Bool = false,
        caller: Bool = false
    ) -> Clocks.State {
        Clocks.State(
            isBodyAwaited: body, isAnswerAwaited: answer, isUploading: uploading, isAnswered: answered,
            isCallerAwaited: caller)
    }

    private func timeout(firstByte: Int = 0, silence: Int = 0, total: Int = 0) -> Timeout {
        Timeout(connect: 0, firstByte: firstByte, silence: silence, total: total)
    }

    /// The alarm after the wait for the next deadline; nil: none of the clocks runs.
    private func alarm(_ clocks: inout Clocks, _ state: Clocks.State) -> Clocks.Alarm? {
        let next = clocks.next(state)
        guard next < .never else { return clocks.over(state) }
        var poll = Poll()
        while !next.isOver { _ = poll.wait(until: next) }
        return clocks.over(state)
    }

    private func failure(_ clocks: inout Clocks, _ state: Clocks.State) -> Failure? {
        if case .failure(let failure) = alarm(&clocks, state) { failure } else { nil }
    }

    @Test func noneRunsUntilItIsAwaited() {
        var clocks = Clocks(stall: 1, ping: 1)
        #expect(clocks.next(state()) == .never && clocks.over(state()) == nil)
        clocks.start(timeout(firstByte: 1, silence: 1))
        #expect(clocks.next(state()) == .never && clocks.over(state()) == nil)
        #expect(clocks.next(state(body: true)) < .never && clocks.over(state(body: true)) == nil)
    }

    @Test func zeroIsWithoutEnd() {
        var clocks = Clocks(stall: 0, ping: 0)
        clocks.start(timeout())
        clocks.isStream = true
        for state in [
            state(answer: true), state(answer: true, uploading: true), state(answer: true, answered: true),
            state(caller: true),
        ] {
            #expect(clocks.next(state) == .never && clocks.over(state) == nil)
        }
    }

    @Test func namesTheClock() {
        var clocks = Clocks(stall: 0, ping: 0)
        clocks.start(timeout(firstByte: 1))
        #expect(failure(&clocks, state(answer: true))?.code == .firstByteTimeout)
        clocks.start(timeout(firstByte: 1))
        let stuck = failure(&clocks, state(answer: true, uploading: true))
        #expect(stuck?.code == .uploadStalled)
        #expect(stuck?.message == "Backend request timeout: it took no more of the request within 1 ms.")
        clocks.start(timeout(firstByte: 1, silence: 1))
        clocks.answerCame()
        let silence = failure(&clocks, state(answer: true, answered: true))
        #expect(silence?.code == .silence && silence?.status == 504)
        clocks.start(timeout(total: 1))
        #expect(failure(&clocks, state())?.code == .totalTimeout)
        #expect(failure(&clocks, state(answer: true, answered: true))?.code == .totalTimeout)
    }

    @Test func aCallerMayStall() {
        var clocks = Clocks(stall: 1, ping: 0)
        clocks.start(timeout())
        let stalled = failure(&clocks, state(answer: true, answered: true, caller: true))
        #expect(stalled?.code == .callerStalled)
        clocks.callerTook()
        #expect(clocks.next(state(caller: true)) < .never && clocks.next(state()) == .never)
    }

    /// Pings belong into streams, and only while the upstream is waited for.
    @Test func pingsStreams() {
        var clocks = Clocks(stall: 0, ping: 1)
        clocks.start(timeout())
        clocks.answerCame()
        clocks.passed()
        #expect(clocks.next(state(answer: true, answered: true)) == .never)
        clocks.isStream = true
        #expect(clocks.next(state(answered: true)) == .never)
        let alarm = alarm(&clocks, state(answer: true, answered: true))
        guard case .ping = alarm else {
            Issue.record("\(String(describing: alarm)) instead of a ping")
            return
        }
        clocks = Clocks(stall: 0, ping: 1_000_000)
        clocks.isStream = true
        let first = clocks.next(state(answer: true))
        clocks.passed()
        #expect(clocks.over(state(answer: true)) == nil && clocks.next(state(answer: true)) >= first)
    }

    /// T91 T169: a caller who waits for a stream hears something though its upstream has not answered.
    @Test func pingsEarly() {
        var clocks = Clocks(stall: 0, ping: 1_000_000, early: 1)
        clocks.isStream = true
        clocks.start(timeout())
        guard case .ping = alarm(&clocks, state(answer: true)) else {
            Issue.record("no early ping")
            return
        }
        clocks.passed()
        #expect(clocks.over(state(answer: true)) == nil)
        clocks = Clocks(stall: 0, ping: 1, early: 0)
        clocks.isStream = true
        clocks.start(timeout())
        #expect(clocks.next(state(answer: true)) == .never)
    }

    /// Each share of a body gives it more time; less than a share does not.
    @Test func aBodyMustKeepComing() {
        var clocks = Clocks(stall: 0, ping: 0)
        let awaited = state(body: true)
        let start = clocks.next(awaited)
        clocks.bodyCame(8191)
        #expect(clocks.next(awaited) == start)
        clocks.bodyCame(8192)
        let more = clocks.next(awaited)
        #expect(more > start)
        clocks.bodyCame(8192 + 8191)
        #expect(clocks.next(awaited) == more)
        clocks.bodyCame(8192 * 2)
        #expect(clocks.next(awaited) > more)
        // While it is we who do not read, the clock stands still.
        let held = clocks.next(state())
        #expect(held == .never && clocks.next(awaited) > more)
    }

    @Test func whatMovesStartsAnew() {
        var clocks = Clocks(stall: 1_000_000, ping: 0)
        clocks.start(timeout(firstByte: 1_000_000, silence: 2_000_000))
        let first = clocks.next(state(answer: true))
        clocks.uploadMoved()
        let moved = clocks.next(state(answer: true))
        #expect(moved > first)
        clocks.answerCame()
        let silence = clocks.next(state(answer: true, answered: true))
        #expect(silence > moved)
        _ = clocks.next(state(answered: true))
        #expect(clocks.next(state(answer: true, answered: true)) > silence)
        let stall = clocks.next(state(caller: true))
        clocks.callerTook()
        #expect(clocks.next(state(caller: true)) > stall)
    }

    @Test(arguments: [(1000, "1 s"), (600_000, "600 s"), (1500, "1500 ms"), (1, "1 ms"), (0, "0 s")])
    func saysTimesAsPeopleDo(milliseconds: Int, words: String) {
        #expect(spoken(milliseconds: milliseconds) == words)
    }
}
