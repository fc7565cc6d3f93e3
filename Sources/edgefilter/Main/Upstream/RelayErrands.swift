// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model
import Settings
import Unix

// Conversations that take more than one call.
extension Relay {
    /// How often a request looks whether another one is still in its session.
    private static let look = 50

    /// Makes ready for a conversation at a provider that holds it; false: another request is in its session.
    ///
    /// What cannot be asked for is refused here, before the provider hears anything.
    mutating func enter(
        _ candidate: Candidate, _ side: any DialogueSide, _ credential: Credential,
        _ exchange: inout Exchange
    ) throws(Failure) -> Bool {
        if errands != nil { return true }
        let asked = try checked(candidate, &exchange)
        guard let session = try session(asked, candidate, exchange.caller) else { return false }
        if sessionEnd == nil { clocks.expected() }
        sessionEnd = nil
        errands = Errands(Relay.outward(asked, candidate), at: candidate, credential, side, session)
        return true
    }

    /// The session that is asked for, or a new one; nil: another request is in it.
    private mutating func session(
        _ asked: Request, _ candidate: Candidate, _ caller: any ClientSide
    ) throws(Failure) -> HeldSession? {
        let owner = Dialogues.owner(key: Caller.key(in: head))
        guard caller.tellsDialogues, let store = gateway.dialogues else {
            let name = caller.tellsDialogues ? Dialogues.newName() : ""
            return HeldSession(nil, owner, name: name, model: asked.model)
        }
        if let name = asked.sessionName, store.find(name, of: owner, at: candidate) != nil {
            guard let hold = try hold(name, of: owner, store) else { return nil }
            var session = HeldSession(store, owner, name: name, model: asked.model, hold: hold)
            // As whoever held it left it.
            session.found = store.find(name, of: owner, at: candidate)
            // A stream that was told its name keeps it.
            if session.found != nil || waiting != nil { return session }
        }
        let fresh = Dialogues.newName()
        let hold = try hold(fresh, of: owner, store)
        return HeldSession(store, owner, name: fresh, model: asked.model, hold: hold)
    }

    private mutating func hold(
        _ name: String, of owner: String, _ store: Dialogues
    ) throws(Failure) -> Descriptor? {
        do throws(Errno) {
            if let hold = try store.lock(name, of: owner) { return hold }
        } catch {
            throw Failure(.internalError, "The session cannot be locked: \(error).")
        }
        if sessionEnd == nil { clocks.expected() }
        let end = sessionEnd ?? Deadline(in: gateway.settings.limits.sessionWait)
        sessionEnd = end
        guard !end.isOver else {
            throw Failure(
                .dialogueBusy,
                "Another request is in this session; wait for its answer, or leave out 'session_id'.",
                param: "session_id", retryAfter: 1)
        }
        resume = Deadline(in: Relay.look)
        return nil
    }

    /// Whether another request in the session must end first.
    var isHeldUp: Bool { sessionEnd != nil && errands == nil && transfer == nil }

    /// The answer to a call before the conversation has come.
    mutating func takeErrand(
        _ transfer: Transfer, _ candidate: Candidate, _ upstreams: Upstreams?
    ) throws(Failure) {
        if let failure = failure(of: transfer, candidate) { throw failure }
        guard let status = transfer.head?.status else {
            throw Failure(.brokenAnswer, "Backend request failed: it sent no answer.")
        }
        try errands?.take(status: status, body: (passing as? Chore)?.held ?? [])
        restart(upstreams)
    }

    /// Whether another errand mends a failure of the conversation, though the caller has a stream's head.
    mutating func mends(_ failure: Failure, _ upstreams: Upstreams?) -> Bool {
        guard waiting != nil, errands?.mend(after: failure) ?? false else { return false }
        note(failure)
        conversation?.sent = nil
        restart(upstreams)
        return true
    }

    /// The caller's stream, when its head is out and nothing of an answer.
    var waiting: Pump? {
        if let chore = passing as? Chore { return chore.stream }
        guard let pump = passing as? Pump, pump.isWaiting else { return nil }
        return pump
    }

    /// A stream for a caller who waits while errands run.
    func greeting(_ candidate: Candidate, _ exchange: borrowing Exchange) -> Pump? {
        guard var asked = conversation?.asked, let side = candidate.side else { return nil }
        asked.dialogue = errands?.dialogue ?? asked.sessionName.map { Dialogue(name: $0) }
        let reader = side.provider.replyReader(for: asked, Outgoing(), candidate.provider)
        return Pump(
            asked, from: reader, Outgoing(), to: addressee(asked, exchange),
            limits: gateway.settings.limits)
    }

    /// Makes way for the next call.
    mutating func restart(_ upstreams: Upstreams?) {
        upstreams?.drop()
        (transfer, passing) = (nil, waiting.map { Chore($0) })
        (isAgain, isMet) = (false, false)
        resume = .past
    }
}

extension Request {
    /// The name by which the caller goes on with a conversation; nil: it begins one.
    fileprivate var sessionName: String? {
        guard mentions.contains(.session) else { return nil }
        return extras.last { $0.name == Feature.session.rawValue }?.value.string
    }
}

extension Dialogues {
    /// The conversation of that name, if it is with this upstream.
    fileprivate func find(_ name: String, of owner: String, at candidate: Candidate) -> Keepsake? {
        find(name, of: owner).flatMap { $0.upstream == candidate.upstream.name ? $0 : nil }
    }
}
