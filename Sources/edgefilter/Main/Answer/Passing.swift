// SPDX-License-Identifier: MIT

import HTTP
import Model
import Unix

/// What passes an upstream's answer on to the caller: as it is, translated, or told anew.
///
/// A machine that the relay's loop feeds. What it throws is a failure of the answer: before the caller's head
/// is out it may lead to another try.
protocol Passing {
    /// Whether a stream of events goes to the caller, and its head is out.
    var isStream: Bool { get }
    /// Whether something of ours may be put between two events now.
    var isAtBoundary: Bool { get }
    /// Whether the framing itself shows that content is missing.
    var isFramed: Bool { get }
    /// What its content is wrapped in.
    var coding: Coding { get set }
    /// Whether the answer is complete, whatever else the upstream sends.
    var isOver: Bool { get }
    /// Whether the stream's last event went on: whoever has read it may leave, though the body has not ended.
    var isTold: Bool { get }
    /// Whether it was us who ended the answer, so that the upstream would go on.
    var isCut: Bool { get }
    /// Whether something of an answer was read, so that no other upstream may be asked.
    var hasBegun: Bool { get }

    /// What was read in passing.
    var usage: Usage { get }
    var stop: Stop? { get }
    /// What the record names although the answer went on.
    var fault: Failure.Code? { get }
    /// What was in the answer and did not go on.
    var losses: [Feature] { get }
    /// Bytes of content passed on.
    var sent: Int { get }
    /// The provider's name for the answer, which it wants to hear again; empty: none.
    var receipt: String { get }
    /// An answer of 400 or above that does not go on as it is.
    var refusal: Refusal? { get }

    /// The upstream's head has come.
    ///
    /// `inflate`: takes the content's coding off.
    mutating func meet(_ head: ResponseHead, _ inflate: Inflate?) throws(Failure)
    /// Takes what came, and appends what goes on.
    mutating func take(_ bytes: Span<UInt8>, to out: inout Buffer) throws(Failure)
    /// The head for the caller, when it is known and not yet out.
    var opening: ResponseHead? { get }
    /// That head is out, and the content is written in this framing.
    mutating func begin(_ framing: BodyWriter.Framing, to out: inout Buffer)
    /// Nothing more comes of the upstream; `failure`: because it broke off.
    mutating func end(_ failure: Failure?) throws(Failure)
    /// Appends what is left, and the end of the content.
    mutating func finish(to out: inout Buffer) -> Ended
    /// Ends a stream with an error in the caller's dialect.
    mutating func fail(_ failure: Failure, to out: inout Buffer)
    /// A sign of life between two events.
    mutating func ping(to out: inout Buffer)
}

/// How an answer ended.
enum Ended {
    case complete
    /// Shorter than it said: the connection must close.
    case short
    /// All of it is known only now.
    case whole(body: [UInt8])
}

/// What an upstream said instead of an answer.
struct Refusal {
    let status: Int
    let body: [UInt8]

    /// More than that is not read.
    static let limit = 256 << 10
}

extension Passing {
    var receipt: String { "" }
    var isOver: Bool { false }
    var isTold: Bool { isOver && isStream }
    var isCut: Bool { false }
    var opening: ResponseHead? { nil }
    mutating func begin(_ framing: BodyWriter.Framing, to out: inout Buffer) {}

    // A look at a property from outside copies all of what is behind `any Passing`; these run for every
    // event.

    /// What was read so far, for the record.
    mutating func tell(_ exchange: inout Exchange, _ client: borrowing Client) {
        exchange.note(passing: usage, sent: sent)
        if isTold { exchange.noteTold(client) }
    }
    /// Whether the answer is complete, as `isOver` says.
    mutating func hasCeased() -> Bool { isOver }
    /// What does not go on as it is, as `refusal` says.
    mutating func takeRefusal() -> Refusal? { refusal }
    /// The head for the caller, as `opening` says.
    mutating func takeOpening() -> ResponseHead? { opening }

    /// Takes what came, its coding taken off, until `limit` bytes wait for the caller.
    mutating func take(_ body: inout Buffer, to out: inout Buffer, until limit: Int = .max) throws(Failure) {
        guard coding.isThere else {
            if !body.isEmpty { try take(body.span, to: &out) }
            body.drop(body.count)
            return
        }
        repeat {
            var plain: [UInt8] = []
            var damage: Failure?
            do throws(Failure) { try coding.decode(&body, into: &plain) } catch { damage = error }
            try take(plain.span, to: &out)
            // Whoever has the last event has lost nothing.
            if let damage, !isTold { throw damage }
        } while out.count < limit && !isOver && (coding.hasMore || !body.isEmpty)
    }
}

extension Fields {
    /// What the head of a stream of ours says.
    static let ofStream: Fields = [
        "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache",
        "X-Accel-Buffering": "no",
    ]
    /// What the head of a whole answer of ours says.
    static let ofJSON: Fields = ["Content-Type": "application/json"]
}

/// The coding of an answer's content, taken off as it comes: gzip, of one member or several.
struct Coding {
    /// Whether decoding has more to give without more to take.
    private(set) var hasMore = false
    private let inflate: Inflate?
    /// Something came behind the last member that is none; all that follows is dropped, as gunzip does.
    private var isPadded = false

    /// With this byte a member begins (RFC 1952 section 2.3.1).
    private static let magic: UInt8 = 0x1F

    init(_ inflate: Inflate? = nil) { self.inflate = inflate }

    var isThere: Bool { inflate != nil }

    /// What is wrong with an answer that ends now; nil: nothing.
    ///
    /// One without any content needs no coding.
    var cut: Failure? {
        guard let inflate, inflate.isInside else { return nil }
        return Failure(.brokenStream, "Backend request failed: the answer broke off inside its gzip coding.")
    }

    /// Whether these bytes belong to a member, perhaps to a new one.
    private mutating func isInMember(_ inflate: Inflate, _ bytes: Span<UInt8>) -> Bool {
        guard inflate.isDone, bytes.count > 0 else { return !inflate.isDone }
        if bytes[0] != Coding.magic { isPadded = true }
        if !isPadded { inflate.restart() }
        return !isPadded
    }

    /// Decodes a piece; of a damaged one what comes before the damage.
    mutating func decode(_ body: inout Buffer, into plain: inout [UInt8]) throws(Failure) {
        hasMore = false
        guard let inflate, isInMember(inflate, body.span) else {
            body.drop(body.count)
            return
        }
        do throws(Failure) {
            let (used, count) = try inflate.step(body.span, into: &plain)
            hasMore = count == Inflate.room && !inflate.isDone
            body.drop(used)
        } catch {
            body.drop(body.count)
            throw Failure(
                .brokenAnswer,
                "Backend request failed: its answer says Content-Encoding: gzip, and is damaged or no gzip.")
        }
    }
}

extension [UInt8] {
    /// Appends a copy of what came.
    mutating func take(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
