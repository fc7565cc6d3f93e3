// SPDX-License-Identifier: MIT

package import JSON

/// Where in a dialect's bytes the relay finds what it needs without understanding the rest.
package final class Landmarks: Sendable {
    /// What a place in a reply means.
    package enum Meaning: Sendable {
        case model, input, output, cached, written, reasoning, stop, failure
        /// The rounds a provider took for one answer, which it bills one by one, and tokens of any of them.
        case rounds, roundInput, roundOutput
    }

    /// The members of a reply (whole, or one event of a stream).
    package let reply: Watch.Plan
    /// What each path of `reply` means, by its index.
    package let meanings: [Meaning]
    /// The data of an event that says that a stream is complete, when it is no JSON.
    package let endMark: [UInt8]
    /// The name of the event that says so; empty: the reason why it stopped does.
    package let endName: [UInt8]
    /// A provider's words for the end of an answer, and those that only say that it goes on.
    private let stops: [String: Stop]
    private let unfinished: Set<String>
    /// Whether the number of input tokens leaves out those read from and written to a cache.
    package let inputExcludesCache: Bool

    package init(
        reply: [([String], Meaning)], endMark: [UInt8], endName: String = "", stops: [String: Stop],
        unfinished: Set<String> = [], inputExcludesCache: Bool = false
    ) {
        self.inputExcludesCache = inputExcludesCache
        self.reply = Watch.Plan(paths: reply.map { $0.0 })
        meanings = reply.map { $0.1 }
        self.endMark = endMark
        self.endName = Array(endName.utf8)
        self.stops = stops
        self.unfinished = unfinished
    }

    /// What a provider's word for the end of an answer means; nil: it has not ended.
    package func stop(_ word: String) -> Stop? {
        unfinished.contains(word) ? nil : stops[word] ?? .finished
    }
}
