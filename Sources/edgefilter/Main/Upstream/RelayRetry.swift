// SPDX-License-Identifier: MIT

import HTTP
import Model
import Settings
import Unix

// What a failure leads to.
extension Relay {
    /// Sends the request once more, or tells the caller.
    mutating func recover(
        from failure: Failure, _ client: inout Client, _ upstreams: Upstreams?,
        _ exchange: borrowing Exchange
    ) throws(Failure) {
        if errands?.forgive(failure) ?? false { return restart(upstreams) }
        if takesStopgap(after: failure, upstreams) { return }
        if triesAgain(after: failure, upstreams, exchange) || mends(failure, upstreams) { return }
        try breakOff(told(failure), &client, exchange)
    }

    /// Whether the request goes out once more, after a failure of which the caller has not heard.
    mutating func triesAgain(
        after failure: Failure, _ upstreams: Upstreams?, _ exchange: borrowing Exchange
    ) -> Bool {
        guard !exchange.isHeadOut, let transfer, isRepeatable(transfer) else { return false }
        let before = tries
        note(failure)
        resume = .past
        if !isAmended(after: failure) {
            switch step(after: failure, exchange) {
            case .none:
                tries = before
                return false
            case .again(let pause): resume = Deadline(in: pause)
            case .next:
                conversation?.sent = nil
                errands = nil
            }
        }
        upstreams?.drop()
        if before?.current.isRelay ?? false { intake.takeBack(&transfer.upload) }
        (self.transfer, passing) = (nil, nil)
        (isAgain, isMet) = (false, false)
        return true
    }

    /// What the failure leads to; an upstream that would not serve this caller, or nothing of this kind, is
    /// none to go on to: the caller hears of the failure, and not of that.
    private mutating func step(after failure: Failure, _ exchange: borrowing Exchange) -> Tries.Step {
        let first = candidate?.upstream
        let step = tries?.step(after: failure) ?? .none
        guard step == .next else { return step }
        while let candidate, !serves(candidate, after: first, exchange) {
            guard tries?.skip() ?? false else { return .none }
        }
        return .next
    }

    /// A caller's own key goes to nobody but the host that it was first sent to.
    private func serves(
        _ candidate: Candidate, after first: Upstream?, _ exchange: borrowing Exchange
    ) -> Bool {
        if case .none = candidate.road { return false }
        guard let next = try? Credential(for: candidate.upstream, exchange, head) else { return false }
        return next.isOurs || next.key == nil || candidate.upstream.base?.host == first?.base?.host
    }

    /// Whether all that was sent can be sent again: what was translated can be written anew.
    private func isRepeatable(_ transfer: Transfer) -> Bool {
        if passing?.hasBegun ?? false { return false }
        return !(candidate?.isRelay ?? false) || transfer.upload.isRepeatable
    }

    /// Whether the refusal says what to change, and that was changed.
    private mutating func isAmended(after failure: Failure) -> Bool {
        if errands?.mend(after: failure) ?? false {
            conversation?.sent = nil
            return true
        }
        guard let candidate, candidate.isTranslation, let side = candidate.side, failure.status == 400,
            var request = conversation?.sent, tries?.mayAmend() ?? false,
            side.provider.amend(&request, after: failure, candidate.provider)
        else { return false }
        conversation?.sent = request
        return true
    }

    /// A refusal that another try may avoid is looked at before it goes on; of it not more than fits.
    ///
    /// True: the rest of it must come first.
    func isHeldBack(_ head: ResponseHead, _ transfer: Transfer) -> Bool {
        guard isDoubtful(head), transfer.result == nil else { return false }
        transfer.bodyLimit = Relay.doubtLimit
        transfer.resumeBody()
        return !transfer.isHeld
    }

    private static let doubtLimit = 64 << 10

    /// Whether another try may come to a better end than this relayed refusal.
    func isDoubtful(_ head: ResponseHead) -> Bool {
        guard passing == nil, let candidate, candidate.isRelay, let tries, tries.isList else { return false }
        return head.status == 429 || head.status >= 500
    }

    /// What the upstream's dialect makes of a refusal.
    func failure(of refusal: Refusal) -> Failure {
        guard let candidate, let side = candidate.side else { return Failure(.internalError, "No provider.") }
        var body = refusal.body
        // Before its message is cut, which might leave the beginning of the key.
        for secret in secrets { body.replace(Array(secret.utf8), with: Array(Relay.mask.utf8)) }
        var failure = side.provider.readFailure(status: refusal.status, body: body, candidate.provider)
        if refusal.status == 404, failure.code == .upstreamNotFound { doubtAddress(&failure) }
        if let fields = transfer?.head?.fields, let wait = RetryAfter(fields, now: Moment.now().seconds) {
            failure.retryAfter = wait.seconds
            if wait.isCut, failure.code == .quotaExhausted { failure.isFinal = true }
        }
        return failure
    }

    /// A 404 that names no model may mean that the address is wrong: of a page, or of a framework that knows
    /// no such path.
    private func doubtAddress(_ failure: inout Failure) {
        let model = conversation?.sent?.model ?? ""
        let told = "\(failure.message) \(failure.word ?? "")"
        guard errands == nil, !failure.isOfModel, model.isEmpty || !told.contains(model) else { return }
        let message = failure.message.hasSuffix(".") ? String(failure.message.dropLast()) : failure.message
        failure.message = "\(message) (the provider may have no such address; operator: see base_url)."
    }

    /// A failure as the caller may hear of it: that the operator's key was refused is no affair of theirs,
    /// and the key itself least of all (T131).
    func told(_ failure: Failure) -> Failure {
        if ownKey != nil, failure.code == .upstreamKey || failure.code == .upstreamPermission {
            let what =
                gateway.settings.profile == .anuneko
                ? "token of this gateway (operator: see ANUNEKO_TOKEN)" : "key of this gateway"
            return Failure(.gatewayKey, "Backend request failed: the provider refuses the \(what).")
        }
        var failure = failure
        for secret in secrets {
            failure.message = failure.message.replacing(secret, with: Relay.mask)
            failure.word = failure.word?.replacing(secret, with: Relay.mask)
            failure.param = failure.param?.replacing(secret, with: Relay.mask)
        }
        return failure
    }

    /// What no message may hold.
    var secrets: [String] {
        let token = credential.map(\.token) ?? ""
        let fields = candidate?.upstream.headers ?? []
        let values = fields.filter { $0.isSensitive && $0.value.utf8.count >= Relay.shortestSecret }
        return (ownKey.map { [$0] } ?? []) + (token.isEmpty ? [] : [token]) + values.map(\.value)
    }

    /// The operator's key, when it is the one that was sent.
    private var ownKey: String? {
        guard let credential, credential.isOurs, let key = credential.key, !key.isEmpty else { return nil }
        return key
    }

    /// Of a field's value; a shorter one would tear holes into any text.
    private static let shortestSecret = 8
    private static let mask = "***"
}
