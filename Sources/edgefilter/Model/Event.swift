// SPDX-License-Identifier: MIT

/// One step of a reply, the only form of a reply inside.
///
///     reply = begin item* usage? end | begin? item* failure
///     item  = open(i) delta(i)* close(i)
///
/// A whole answer is the fold of its events, so whole and streamed come from one code path.
package enum Event: Equatable, Sendable {
    case begin
    case open(Int)
    case delta(Int, String)
    case close(Int)
    case usage(Usage)
    case end(Stop)
    case failure(Failure)
}

/// Why a reply ended.
package enum Stop: String, Sendable {
    case finished, length, toolCall = "tool_call", filtered
}

/// What a request cost, in tokens.
package struct Usage: Equatable, Sendable {
    /// All tokens of the prompt, cached ones included.
    package var input: Int
    /// All tokens of the answer, reasoning included.
    package var output: Int
    /// Of the input: read from a cache.
    package var cached: Int
    /// Of the output: reasoning.
    package var reasoning: Int

    package init(input: Int = 0, output: Int = 0, cached: Int = 0, reasoning: Int = 0) {
        self.input = input
        self.output = output
        self.cached = cached
        self.reasoning = reasoning
    }
}

/// A whole reply: the fold of its events.
package struct Reply: Equatable, Sendable {
    package var text = ""
    package var usage: Usage?
    package var stop: Stop?

    package init() {}

    /// Takes one more step; a failure is thrown on.
    package mutating func fold(_ event: Event) throws(Failure) {
        switch event {
        case .begin, .open, .close: break
        case .delta(_, let more): text += more
        case .usage(let usage): self.usage = usage
        case .end(let stop): self.stop = stop
        case .failure(let failure): throw failure
        }
    }
}
