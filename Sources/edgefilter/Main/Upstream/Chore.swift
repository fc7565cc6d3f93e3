// SPDX-License-Identifier: MIT

import HTTP
import Model
import Unix

/// The answer to a call of which the caller hears nothing but that it waits.
struct Chore: Passing {
    var coding = Coding()
    /// The caller's stream, when its head had to go out before the conversation's answer.
    var stream: Pump?
    private(set) var held: [UInt8] = []

    init(_ stream: Pump? = nil) { self.stream = stream }

    var isStream: Bool { stream != nil }
    var isAtBoundary: Bool { stream != nil }
    var isFramed: Bool { true }
    var hasBegun: Bool { false }
    var usage: Usage { Usage() }
    var stop: Stop? { nil }
    var fault: Failure.Code? { nil }
    var losses: [Feature] { [] }
    var sent: Int { stream?.sent ?? 0 }
    var refusal: Refusal? { nil }

    mutating func meet(_ head: ResponseHead, _ inflate: Inflate?) { coding = Coding(inflate) }

    mutating func take(_ bytes: Span<UInt8>, to out: inout Buffer) throws(Failure) {
        guard held.count + bytes.count <= Dialogues.catalogueLimit else {
            throw Failure(.brokenAnswer, "Backend request failed: its answer is too large.")
        }
        held.take(bytes)
    }

    mutating func end(_ failure: Failure?) throws(Failure) { if let failure { throw failure } }
    mutating func finish(to out: inout Buffer) -> Ended { .complete }
    mutating func begin(_ framing: BodyWriter.Framing, to out: inout Buffer) {
        stream?.begin(framing, to: &out)
    }
    mutating func fail(_ failure: Failure, to out: inout Buffer) { stream?.fail(failure, to: &out) }
    mutating func ping(to out: inout Buffer) { stream?.ping(to: &out) }
}
