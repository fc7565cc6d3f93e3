// SPDX-License-Identifier: MIT

import HTTP
import Model
import Settings
import Unix

// The answer's way.
extension Relay {
    /// Passes on what came; true when the exchange is over.
    mutating func passOn(
        _ client: inout Client, _ upstreams: Upstreams?, _ exchange: inout Exchange
    ) throws(Failure) -> Bool {
        guard let candidate, let transfer else {
            client.send()
            return false
        }
        if let head = transfer.head, !isMet {
            if isHeldBack(head, transfer) { return false }
            if try isRetried(head, transfer, upstreams, exchange) { return false }
        }
        do throws(Failure) {
            if let head = transfer.head, !isMet { try meet(head, transfer, candidate, &client, &exchange) }
            try passBody(transfer, &client, &exchange)
            guard isAtEnd(transfer) else {
                client.send()
                return false
            }
            if isDeadUnused(transfer, upstreams) { return false }
            if errands?.isRunning ?? false {
                try takeErrand(transfer, candidate, upstreams)
                return false
            }
            // What is left goes out together with the end.
            try end(transfer, candidate, &client, &exchange)
        } catch {
            try recover(from: error, &client, upstreams, exchange)
            return false
        }
        settle(transfer, &client, upstreams)
        return true
    }

    private mutating func isAtEnd(_ transfer: Transfer) -> Bool {
        if passing?.hasCeased() ?? false { return true }
        return transfer.result != nil && transfer.body.isEmpty && !(passing?.coding.hasMore ?? false)
    }

    /// Whether the kept connection was dead, and the request goes out on a fresh one.
    private mutating func isDeadUnused(_ transfer: Transfer, _ upstreams: Upstreams?) -> Bool {
        guard let upstreams, !isAgain, let result = transfer.result, transfer.hasDiedUnused(result) else {
            return false
        }
        isAgain = true
        upstreams.startAgain(transfer)
        return true
    }

    /// Whether a relayed refusal leads to another try.
    private mutating func isRetried(
        _ head: ResponseHead, _ transfer: Transfer, _ upstreams: Upstreams?, _ exchange: borrowing Exchange
    ) throws(Failure) -> Bool {
        guard isDoubtful(head) else { return false }
        let body = held(by: transfer, isGzip: head.isGzip)
        let failure = failure(of: Refusal(status: head.status, body: body))
        return triesAgain(after: failure, upstreams, exchange)
    }

    /// What waits to be passed on, its coding taken off.
    private func held(by transfer: Transfer, isGzip: Bool) -> [UInt8] {
        let body = transfer.body
        guard isGzip, let inflate = Inflate(limit: Refusal.limit) else { return body.span.array }
        var plain: [UInt8] = []
        try? inflate.feed(body.span, into: &plain)
        return plain
    }

    private mutating func passBody(
        _ transfer: Transfer, _ client: inout Client, _ exchange: inout Exchange
    ) throws(Failure) {
        guard canPass(client) else { return }
        clocks.answerCame()
        trace.answer(transfer.body)
        let waiting = client.outbox.count
        try passing?.take(&transfer.body, to: &client.outbox, until: Relay.waitingLimit)
        open(&client, &exchange)
        if client.outbox.count > waiting { clocks.passed() }
        passing?.tell(&exchange, client)
        transfer.resumeBody()
    }

    /// Whether something is here that the caller has room for.
    func canPass(_ client: borrowing Client) -> Bool {
        guard isMet, let transfer, client.outbox.count < Relay.waitingLimit else { return false }
        // What is cheap comes first: a look at `passing` copies it.
        guard !transfer.body.isEmpty || isCoded && passing?.coding.hasMore ?? false else { return false }
        return passing != nil
    }

    /// Sends the head that is known now.
    private mutating func open(_ client: inout Client, _ exchange: inout Exchange) {
        guard let opening = passing?.takeOpening() else { return }
        let framing = exchange.begin(opening.status, opening.fields, length: nil, &client)
        passing?.begin(framing, to: &client.outbox)
    }

    /// The upstream's head has come.
    private mutating func meet(
        _ head: ResponseHead, _ transfer: Transfer, _ candidate: Candidate, _ client: inout Client,
        _ exchange: inout Exchange
    ) throws(Failure) {
        isMet = true
        clocks.answerCame()
        if !(errands?.isRunning ?? false) { clocks.passed() }
        trace.answer(head)
        let inflate = head.isGzip ? Inflate(limit: nil) : nil
        isCoded = inflate != nil
        guard passing == nil else {
            if head.status < 400, let coding = head.foreignCoding { throw Relay.unread(coding) }
            try passing?.meet(head, inflate)
            return
        }
        let list = self.list(head, exchange)
        // What may grow has no length, and a stream into which pings may be put has none either.
        let keeps = newName(exchange) == nil && list == nil && inflate == nil && !head.isStream
        let framing = exchange.begin(
            head.status,
            Passage.answer(
                head, isDecoded: inflate != nil, isStranger: strangeTo.contains(candidate.upstream.name)),
            length: keeps ? transfer.contentLength : nil, &client)
        var answer = answer(head, candidate, framing, exchange, inflate)
        if let list { answer?.add(list) }
        if head.status >= 400, !head.isStream, case .secret(let secret) = candidate.upstream.key {
            answer?.guardAgainst(secret.value)
        }
        passing = answer
    }

    /// What the caller calls the model, when the upstream was asked for another.
    private func newName(_ exchange: borrowing Exchange) -> String? {
        guard candidate?.model != nil else { return nil }
        return intake.model?.text ?? Call.modelInPath(exchange.path, exchange.caller)
    }

    private func answer(
        _ head: ResponseHead, _ candidate: Candidate, _ framing: BodyWriter.Framing,
        _ exchange: borrowing Exchange, _ inflate: Inflate? = nil
    ) -> Answer? {
        guard let side = candidate.side else { return nil }
        let isOneModel = Call.modelInPath(exchange.path, exchange.caller) != nil
        var answer = Answer(
            head, framing: framing, landmarks: isOneModel ? .oneModel : side.landmarks,
            client: exchange.caller, name: newName(exchange),
            eventLimit: gateway.settings.limits.event, inflate: inflate)
        answer.marksEnd = exchange.caller.marksEnd(path: exchange.path)
        return answer
    }

    /// What is added to an upstream's list of models.
    private func list(_ answer: ResponseHead, _ exchange: borrowing Exchange) -> ModelList? {
        guard head.method == "GET", exchange.path == exchange.caller.modelsPath, answer.status == 200 else {
            return nil
        }
        return ModelList(gateway.settings)
    }

    /// A sign of life; where the caller waits for a stream that has not begun, its head goes out first.
    mutating func ping(_ client: inout Client, _ exchange: inout Exchange) {
        if !exchange.isHeadOut, let candidate {
            let framing = exchange.begin(200, .ofStream, length: nil, &client)
            if isHeldUp { passing = Chore() }
            if var chore = passing as? Chore {
                chore.stream = greeting(candidate, exchange)
                passing = chore
            }
            if passing == nil {
                passing = answer(ResponseHead(200, .ofStream), candidate, framing, exchange)
            } else {
                passing?.begin(framing, to: &client.outbox)
            }
        }
        if passing?.isAtBoundary ?? false { passing?.ping(to: &client.outbox) }
        clocks.passed()
    }
}

// The end of the answer.
extension Relay {
    /// Nothing more comes, or nothing more is needed.
    private mutating func end(
        _ transfer: Transfer, _ candidate: Candidate, _ client: inout Client, _ exchange: inout Exchange
    ) throws(Failure) {
        if let refusal = passing?.takeRefusal() { throw failure(of: refusal) }
        let isOver = passing?.hasCeased() ?? false
        let failure = isOver ? nil : failure(of: transfer, candidate)
        guard isMet, passing != nil else {
            throw failure ?? Failure(.brokenAnswer, "Backend request failed: it sent no answer.")
        }
        try passing?.end(failure)
        learn(transfer, candidate)
        open(&client, &exchange)
        switch passing?.finish(to: &client.outbox) {
        case .whole(let body)?: exchange.answer(200, .ofJSON, body, &client)
        case .short?: exchange.mustClose()
        default: break
        }
        exchange.finish()
    }

    /// Why an answer that ends now is not whole: its transfer broke off, or its coding has no end.
    func failure(of transfer: Transfer, _ candidate: Candidate) -> Failure? {
        let error = transfer.result.flatMap { TransferError($0, transfer, candidate.upstream) }
        return error?.failure ?? passing?.coding.cut
    }

    private static func unread(_ coding: String) -> Failure {
        Failure(
            .brokenAnswer,
            "Backend request failed: its answer has Content-Encoding: \(coding), for which nobody asked.")
    }

    /// Lets the upstream end its answer after we have seen the end of it, so that its connection can be used
    /// again; not for long, and not when it was cut off by us.
    private func settle(_ transfer: Transfer, _ client: inout Client, _ upstreams: Upstreams?) {
        guard transfer.result == nil, let upstreams, passing?.isOver ?? false, !(passing?.isCut ?? true)
        else {
            return
        }
        client.send()
        transfer.leave()
        let deadline = Deadline(in: Relay.settleTime)
        while client.outbox.isEmpty, transfer.result == nil, !deadline.isOver {
            upstreams.turn(transfer, until: deadline)
        }
    }

    private static let settleTime = 20

    /// Ends an answer that cannot go on: a stream in the caller's dialect; anything else by closing, which
    /// its framing shows.
    mutating func breakOff(
        _ failure: Failure, _ client: inout Client, _ exchange: borrowing Exchange
    ) throws(Failure) -> Never {
        if passing?.isStream ?? false {
            let told = exchange.gateway.guise.dressed(failure, exchange.head)
            passing?.fail(told, to: &client.outbox)
        } else if exchange.isHeadOut, passing?.isFramed == false {
            client.reset()
        }
        throw failure
    }
}

extension ResponseHead {
    /// How the content is coded, though nobody asked for it; nil: it is plain.
    private var coding: String? {
        guard fields.contains("Content-Encoding") else { return nil }
        let codings = fields.list("Content-Encoding").filter { $0 != "identity" }
        return codings.isEmpty ? nil : codings.joined(separator: ", ")
    }

    /// Whether the content is coded in the one way that we take off.
    fileprivate var isGzip: Bool { coding.map(ResponseHead.isGzip) ?? false }

    /// A coding that we do not take off; nil: there is none.
    var foreignCoding: String? { coding.flatMap { ResponseHead.isGzip($0) ? nil : $0 } }

    private static func isGzip(_ coding: String) -> Bool { coding == "gzip" || coding == "x-gzip" }

    /// Whether the content is a stream of events.
    var isStream: Bool {
        // The usual form.
        if fields.says("Content-Type", Answer.json) { return false }
        return Parameters(fields["Content-Type"] ?? "")?.essence == "text/event-stream"
    }
}
