// SPDX-License-Identifier: MIT

import HTTP
import KeyLog
import Model
import Settings
import Unix

/// A request sent on and its answer passed back, both as they come and in bounded memory.
///
///     client → Intake → Upload → Transfer → Passing → client
///
/// One thread, one loop, whether bytes pass as they are or are translated. A full caller holds the upstream,
/// a slow upstream holds the caller. While nothing has gone to the caller a failure may lead to another try.
struct Relay: ~Copyable {
    let gateway: Gateway
    let head: RequestHead
    let bearsModel: Bool
    /// Whether the name of the model matters to what the caller's key allows.
    let isNamed: Bool
    /// Whether the key may use some models only.
    let isListed: Bool
    /// The upstreams whose accounts are not the caller's.
    let strangeTo: [String]
    var intake: Intake
    /// nil: it is not yet known where the request goes.
    var tries: Tries?
    /// What the caller asks for, once it had to be understood, and what the upstream is asked for.
    var conversation: Conversation?
    var transfer: Transfer?
    var passing: (any Passing)?
    /// The key of this try.
    var credential: Credential?
    /// Whether the answer's content is wrapped in a coding.
    var isCoded = false
    /// Whether the upstream's head was looked at.
    var isMet = false
    /// Until when the next try waits.
    var resume: Deadline?
    /// The calls that a conversation takes beside its own; nil: none.
    var errands: Errands?
    /// Until when another request in the same session is waited for.
    var sessionEnd: Deadline?
    /// The provider's list of models was not to be had.
    var usesStopgap = false
    /// The request was sent a second time, on a fresh connection.
    var isAgain = false
    var clocks: Clocks
    /// What is waited for; kept, so that no round allocates.
    var poll = Poll()
    var trace: Trace

    /// So much may wait for a caller that reads slowly, or for an upstream that does.
    static let waitingLimit = 256 << 10

    init(_ exchange: borrowing Exchange, _ head: RequestHead) throws(Failure) {
        gateway = exchange.gateway
        self.head = head
        bearsModel = head.method == "POST" && exchange.caller.bearsModel(path: exchange.path)
        isNamed = exchange.grant != nil
        isListed = !(exchange.grant?.allowance.models.isEmpty ?? true)
        let limits = gateway.settings.limits
        var strangeTo: [String] = []
        for upstream in gateway.settings.upstreams where exchange.isStranger(to: upstream) {
            strangeTo.append(upstream.name)
        }
        self.strangeTo = strangeTo
        if bearsModel, head.isForm, !exchange.caller.takesForm(path: exchange.path) { throw Failure.noForm }
        intake = try Intake(
            head, limit: limits.body, bearsModel: bearsModel,
            Sought.of(exchange.caller, isListed: isListed, isStranger: !strangeTo.isEmpty))
        clocks = Clocks(stall: limits.sendStall, ping: limits.ping, early: limits.earlyPing)
        trace = Trace(gateway.settings.log)
        trace.request(head)
    }

    /// Serves the request to its end.
    ///
    /// A throw before the answer's head is out becomes an error answer; after it, the connection just ends.
    mutating func run(
        _ client: inout Client, _ upstreams: inout Upstreams?, _ exchange: inout Exchange
    ) throws(Failure) {
        do throws(Failure) {
            try loop(&client, &upstreams, &exchange)
        } catch {
            conclude(upstreams, &exchange, error)
            throw error
        }
        conclude(upstreams, &exchange, nil)
    }

    private mutating func loop(
        _ client: inout Client, _ upstreams: inout Upstreams?, _ exchange: inout Exchange
    ) throws(Failure) {
        try checkAccounts(exchange.endpoint)
        if head.expectsContinue, !intake.isDone, client.inbox.isEmpty {
            client.outbox.append("HTTP/1.1 100 Continue\r\n\r\n".utf8)
        }
        while true {
            try takeIn(&client, exchange.endpoint)
            exchange.isBodyRead = intake.isDone
            if tries == nil { tries = try choose(&exchange) }
            if let candidate, transfer == nil, resume?.isOver ?? true {
                exchange.record.attempts = tries?.underway ?? []
                exchange.note(candidate, asked: intake.model?.text)
                do throws(Failure) {
                    if try launch(candidate, &client, &upstreams, &exchange) { return }
                } catch {
                    try breakOff(error, &client, exchange)
                }
            }
            if try passOn(&client, upstreams, &exchange) { return }
            // SDKs leave as soon as they have read the last event.
            if hasLeft(client), exchange.hasTold(client) { return exchange.finish() }
            try wait(&client, upstreams, &exchange)
        }
    }

    /// The upstream at which the request is.
    var candidate: Candidate? { tries?.current }

    /// What the record gets to know, however it ended.
    private mutating func conclude(_ upstreams: Upstreams?, _ exchange: inout Exchange, _ failure: Failure?) {
        upstreams?.drop()
        exchange.record.received = intake.received
        if let model = intake.model { exchange.record.model = exchange.withoutKey(model.text) }
        if tries != nil, exchange.record.used.isEmpty { exchange.record.used = exchange.record.model }
        if let passing { exchange.note(passing) }
        if let errands { leave(errands, &exchange) }
        if let tries, !tries.outcomes.isEmpty {
            note(failure)
            exchange.record.attempts = self.tries?.outcomes ?? []
        }
        if trace.isOn { trace.write(gateway.diagnostics, hiding: keys) }
    }

    /// The conversation is over, however it ended: what is left to do is done after the caller has all.
    private func leave(_ errands: Errands, _ exchange: inout Exchange) {
        if let passing, passing.hasBegun || !passing.receipt.isEmpty {
            errands.note(receipt: passing.receipt)
            errands.keep(gateway.diagnostics)
        }
        exchange.errands = errands
    }

    /// Remembers how the current try ended.
    mutating func note(_ failure: Failure?) {
        let status = transfer?.head?.status
        let number = failure?.code.rawValue ?? 0
        let isTold = failure == nil || (status ?? 0) >= 400
        tries?.note(isTold ? "\(status ?? 0)" : "e\(number)")
    }

    /// The caller's key and ours.
    private var keys: [String] {
        let all = [Caller.key(in: head)] + secrets
        guard case .secret(let secret)? = candidate?.upstream.key else { return all }
        return all + [secret.value]
    }
}
