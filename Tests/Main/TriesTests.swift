// SPDX-License-Identifier: MIT

import HTTP
import Model
import Settings
import Testing

@testable import edgefilter

@Suite struct TriesTests {
    private func tries(_ names: [String], retries: Int = 1) -> Tries {
        Tries(
            names.map { name in
                var upstream = upstream(name)
                upstream.retries = retries
                return Candidate(upstream, .openAI, Model::Provider(), model: nil, road: .relay)
            })
    }

    private func failure(_ code: Failure.Code, after seconds: Int? = nil, isFinal: Bool = false) -> Failure {
        var failure = Failure(code, "", retryAfter: seconds)
        failure.isFinal = isFinal
        return failure
    }

    @Test("T168: what the request is to blame for is tried nowhere else", arguments: Failure.Code.allCases)
    func triesWhatMayPass(code: Failure.Code) {
        var tries = tries(["a", "b"], retries: 0)
        let passes: Set<Failure.Code> = [
            .unreachable, .connectTimeout, .untrusted, .brokenAnswer, .firstByteTimeout, .uploadStalled,
            .upstreamRateLimit, .upstreamFault, .upstreamOverloaded, .upstreamTimeout,
        ]
        #expect(tries.step(after: failure(code)) == (passes.contains(code) ? .next : .none))
        #expect(tries.current.upstream.name == (passes.contains(code) ? "b" : "a"))
        #expect(tries.step(after: failure(code)) == .none)
    }

    @Test func triesTheSameOneWhereNoConnectionCame() {
        var tries = tries(["a", "b"], retries: 2)
        let steps = (0..<6).map { _ in tries.step(after: failure(.unreachable)) }
        let again = Tries.Step.again(after: Tries.pause)
        #expect(steps == [again, again, .next, again, again, .none])
    }

    @Test("T134: an upstream that says when to come back is waited for, within a budget")
    func isPatientWithinABudget() {
        var tries = tries(["a", "b"], retries: 10)
        #expect(tries.step(after: failure(.upstreamRateLimit, after: 2)) == .again(after: 2000))
        #expect(tries.step(after: failure(.upstreamRateLimit, after: 3)) == .again(after: 3000))
        #expect(tries.step(after: failure(.upstreamRateLimit, after: 1)) == .next)
        #expect(tries.step(after: failure(.upstreamRateLimit, after: 1)) == .none)
        var hasty = self.tries(["a", "b"])
        #expect(hasty.step(after: failure(.upstreamRateLimit, after: 6)) == .next)
        var last = self.tries(["a"])
        #expect(last.step(after: failure(.upstreamRateLimit)) == .none)
        var final = self.tries(["a", "b"])
        #expect(final.step(after: failure(.upstreamRateLimit, after: 1, isFinal: true)) == .none)
    }

    @Test func amendsOnceAnUpstream() {
        var tries = tries(["a", "b"], retries: 0)
        #expect(tries.mayAmend() && !tries.mayAmend())
        tries.note("400")
        #expect(tries.step(after: failure(.upstreamFault)) == .next && tries.mayAmend())
        tries.note("e401")
        #expect(tries.outcomes == ["a:400", "b:e401"] && tries.isList && !self.tries(["a"]).isList)
    }
}

@Suite struct RetryAfterTests {
    private let now = 784_111_777

    @Test(
        "T134 T211: seconds, milliseconds and dates are understood, what makes no sense is dropped",
        arguments: [
            ("Retry-After", "7", 7), ("retry-after", "0.2", 1), ("Retry-After", "59.5", 60),
            ("retry-after-ms", "1500", 2), ("Retry-After", "Sun, 06 Nov 1994 08:49:40 GMT", 3),
            ("Retry-After", "86400", 60), ("Retry-After", "Sun, 06 Nov 2094 08:49:40 GMT", 60),
            ("Retry-After", "0", nil), ("Retry-After", "-5", nil), ("Retry-After", "inf", nil),
            ("Retry-After", "nan", nil), ("Retry-After", "1e3", nil), ("Retry-After", "", nil),
            ("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT", nil), ("Retry-After", "soon", nil),
            ("Retry-After", "Sun, 06 Nov 1984 08:49:37 GMT", nil), ("retry-after-ms", "-1", nil),
            ("Retry-After", "Sun, 32 Nov 1994 08:49:37 GMT", nil), ("x", "7", nil),
            ("Retry-After", String(repeating: "9", count: 400), nil),
            ("Retry-After", String(repeating: "9", count: 40), 60),
        ] as [(String, String, Int?)])
    func reads(name: String, value: String, seconds: Int?) {
        let wait = RetryAfter([name: value], now: now)
        #expect(wait?.seconds == seconds)
        #expect(wait?.isCut ?? false == (seconds == 60 && value != "59.5"))
    }

    @Test func millisecondsAreMoreExact() {
        let both: Fields = ["Retry-After": "9", "retry-after-ms": "2000"]
        #expect(RetryAfter(both, now: now)?.seconds == 2)
        let broken: Fields = ["Retry-After": "9", "retry-after-ms": "x"]
        #expect(RetryAfter(broken, now: now)?.seconds == 9)
    }

    @Test func datesAreReadAsTheyAreWritten() {
        for seconds in stride(from: 0, to: 4_102_444_800, by: 86_400 * 13 + 3607) {
            #expect(HTTPDate.seconds(String(decoding: HTTPDate.bytes(seconds), as: UTF8.self)) == seconds)
        }
    }
}
