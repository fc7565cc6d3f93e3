// SPDX-License-Identifier: MIT

import HTTP
import Model
import Settings
import Unix

// Waiting.
extension Relay {
    mutating func wait(
        _ client: inout Client, _ upstreams: Upstreams?, _ exchange: inout Exchange
    ) throws(Failure) {
        try checkCaller(client)
        poll.removeAll()
        let places = client.watch(in: &poll, isReading: intake.isDone || !isUploadFull)
        let first = poll.count
        upstreams?.watch(in: &poll)
        let waiting = client.outbox.count
        let state = state(client)
        let upload = state.isUploading ? transfer?.upload.waiting ?? 0 : 0
        clocks.isStream = isStreamAwaited(exchange)
        let late = clocks.next(state)
        var due = min(upstreams?.deadline ?? .never, late)
        if transfer == nil, let resume { due = min(due, resume) }
        _ = poll.wait(until: canPass(client) ? .past : due)
        if Finishing.isUrged { try breakOff(Relay.stopping, &client, exchange) }
        // A clock that is over while we act is over in the next round as well.
        let came = late.isOver ? arrivals(client) : nil
        client.act(on: poll, at: places)
        if client.outbox.count < waiting { clocks.callerTook() }
        upstreams?.act(on: poll, from: first)
        if state.isUploading, (transfer?.upload.waiting ?? 0) < upload { clocks.uploadMoved() }
        if let came { try checkClocks(&client, upstreams, &exchange, since: came) }
    }

    /// What has come and was not yet taken further.
    private struct Arrivals {
        let ofCaller: Int
        let ofUpstream: Int
        let hasHead: Bool
        let hasEnded: Bool
    }

    private func arrivals(_ client: borrowing Client) -> Arrivals {
        Arrivals(
            ofCaller: client.inbox.count, ofUpstream: transfer?.body.count ?? 0,
            hasHead: transfer?.head != nil, hasEnded: transfer?.result != nil)
    }

    static let stopping = Failure(
        .stopping, "The gateway is being stopped; try again.", retryAfter: 1)

    /// A caller that is gone ends it all; one that only stopped sending in the middle of its request hears of
    /// that.
    private func checkCaller(_ client: borrowing Client) throws(Failure) {
        if hasLeft(client) { throw Failure(.callerGone, "The caller has gone.") }
        if client.hasEnded, client.inbox.isEmpty, !intake.isDone { throw Failure(BadHTTP(.truncated)) }
    }

    /// Whether nobody waits for an answer any more.
    func hasLeft(_ client: borrowing Client) -> Bool {
        client.isGone || client.hasHungUp && (intake.isDone || isUploadFull)
    }

    private func state(_ client: borrowing Client) -> Clocks.State {
        Clocks.State(
            isBodyAwaited: !intake.isDone && !isUploadFull,
            isAnswerAwaited: isAnswerAwaited && client.outbox.isEmpty,
            isHeldUp: isHeldUp && client.outbox.isEmpty,
            isUploading: transfer?.upload.hasMore ?? false,
            isAnswered: isMet,
            isCallerAwaited: !client.outbox.isEmpty)
    }

    /// Whether the upstream is to act: to answer, to go on, or to take what waits for it.
    private var isAnswerAwaited: Bool {
        guard let transfer, !transfer.isHeld, transfer.result == nil else { return false }
        return isMet || intake.isDone || transfer.upload.hasMore
    }

    /// Whether the caller gets a stream, or has asked for one of which it has heard nothing.
    private func isStreamAwaited(_ exchange: borrowing Exchange) -> Bool {
        if exchange.isHeadOut { return passing?.isStream ?? false }
        guard let candidate, transfer != nil || isHeldUp else { return false }
        if candidate.isTranslation { return conversation?.asked.isStreamed ?? false }
        return !isMet && intake.isStreamed && exchange.caller.marksEnd(path: exchange.path)
    }

    /// Nobody is late of whom something came in this round: it may have been us who were not let run.
    private mutating func checkClocks(
        _ client: inout Client, _ upstreams: Upstreams?, _ exchange: inout Exchange, since: Arrivals
    ) throws(Failure) {
        let now = arrivals(client)
        if now.hasEnded, !since.hasEnded { return }
        var state = state(client)
        if now.ofCaller > since.ofCaller { state.isBodyAwaited = false }
        if now.ofUpstream > since.ofUpstream || now.hasHead && !since.hasHead {
            state.isAnswerAwaited = false
        }
        switch clocks.over(state) {
        case nil: return
        case .ping?: ping(&client, &exchange)
        case .failure(let failure)?:
            if failure.code == .callerStalled { throw failure }
            try recover(from: failure, &client, upstreams, exchange)
        }
    }
}
