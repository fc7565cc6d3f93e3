// SPDX-License-Identifier: MIT

import Digest
import HTTP
import Model
import Settings
import Unix

// The request's way.
extension Relay {
    mutating func takeIn(_ client: inout Client, _ endpoint: Endpoint) throws(Failure) {
        if !intake.isDone, !isUploadFull, !client.inbox.isEmpty {
            let before = intake.held.count
            try intake.take(&client.inbox)
            trace.request(intake.held[before...])
            clocks.bodyCame(intake.received)
        }
        if gateway.isRouted || isNamed { try checkName() }
        guard let transfer, let candidate, candidate.isRelay else { return }
        if intake.reference.member != nil { try checkAccount(candidate, endpoint) }
        if transfer.upload.isComplete { return }
        intake.release(to: &transfer.upload)
        transfer.resumeUpload()
    }

    /// Throws when two who read the body could take two names for the model's.
    func checkName() throws(Failure) {
        if isListed, intake.namesMore {
            throw Failure(
                .modelNotAllowed,
                "This API key is limited by models: the members 'models' and 'fallbacks', which name others, are not for it.",
                param: "model")
        }
        guard intake.isAmbiguous else { return }
        throw Failure(
            .invalidMember, "'model' must stand once in the body, and be a short text.", param: "model")
    }

    /// Sends the request on its way, or answers it; true: the exchange is over.
    mutating func launch(
        _ candidate: Candidate, _ client: inout Client, _ upstreams: inout Upstreams?,
        _ exchange: inout Exchange
    ) throws(Failure) -> Bool {
        resume = nil
        try checkAccount(candidate, exchange.endpoint)
        if try serveHere(candidate, &client, &exchange) { return true }
        guard let side = candidate.side, !needsMore(candidate, exchange) else { return false }
        var credential = try Credential(for: candidate.upstream, exchange, head)
        if side.transport == .webSocket {
            credential.token = try side.provider.token(
                for: identity(credential, candidate.upstream), candidate.provider)
        }
        if candidate.isTranslation, let dialogues = side.dialogues,
            try !enter(candidate, dialogues, credential, &exchange)
        {
            return false
        }
        if upstreams == nil { upstreams = try? Upstreams() }
        guard let upstreams, let transfer = upstreams.begin() else {
            throw Failure(.internalError, "libcurl cannot be started.")
        }
        clocks.start(try prepare(transfer, candidate, side, credential, &exchange), isFirst: errands == nil)
        self.credential = credential
        self.transfer = transfer
        upstreams.start(transfer)
        return false
    }

    /// In whose name an upstream is called.
    private func identity(_ credential: Credential, _ upstream: Upstream) -> Identity {
        let key = Caller.key(in: head)
        return Identity(
            key: credential.key,
            isCallers: upstream.key == .caller || gateway.settings.callers == .upstream,
            caller: key.isEmpty ? [] : Hash.sha256(key))
    }

    /// Whether all of the request must be here before any of it can go on.
    private func needsMore(_ candidate: Candidate, _ exchange: borrowing Exchange) -> Bool {
        let isRead = candidate.isRead || candidate.isRelay && exchange.endpoint.isMended
        return isRead && head.method == "POST" && !intake.isDone
    }

    /// Sets the transfer up; the answer is how long it may take.
    private mutating func prepare(
        _ transfer: Transfer, _ candidate: Candidate, _ side: HTTPSide, _ credential: Credential,
        _ exchange: inout Exchange
    ) throws(Failure) -> Timeout {
        switch candidate.road {
        case .relay where isListed && isAskingForList(exchange):
            Call(listing: candidate, side, credential).prepare(transfer, body: .none)
            passing = narrowListing(exchange)
        case .relay: try relay(transfer, candidate, credential, &exchange)
        case .translation:
            if let errand = errands?.next() {
                errand.prepare(transfer)
                passing = Chore(waiting)
                return errand.timeout
            }
            try translate(transfer, candidate, side, credential, &exchange)
        case .embeddings(let client, let provider):
            try embed(transfer, candidate, client, provider, credential, &exchange)
        default: return list(transfer, candidate, side, credential, exchange)
        }
        return candidate.upstream.timeout
    }

    private func isAskingForList(_ exchange: borrowing Exchange) -> Bool {
        ["GET", "HEAD"].contains(head.method) && exchange.path == exchange.caller.modelsPath
    }

    /// The provider's models.
    private mutating func list(
        _ transfer: Transfer, _ candidate: Candidate, _ side: HTTPSide, _ credential: Credential,
        _ exchange: borrowing Exchange
    ) -> Timeout {
        guard let dialogues = side.dialogues else {
            Call(listing: candidate, side, credential).prepare(transfer, body: .none)
            passing = listing(candidate, side, exchange)
            return candidate.upstream.timeout
        }
        let errand = Call.Errand(dialogues.inquiry(candidate.provider), candidate, credential)
        errand.prepare(transfer)
        passing = catalogueListing(candidate, dialogues, exchange)
        return errand.timeout
    }

    /// The caller's own bytes.
    private mutating func relay(
        _ transfer: Transfer, _ candidate: Candidate, _ credential: Credential, _ exchange: inout Exchange
    ) throws(Failure) {
        exchange.losses = []
        if exchange.endpoint.isMended, head.method == "POST" { try mend(&exchange) }
        if let model = candidate.model, bearsModel || intake.model != nil { intake.replaceModel(with: model) }
        let length = intake.length
        intake.release(to: &transfer.upload)
        Call(relaying: head, exchange.endpoint, to: candidate, credential)
            .prepare(transfer, body: isBodiless ? .none : Call.Body(transfer.upload, length: length))
    }

    /// Takes out what a provider of the caller's own dialect would refuse though the caller has it from us
    /// (T41).
    private mutating func mend(_ exchange: inout Exchange) throws(Failure) {
        guard let (body, losses) = exchange.caller.mend(intake.held) else { return }
        if gateway.settings.strict, let loss = losses.first { throw loss.refusal }
        try intake.replaceContent(with: body)
        exchange.losses = losses
    }

    private var isBodiless: Bool { head.framing == .none || head.method == "HEAD" }

    var isUploadFull: Bool { (transfer?.upload.waiting ?? 0) > Relay.waitingLimit }
}
