// SPDX-License-Identifier: MIT

/// The sums of one group.
package struct Row: Equatable, Sendable {
    /// Requests that ended, however.
    package var requests = 0
    /// Of these: no answer, an error, or one that did not end well.
    package var failures = 0
    /// Of these: with tokens that nobody but ourselves counted.
    package var estimated = 0
    /// Tokens in.
    package var input = 0
    /// Tokens out.
    package var output = 0
    /// Of the input: read from a cache.
    package var cached = 0
    /// Of the input: written to a cache.
    package var written = 0
    /// Of the output: thoughts.
    package var reasoning = 0
    /// Bytes of the requests' content.
    package var received = 0
    /// Bytes of the answers' content.
    package var sent = 0
    /// How long they took together.
    package var milliseconds = 0

    /// No sum is larger, whatever the lines claim.
    static let limit = 1 << 59

    /// No requests.
    package init() {}

    init(of record: Record) {
        requests = 1
        failures = record.isFailure ? 1 : 0
        estimated = record.isEstimated ? 1 : 0
        (input, output, cached) = (record.input, record.output, record.cached)
        (written, reasoning) = (record.written, record.reasoning)
        (received, sent, milliseconds) = (record.received, record.sent, record.milliseconds)
    }

    mutating func add(_ other: Row) {
        Row.add(other.requests, to: &requests)
        Row.add(other.failures, to: &failures)
        Row.add(other.estimated, to: &estimated)
        Row.add(other.input, to: &input)
        Row.add(other.output, to: &output)
        Row.add(other.cached, to: &cached)
        Row.add(other.written, to: &written)
        Row.add(other.reasoning, to: &reasoning)
        Row.add(other.received, to: &received)
        Row.add(other.sent, to: &sent)
        Row.add(other.milliseconds, to: &milliseconds)
    }

    private static func add(_ number: Int, to sum: inout Int) {
        sum = min(min(sum, limit) + min(number, limit), limit)
    }
}
