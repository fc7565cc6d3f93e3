// SPDX-License-Identifier: MIT

import Model
import Settings

/// The tries of one request: at which upstream it is, and what a failure leads to.
///
/// A machine without a clock.
struct Tries {
    /// What a failure leads to.
    enum Step: Equatable {
        /// The same upstream once more, after so many milliseconds.
        case again(after: Int)
        /// The next upstream, at once.
        case next
        /// The caller hears of the failure.
        case none
    }

    private let candidates: [Candidate]
    private var place = 0
    /// How often the current one may be tried again.
    private var left: Int
    /// Milliseconds that may still be waited for upstreams which say when to come back.
    private var patience = Tries.patience
    private var hasAmended = false
    /// What became of each try: `upstream:429` a status, `upstream:e401` a number of ours.
    private(set) var outcomes: [String] = []

    /// So long a request waits, in all, because upstreams asked it to.
    static let patience = 5000
    /// Before an upstream that took no connection is tried again.
    static let pause = 100

    /// Failures after which another upstream may answer (T168): never what the request itself is to blame
    /// for.
    private static let passing: Set<Failure.Code> = [
        .unreachable, .connectTimeout, .untrusted, .brokenAnswer, .firstByteTimeout, .uploadStalled,
        .upstreamRateLimit, .upstreamFault, .upstreamOverloaded, .upstreamTimeout,
    ]

    init(_ candidates: [Candidate]) {
        self.candidates = candidates
        left = candidates.first?.upstream.retries ?? 0
    }

    /// The upstream at which the request is.
    var current: Candidate { candidates[place] }
    /// Whether several upstreams may be tried.
    var isList: Bool { candidates.count > 1 }
    private var hasNext: Bool { place + 1 < candidates.count }

    /// Remembers how a try ended.
    mutating func note(_ outcome: String) { outcomes.append("\(current.upstream.name):\(outcome)") }

    /// What a handler that dies now tried: the current try has no outcome yet; empty: it is the first.
    var underway: [String] { outcomes.isEmpty ? [] : outcomes + ["\(current.upstream.name):0"] }

    /// Whether the request may go out once more with what a refusal asked to change; once an upstream.
    mutating func mayAmend() -> Bool {
        defer { hasAmended = true }
        return !hasAmended
    }

    /// What to do now.
    mutating func step(after failure: Failure) -> Step {
        if left > 0, let pause = pause(after: failure) {
            left -= 1
            return .again(after: pause)
        }
        guard Tries.passing.contains(failure.code), !failure.isFinal, hasNext else { return .none }
        place += 1
        left = current.upstream.retries
        hasAmended = false
        return .next
    }

    /// Passes over the current upstream; false: there is none after it.
    mutating func skip() -> Bool {
        guard hasNext else { return false }
        place += 1
        left = current.upstream.retries
        return true
    }

    private mutating func pause(after failure: Failure) -> Int? {
        if failure.code == .unreachable { return Tries.pause }
        guard failure.code == .upstreamRateLimit, !failure.isFinal, let seconds = failure.retryAfter,
            seconds * 1000 <= patience
        else { return nil }
        patience -= seconds * 1000
        return seconds * 1000
    }
}
