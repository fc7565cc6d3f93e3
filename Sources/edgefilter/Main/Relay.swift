// SPDX-License-Identifier: MIT

import HTTP
import KeyLog
import Model
import Settings
import Unix

/// A request passed on and its answer passed back, both as they come and in bounded memory.
///
///     client → Intake → Upload → Transfer → Answer → client
///
/// One thread, one loop. A full caller holds the upstream, a slow upstream holds the caller.
struct Relay: ~Copyable {
    let gateway: Gateway
    let head: RequestHead
    private let bearsModel: Bool
    var intake: Intake
    private var plan: Plan?
    private var transfer: Transfer?
    private var answer: Answer?
    // What is asked for every event; to look into an optional struct copies all of it.
    private var isAnswered = false
    private var hasMore = false
    /// The request was sent a second time, on a fresh connection.
    private var isAgain = false
    private var clocks: Clocks
    var trace: Trace

    /// So much may wait for a caller that reads slowly, or for an upstream that does.
    private static let waitingLimit = 256 << 10

    init(_ exchange: borrowing Exchange, _ head: RequestHead) throws(Failure) {
        gateway = exchange.gateway
        self.head = head
        bearsModel = head.method == "POST" && exchange.caller.bearsModel(path: exchange.path)
        intake = try Intake(head, limit: gateway.settings.limits.body, bearsModel: bearsModel)
        clocks = Clocks(stall: gateway.settings.limits.sendStall, ping: gateway.settings.limits.ping)
        trace = Trace(gateway.settings.log)
        trace.request(head)
    }

    /// Serves the request to its end.
    ///
    /// A throw before the answer's head is out becomes an error answer; after it, the connection just ends.
    mutating func run(
        _ client: inout Client, _ upstreams: inout Upstreams?, _ exchange: inout Exchange
    ) throws(Failure) {
        defer { conclude(upstreams, &exchange) }
        if head.expectsContinue, !intake.isDone, client.inbox.isEmpty {
            client.outbox.append("HTTP/1.1 100 Continue\r\n\r\n".utf8)
        }
        while true {
            try takeIn(&client)
            exchange.isBodyRead = intake.isDone
            if plan == nil { plan = try choose(exchange) }
            if let plan, transfer == nil {
                exchange.note(plan)
                if try serveHere(plan, &client, &exchange) { return }
                if case .http(let side) = plan.dialect.upstream {
                    try start(plan, side, &upstreams, exchange)
                }
            }
            if try passOn(&client, upstreams, &exchange) { return }
            try wait(&client, upstreams)
        }
    }

    /// What the record gets to know, however it ended.
    private func conclude(_ upstreams: Upstreams?, _ exchange: inout Exchange) {
        upstreams?.drop()
        exchange.record.received = intake.received
        if let model = intake.model { exchange.record.model = model.text }
        if plan != nil, exchange.record.used.isEmpty { exchange.record.used = exchange.record.model }
        if let answer { exchange.note(answer) }
        trace.write(gateway.diagnostics, hiding: keys)
    }
}

extension Relay {
    /// The caller's key and ours.
    private var keys: [String] {
        guard case .secret(let secret)? = plan?.upstream.key else { return [Caller.key(in: head)] }
        return [Caller.key(in: head), secret.value]
    }
}

// The request's way.
extension Relay {
    private mutating func takeIn(_ client: inout Client) throws(Failure) {
        if !intake.isDone, !isUploadFull, !client.inbox.isEmpty {
            let before = intake.held.count
            try intake.take(&client.inbox)
            trace.request(intake.held[before...])
            clocks.bodyCame(intake.received)
        }
        if gateway.isRouted, intake.isAmbiguous {
            throw Failure(
                .invalidMember, "'model' must stand once in the body, and be a short text.", param: "model")
        }
        guard let transfer else { return }
        intake.release(to: &transfer.upload)
        transfer.resumeUpload()
    }

    /// Decides where the request goes; nil: what came does not tell yet.
    private func choose(_ exchange: borrowing Exchange) throws(Failure) -> Plan? {
        if gateway.isRouted, intake.mayBearModel { return nil }
        guard intake.isDone || intake.canStream else { return nil }
        let asked = intake.model?.text ?? Call.modelInPath(exchange.path, exchange.caller)
        return try Plan(gateway.settings, model: asked, bearsModel: bearsModel)
    }

    private mutating func start(
        _ plan: Plan, _ side: HTTPSide, _ upstreams: inout Upstreams?, _ exchange: borrowing Exchange
    ) throws(Failure) {
        let key = try Caller.credential(for: plan.upstream, gateway.settings, head, exchange.peer)
        if let model = plan.model, bearsModel || intake.model != nil { intake.replaceModel(with: model) }
        if upstreams == nil { upstreams = Upstreams() }
        guard let upstreams, let transfer = upstreams.begin() else {
            throw Failure(.internalError, "libcurl cannot be started.")
        }
        let call = Call(plan: plan, side: side, head: head, path: exchange.path, key: key)
        let length = intake.length
        intake.release(to: &transfer.upload)
        call.prepare(transfer, caller: exchange.caller, body: body(transfer.upload, length))
        self.transfer = transfer
        clocks.start(plan.upstream.timeout)
        upstreams.start(transfer)
    }
}

// How the body is handed over.
extension Relay {
    private func body(_ upload: Upload, _ length: Int?) -> Call.Body {
        if head.framing == .none || head.method == "HEAD" { return .none }
        return upload.isComplete && upload.waiting <= Call.wholeLimit ? .whole : .streamed(length)
    }
}

// The answer's way.
extension Relay {
    /// Passes on what came; true when the exchange is over.
    private mutating func passOn(
        _ client: inout Client, _ upstreams: Upstreams?, _ exchange: inout Exchange
    ) throws(Failure) -> Bool {
        guard let plan, let transfer else {
            client.send()
            return false
        }
        if !isAnswered, let head = transfer.head { begin(head, transfer, plan, &client, &exchange) }
        try passBody(transfer, &client, &exchange)
        guard let result = transfer.result, transfer.body.isEmpty, !hasMore else {
            client.send()
            return false
        }
        if let upstreams, !isAgain, transfer.hasDiedUnused(result) {
            isAgain = true
            upstreams.startAgain(transfer)
            return false
        }
        // What is left goes out together with the end.
        try end(TransferError(result, transfer, plan.upstream), &client, &exchange)
        return true
    }

    private mutating func passBody(
        _ transfer: Transfer, _ client: inout Client, _ exchange: inout Exchange
    ) throws(Failure) {
        guard canPass(client) else { return }
        clocks.answerCame()
        trace.answer(transfer.body)
        do throws(Failure) {
            try answer?.take(&transfer.body, to: &client.outbox, until: Relay.waitingLimit)
        } catch {
            try breakOff(error, &client)
        }
        hasMore = answer?.tell(&exchange) ?? false
        transfer.resumeBody()
    }

    /// Whether something is here that the caller has room for.
    private func canPass(_ client: borrowing Client) -> Bool {
        guard let transfer, isAnswered, client.outbox.count < Relay.waitingLimit else { return false }
        return !transfer.body.isEmpty || hasMore
    }

    private mutating func begin(
        _ head: ResponseHead, _ transfer: Transfer, _ plan: Plan, _ client: inout Client,
        _ exchange: inout Exchange
    ) {
        guard case .http(let side) = plan.dialect.upstream else { return }
        clocks.answerCame()
        trace.answer(head)
        let name = plan.model != nil ? intake.model?.text : nil
        let list = self.list(head, exchange)
        let inflate = head.isGzip ? Inflate(limit: nil) : nil
        let isStream = head.isStream
        // What may grow has no length, and a stream into which pings may be put has none either.
        let keeps = name == nil && list == nil && inflate == nil && !isStream
        let framing = exchange.begin(
            head.status, Passage.answer(head, isDecoded: inflate != nil),
            length: keeps ? transfer.contentLength : nil, &client)
        answer = Answer(
            head, framing: framing, landmarks: side.landmarks, client: exchange.caller, name: name,
            eventLimit: gateway.settings.limits.event, inflate: inflate)
        isAnswered = true
        if let list { answer?.add(list) }
        if head.status >= 400, !isStream, case .secret(let secret) = plan.upstream.key {
            answer?.guardAgainst(secret.value)
        }
        clocks.isStream = isStream
    }

    /// What is added to an upstream's list of models.
    private func list(_ answer: ResponseHead, _ exchange: borrowing Exchange) -> ModelList? {
        guard head.method == "GET", exchange.path == exchange.caller.modelsPath, answer.status == 200 else {
            return nil
        }
        return ModelList(gateway.settings)
    }

    /// The transfer has ended, well or not.
    private mutating func end(
        _ error: TransferError?, _ client: inout Client, _ exchange: inout Exchange
    ) throws(Failure) {
        // A connection that ends badly after the stream said it was complete takes nothing away.
        if let error, !isStreamComplete { try breakOff(error.failure, &client) }
        guard let answer else { throw Failure(.brokenAnswer, "Backend request failed: it sent no answer.") }
        if answer.isStream, !answer.isComplete, exchange.caller.marksEnd(path: exchange.path) {
            try breakOff(
                Failure(.brokenStream, "Backend request failed: the stream ended without its end."), &client)
        }
        if self.answer?.finish(to: &client.outbox) == false { exchange.mustClose() }
        exchange.finish()
    }

    private var isStreamComplete: Bool { answer?.isStream == true && answer?.isComplete == true }

    /// Ends an answer that cannot go on: a stream in the caller's dialect; anything else by closing, which its framing shows.
    private mutating func breakOff(_ failure: Failure, _ client: inout Client) throws(Failure) -> Never {
        if answer?.isStream == true {
            answer?.fail(failure, to: &client.outbox)
        } else if answer?.isFramed == false {
            client.reset()
        }
        throw failure
    }
}

// Waiting.
extension Relay {
    private mutating func wait(_ client: inout Client, _ upstreams: Upstreams?) throws(Failure) {
        try checkCaller(client)
        var poll = Poll()
        let places = client.watch(in: &poll, isReading: intake.isDone || !isUploadFull)
        let first = poll.count
        upstreams?.watch(in: &poll)
        let waiting = client.outbox.count
        let upload = transfer?.upload.waiting ?? 0
        let due = min(upstreams?.deadline ?? .never, clocks.next(state(client)))
        _ = poll.wait(until: canPass(client) ? .past : due)
        if Finishing.isUrged { try breakOff(Relay.stopping, &client) }
        client.act(on: poll, at: places)
        if client.outbox.count < waiting { clocks.callerTook() }
        upstreams?.act(on: poll, from: first)
        if (transfer?.upload.waiting ?? 0) < upload { clocks.uploadMoved() }
        try checkClocks(&client)
    }

    static let stopping = Failure(
        .stopping, "The gateway is being stopped; try again.", retryAfter: 1)

    private var isUploadFull: Bool { (transfer?.upload.waiting ?? 0) > Relay.waitingLimit }

    /// A caller that is gone ends it all; one that only stopped sending in the middle of its request hears of that.
    private func checkCaller(_ client: borrowing Client) throws(Failure) {
        if client.isGone || client.hasHungUp && (intake.isDone || isUploadFull) {
            throw Failure(.callerGone, "The caller has gone.")
        }
        if client.hasEnded, client.inbox.isEmpty, !intake.isDone { throw Failure(BadHTTP(.truncated)) }
    }

    private func state(_ client: borrowing Client) -> Clocks.State {
        Clocks.State(
            isBodyAwaited: !intake.isDone && !isUploadFull,
            isAnswerAwaited: isAnswerAwaited && client.outbox.isEmpty,
            isUploading: transfer?.upload.hasMore ?? false,
            isAnswered: isAnswered,
            isCallerAwaited: !client.outbox.isEmpty)
    }

    /// Whether the upstream is to act: to answer, to go on, or to take what waits for it.
    private var isAnswerAwaited: Bool {
        guard let transfer, !transfer.isHeld, transfer.result == nil else { return false }
        return isAnswered || intake.isDone || transfer.upload.hasMore
    }

    private mutating func checkClocks(_ client: inout Client) throws(Failure) {
        switch clocks.over(state(client)) {
        case nil: return
        case .ping?:
            if answer?.isAtBoundary == true { answer?.ping(to: &client.outbox) }
            clocks.pinged()
        case .failure(let failure)?:
            if failure.code == .callerStalled { throw failure }
            try breakOff(failure, &client)
        }
    }
}

extension Answer {
    /// Tells how far it is; the answer: whether decoding has more to give.
    ///
    /// Mutating only so that nothing is copied.
    fileprivate mutating func tell(_ exchange: inout Exchange) -> Bool {
        exchange.note(passing: usage, sent: sent)
        return hasMore
    }
}

extension ResponseHead {
    /// Whether the content is coded in the one way that we take off, though nobody asked for it.
    fileprivate var isGzip: Bool {
        ["gzip", "x-gzip"].contains(fields.list("Content-Encoding").joined(separator: ","))
    }

    /// Whether the content is a stream of events.
    var isStream: Bool {
        Parameters(fields["Content-Type"] ?? "")?.essence == "text/event-stream"
    }
}
