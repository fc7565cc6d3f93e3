// SPDX-License-Identifier: MIT

import HTTP
import Model
import Unix

extension Landmarks {
    /// Of the description of one model: its name stands where an answer has its own.
    static let oneModel = Landmarks(reply: [(["id"], .model)], endMark: [], stops: [:])
}

// How an answer meets its upstream's head, and how it ends.
extension Answer {
    var hasBegun: Bool { true }
    var losses: [Feature] { [] }
    /// A refusal went on as it was; a stream that ends in an error is none that is complete.
    var fault: Failure.Code? { hasFailed ? isStream ? .upstreamFault : .upstreamRefused : nil }

    /// Nobody waits for the end of a refusal that has none.
    var isOver: Bool { refusedStatus != nil && held.count >= Refusal.limit }

    var refusal: Refusal? { refusedStatus.map { Refusal(status: $0, body: held) } }

    /// The upstream's head, after ours had to go out before it.
    mutating func meet(_ head: ResponseHead, _ inflate: Inflate?) throws(Failure) {
        coding = Coding(inflate)
        if head.status >= 400 {
            refuse(head.status)
        } else if !head.isStream {
            throw Failure(
                .brokenAnswer, "Backend request failed: it sent no stream, though it was asked for one.")
        }
    }

    mutating func end(_ failure: Failure?) throws(Failure) {
        // A connection that ends badly after the stream said it was complete takes nothing away.
        if let failure, !(isStream && (isComplete || hasFailed)) { throw failure }
        if isStream, !isComplete, !hasFailed, marksEnd {
            throw Failure(.brokenStream, "Backend request failed: the stream ended without its end.")
        }
    }
}
