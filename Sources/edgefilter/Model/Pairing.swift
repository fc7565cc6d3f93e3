// SPDX-License-Identifier: MIT

package import JSON

/// Pairs calls and results while a conversation is read, in its order.
///
/// Providers refuse a result without its call and a call without its result, and so does `Request.unpaired`,
/// with the member's path. Ids that come again later in the conversation (some servers count from 0 in each
/// answer) are told apart.
package struct Pairing {
    private struct Call {
        /// The id that goes on.
        let id: String
        let place: Value
        var isAnswered = false
    }

    /// The latest call of each of the caller's ids.
    private var calls: [String: Call] = [:]
    private var ids = Distinct()
    private var orphan: Failure?

    package init() {}

    /// Notes a call at `place`; the id to go on with.
    package mutating func call(_ id: String, at place: Value) -> String {
        let unique = ids.name(id)
        calls[id] = Call(id: unique, place: place)
        return unique
    }

    /// Notes a result at `place`; the id to go on with.
    package mutating func result(_ id: String, at place: Value) -> String {
        guard let call = calls[id] else {
            orphan = orphan ?? Failure.invalid(place, "no call before it has the id '\(id)'")
            return id
        }
        calls[id]?.isAnswered = true
        return call.id
    }

    /// What a provider would refuse this conversation for; nil: nothing.
    package var fault: Failure? {
        if let orphan { return orphan }
        let open = calls.values.filter { !$0.isAnswered }.min { $0.place.offset < $1.place.offset }
        return open.map { Failure.invalid($0.place, "no result follows for the call '\($0.id)'") }
    }
}

extension Request {
    /// Puts the results of a turn's calls right behind it, as every provider wants them.
    ///
    /// Whatever stood between moves behind the results; of several results of one call the last stays. A call
    /// without a result gets an error for one, a result without its call becomes a text: both only happen in
    /// a conversation that is `unpaired`, which is refused unless its upstream is flagged to have it
    /// repaired.
    package mutating func gatherResults() {
        var results: [String: (result: ToolResult, place: Int)] = [:]
        for turn in turns {
            for case .result(let result) in turn.parts { results[result.id] = (result, results.count) }
        }
        var gathered: [Turn] = []
        var called: Set<String> = []
        for var turn in turns {
            turn.parts = turn.parts.compactMap { $0.withoutResult(of: called) }
            let calls = turn.calls.map(\.id)
            called.formUnion(calls)
            if !turn.parts.isEmpty { gathered.append(turn) }
            guard !calls.isEmpty else { continue }
            let found = calls.map { results[$0] ?? (Request.noResult($0), results.count) }
            let answers = found.sorted { $0.place < $1.place }.map { Part.result($0.result) }
            gathered.append(Turn(role: .user, parts: answers))
        }
        turns = gathered
    }

    private static func noResult(_ id: String) -> ToolResult {
        ToolResult(id: id, parts: [.text("no result")], isError: true)
    }
}

extension Turn {
    /// The calls in it.
    package var calls: [ToolCall] {
        parts.compactMap { if case .call(let call) = $0 { call } else { nil } }
    }
}

extension Part {
    /// Itself; a result of a known call is gathered elsewhere, one of an unknown call is kept as a text.
    fileprivate func withoutResult(of called: Set<String>) -> Part? {
        guard case .result(let result) = self else { return self }
        return called.contains(result.id)
            ? nil : .text("[tool result] " + result.parts.text(joinedBy: "\n"))
    }
}
