// SPDX-License-Identifier: MIT

import HTTP
import Model
import Unix

/// An answer that is told anew in the caller's words, held until it is whole: a list of models, embeddings.
struct Listing: Passing {
    var coding = Coding()
    private var held: [UInt8] = []
    private var status = 200
    /// What is made of it; nil: it is nothing that we can read.
    private let tell: ([UInt8]) throws(Failure) -> Told?
    private(set) var sent = 0

    private static let limit = 16 << 20

    private(set) var usage = Usage()

    /// What the caller gets, and what it cost.
    struct Told {
        let body: [UInt8]
        var usage = Usage()
    }

    init(_ tell: @escaping ([UInt8]) throws(Failure) -> Told?) { self.tell = tell }

    var isStream: Bool { false }
    var isAtBoundary: Bool { false }
    var isFramed: Bool { true }
    var hasBegun: Bool { false }
    var stop: Stop? { nil }
    var fault: Failure.Code? { nil }
    var losses: [Feature] { [] }
    var refusal: Refusal? { status == 200 ? nil : Refusal(status: status, body: held) }

    mutating func meet(_ head: ResponseHead, _ inflate: Inflate?) {
        coding = Coding(inflate)
        status = head.status
    }

    var isOver: Bool { status != 200 && held.count >= Refusal.limit }

    mutating func take(_ bytes: Span<UInt8>, to out: inout Buffer) throws(Failure) {
        guard held.count + bytes.count <= Listing.limit else { throw Listing.broken }
        held.take(bytes)
    }

    mutating func end(_ failure: Failure?) throws(Failure) {
        if let failure { throw failure }
        guard let told = try tell(held) else { throw Listing.broken }
        (held, usage) = (told.body, told.usage)
    }

    mutating func finish(to out: inout Buffer) -> Ended {
        sent = held.count
        return .whole(body: held)
    }

    mutating func fail(_ failure: Failure, to out: inout Buffer) {}
    mutating func ping(to out: inout Buffer) {}

    private static let broken = Failure(
        .brokenAnswer, "Backend request failed: its answer is nothing that we can read.")
}
