// SPDX-License-Identifier: MIT

import HTTP
import Model
import Settings
import Unix

/// A conversation over WebSocket, told as if it were an answer of HTTP: a head, and a stream of events.
///
///     bytes → Handshake → Frames → events
///             refusal → its body
///
/// A machine: whoever has the connection feeds it and sends what it says.
final class WebSocket {
    private enum Step { case opening, talking, refused }

    /// The head of the answer: of a refusal at once, of a stream with its first event.
    private(set) var head: ResponseHead?
    /// Why there is no more; nil: more may come.
    private(set) var failure: Failure?
    /// Whether nothing more comes.
    private(set) var isOver = false

    private var step = Step.opening
    private var handshake: Handshake
    private let frames: Frames
    /// Until it is said.
    private var message: [UInt8]
    private var refusal: BodyReader?
    private var body: [UInt8] = []
    private var outbox = Buffer()

    /// nil: there is no memory.
    init?(
        _ handshake: Handshake, message: [UInt8], limits: Settings::Limits, random: @escaping (Int) -> [UInt8]
    ) {
        guard
            let frames = Frames(
                messageLimit: limits.event, totalLimit: limits.answer, random: random)
        else { return nil }
        self.handshake = handshake
        self.frames = frames
        self.message = message
        outbox.append(handshake.request)
    }

    /// Takes what came; an empty piece means nothing.
    func take(_ bytes: Span<UInt8>) {
        do throws(Failure) {
            var taken = 0
            if step == .opening { taken = try open(bytes) }
            guard taken < bytes.count, !isOver else { return }
            let rest = bytes.extracting(taken..<bytes.count)
            if step == .talking { listen(rest) } else { try hear(rest) }
        } catch {
            fail(error)
        }
    }

    /// The connection has ended.
    func hangUp() {
        guard !isOver else { return }
        isOver = true
        switch step {
        case .opening: fail(WebSocket.silent)
        case .talking: fail(broken("the engine's connection broke off"))
        // A body without a length ends so.
        case .refused: break
        }
    }

    /// Ends the conversation from this side.
    func close() {
        guard step == .talking, !isOver else { return }
        frames.close(WebSocket.done)
    }

    /// What came since, as the content of an answer.
    func takeContent() -> [UInt8] {
        var content: [UInt8] = []
        swap(&content, &body)
        content += frames.events
        frames.events.removeAll(keepingCapacity: true)
        return content
    }

    /// Whether something is to be sent.
    var hasMore: Bool { !outbox.isEmpty || !frames.outbox.isEmpty }
    /// Whether more must be sent before more is read.
    var isClogged: Bool { frames.isClogged }

    /// Has something sent: `send` says how many bytes it took, 0 for none now, nil for none ever.
    ///
    /// What the peer said before it stopped taking anything is still heard.
    func give(_ send: (Span<UInt8>) -> Int?) {
        while hasMore {
            guard let count = outbox.isEmpty ? frames.give(send) : send(outbox.span) else {
                outbox.drop(outbox.count)
                return frames.mute()
            }
            if !outbox.isEmpty { outbox.drop(count) }
            if count == 0 { return }
        }
    }

    private static let done = 1000
    private static let silent = Failure(
        .brokenAnswer, "Backend request failed: the connection ended before the handshake of WebSocket.")
}

// What came.
extension WebSocket {
    private func open(_ bytes: Span<UInt8>) throws(Failure) -> Int {
        let taken = try handshake.read(bytes)
        guard let head = handshake.head else { return taken }
        try handshake.check(head)
        if head.status == 101 {
            step = .talking
            frames.say(message)
            message = []
        } else {
            step = .refused
            self.head = head
            refusal = WebSocket.body(head)
            isOver = refusal?.isDone ?? false
        }
        return taken
    }

    /// How a refusal's content is delimited; nil: by the connection's end.
    private static func body(_ head: ResponseHead) -> BodyReader? {
        if head.fields.list("Transfer-Encoding") == ["chunked"] {
            return try? BodyReader(.chunked, limit: Refusal.limit)
        }
        guard let length = head.fields["Content-Length"].flatMap({ Int($0) }), length >= 0 else { return nil }
        return try? BodyReader(.counted(min(length, Refusal.limit)), limit: Refusal.limit)
    }

    private func hear(_ bytes: Span<UInt8>) throws(Failure) {
        guard refusal != nil else { return body.take(bytes) }
        do throws(BadHTTP) {
            _ = try refusal?.read(bytes, into: &body)
            isOver = refusal?.isDone ?? true
        } catch {
            isOver = true
        }
    }

    private func listen(_ bytes: Span<UInt8>) {
        frames.take(bytes)
        if head == nil, !frames.events.isEmpty { head = ResponseHead(200, .ofStream) }
        if let end = frames.end { fail(failure(of: end)) }
    }

    private func fail(_ failure: Failure) {
        isOver = true
        self.failure = failure
    }

    private func failure(of end: Frames.End) -> Failure {
        switch end {
        case .closed(let code, let reason): closed(code, reason)
        case .broken(let code): broken("its messages are not what WebSocket promises (\(code))")
        case .binary: broken("it sent a message that is no text")
        case .tooLarge:
            Failure(.answerTooLarge, "Backend request failed: its messages are larger than is allowed.")
        }
    }

    private func broken(_ what: String) -> Failure {
        Failure(head == nil ? .brokenAnswer : .brokenStream, "Backend request failed: \(what).")
    }

    /// The end came before the answer's.
    private func closed(_ code: Int, _ reason: String) -> Failure {
        let words = String(reason.unicodeScalars.map { WebSocket.isPlain($0) ? Character($0) : " " })
        let told = words.isEmpty ? "\(code)" : "\(code): \(words)"
        let failure = broken("the engine closed the conversation before its answer was complete (\(told))")
        guard let meant = WebSocket.codes[code] else { return failure }
        return Failure(meant, failure.message)
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
            false
        default: true
        }
    }

    /// Of the registry of close codes, those that say more than that something went wrong (RFC 6455 section
    /// 7.4.1).
    private static let codes: [Int: Failure.Code] = [
        1009: .upstreamTooLarge, 1011: .upstreamFault, 1012: .upstreamOverloaded, 1013: .upstreamOverloaded,
    ]
}
