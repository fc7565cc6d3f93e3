// SPDX-License-Identifier: MIT

import Unix

/// Sources that misbehave wait (as in OpenSSH 9.8): each offence adds time, time goes by, and who owes more
/// than a little is turned away.
///
/// A machine without a clock: instants are given in, in nanoseconds.
struct Penalties {
    /// What a handler reports of its connection by its exit code, and what the acceptor sees itself.
    enum Offence: Int {
        case none = 0
        /// No key, or one that is not accepted.
        case key = 1
        /// What came was no HTTP.
        case garbage = 2
        /// No request came in time.
        case silence = 3
        /// The handler was ended by a signal.
        case crash = 4

        /// Seconds that it costs.
        var cost: Int {
            switch self {
            case .none: 0
            case .silence: 1
            case .key, .garbage: 5
            case .crash: 30
            }
        }
    }

    /// Below this a source may still come: a person mistypes a key.
    static let threshold = 15
    /// Nobody waits longer.
    static let most = 600
    /// So many sources are remembered; when there are more, those who wait the shortest are forgotten.
    static let room = 16384

    /// When each source is even again.
    private(set) var ends: [String: Int] = [:]

    init(_ ends: [String: Int] = [:]) { self.ends = ends }

    mutating func note(_ offence: Offence, of source: String, at now: Int) {
        guard offence != .none else { return }
        if ends.count >= Penalties.room, ends[source] == nil { forget(at: now) }
        let most = now + Penalties.most * second
        ends[source] = min(most, max(ends[source] ?? now, now) + offence.cost * second)
    }

    /// Seconds that a source has still to wait before it is served; nil: it is served.
    func wait(of source: String, at now: Int) -> Int? {
        guard let end = ends[source], end - now >= Penalties.threshold * second else { return nil }
        return (end - now) / second - Penalties.threshold + 1
    }

    private mutating func forget(at now: Int) {
        ends = ends.filter { $0.value > now }
        guard ends.count >= Penalties.room else { return }
        let middle = ends.values.sorted()[ends.count / 2]
        ends = ends.filter { $0.value > middle }
    }

    private var second: Int { 1_000_000_000 }
}
