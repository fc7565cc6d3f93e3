// SPDX-License-Identifier: MIT

import HTTP
import KeyLog
import Model
import Settings
import Unix

/// What one request takes of its key's limits, and where they stand.
struct Share {
    var requests: Window.State?
    var tokens: Budgets.State?
    /// Taken in advance, and not yet settled.
    var reservation: Reservation?

    var isEmpty: Bool { requests == nil && tokens == nil }
}

// Whether a request is served, before anything of its body is read.
extension Exchange {
    /// What the issued key allows that came with the request; nil: none came.
    var grant: Grant? { standing.grant }

    /// Throws when this caller is not served, or not now.
    mutating func admit(_ head: RequestHead) throws(Failure) {
        standing = try Caller.standing(of: head, key: key, peer, gateway)
        if let grant { note(grant) }
        try Caller.admit(standing, head, gateway.settings)
        if gateway.settings.trusts(proxy: peer.address) { try countAtOnce() }
        if gateway.settings.limits.perAddress != Rates(), caller.isConversation(path: path) {
            try countAddress()
        }
        if let grant { try count(grant) }
    }

    /// The request is on the account of this key.
    mutating func note(_ grant: Grant) {
        (record.keyID, record.user) = (grant.id, grant.user)
        slot?.noteNumbers(record)
    }

    private mutating func count(_ grant: Grant) throws(Failure) {
        let limit = grant.allowance.requestsPerMinute
        guard limit > 0, let page = gateway.meter?.page else { return }
        let state = page.take(key: grant.id, Window(seconds: 60, limit: limit), at: Moment.now().tenths)
        share.requests = state
        guard !state.passes else { return }
        throw Failure(
            .keyRequests,
            "Rate limit reached for this API key: \(limit) requests per minute. Try again in \(state.reset) s.",
            retryAfter: state.reset)
    }

    /// Of a listed proxy the connections do not count: the requests of each client of its do, while they run.
    private func countAtOnce() throws(Failure) {
        let limit = gateway.settings.limits.perSource
        guard let slot, let page = gateway.meter?.page, page.enter(slot, from: source) > limit else { return }
        page.leave(slot)
        throw Failure(
            .addressBusy,
            "This address has \(limit) requests running, and may have no more at once. Try again when one is done.",
            retryAfter: 1)
    }

    /// What is counted by: the client's address, which only a listed proxy may name, and of IPv6 the /64.
    private var source: String {
        address == peer.address ? peer.source : Peer(road: .network, address: address).source
    }

    private func countAddress() throws(Failure) {
        let rates = gateway.settings.limits.perAddress
        guard let page = gateway.meter?.page else { return }
        let windows = zip(Exchange.spans, [rates.minute, rates.hour, rates.day])
            .map { Window(seconds: $0.seconds, limit: $1) }
        guard let state = page.take(address: source, windows, at: Moment.now().tenths), !state.passes else {
            return
        }
        let span = zip(Exchange.spans, windows).first { $1.limit == state.limit }?.0.name ?? "minute"
        throw Failure(
            .addressRequests,
            "Rate limit reached for this address: \(state.limit) requests per \(span). Try again in \(state.reset) s.",
            retryAfter: state.reset)
    }

    private struct Span {
        let name: String
        let seconds: Int
    }

    private static let spans = [
        Span(name: "minute", seconds: 60), Span(name: "hour", seconds: 3600),
        Span(name: "day", seconds: 86400),
    ]
}

// Tokens.
extension Exchange {
    /// Takes of the key's budget what the request may come to.
    mutating func reserve(_ cost: Cost) throws(Failure) {
        guard let grant, share.reservation == nil else { return }
        record.input = cost.input
        record.isEstimated = true
        let limit = grant.allowance.tokensPerDay
        guard limit > 0, let budgets = gateway.budgets else { return slot?.noteNumbers(record) ?? () }
        let (need, wish) = (cost.least, cost.most)
        do throws(Errno) {
            let (reservation, state) = try budgets.reserve(
                need, upTo: wish, of: grant.id, limit: limit, at: .now())
            (share.reservation, share.tokens) = (reservation, state)
        } catch {
            (record.input, record.isEstimated) = (0, false)
            throw Exchange.unkept
        }
        guard let reservation = share.reservation else {
            (record.input, record.isEstimated) = (0, false)
            throw spent(limit, need: need)
        }
        slot?.noteNumbers(record)
        slot?.hold(reservation)
    }

    private func spent(_ limit: Int, need: Int) -> Failure {
        let (left, reset) = (share.tokens?.left ?? 0, share.tokens?.reset ?? 0)
        var failure = Failure(
            .keyTokens,
            "The budget of this API key is \(limit) tokens per day: \(left) are left, and this request may take \(need). It starts anew in \(reset) s, at midnight UTC.",
            retryAfter: reset)
        failure.isFinal = true
        return failure
    }

    private static let unkept = Failure(
        .budgetUnkept, "The gateway cannot keep the budget of this API key now; try again in a moment.",
        retryAfter: 10)

    /// Puts what it came to in the place of what was taken.
    mutating func settle() {
        guard record.keyID != 0 else { return }
        // What the upstream refused cost nothing.
        if record.isEstimated, !(200..<300).contains(record.status), record.ended != "gone" {
            (record.input, record.output, record.isEstimated) = (0, 0, false)
        }
        slot?.noteNumbers(record)
        // If we end here, whoever settles our slot finds it settled.
        if let reservation = share.reservation {
            slot?.hold(reservation.settled(by: record.input + record.output, at: .now()))
        }
        gateway.settle(record, share.reservation)
        share.reservation = nil
    }

    /// Tells a caller with limits where they stand; what an upstream says of the operator's own is not theirs
    /// to know.
    func tellQuotas(_ fields: inout Fields) {
        guard !share.isEmpty else { return }
        let theirs = Names([], prefixes: [caller.quotaPrefix])
        for field in fields where theirs.contains(field.name) { fields.remove(field.name) }
        let now = Moment.now().seconds
        let states = [
            (Quota.Kind.requests, share.requests.map { ($0.limit, $0.left, $0.reset) }),
            (.tokens, share.tokens.map { ($0.limit, $0.left, $0.reset) }),
        ]
        for case (let kind, let (limit, left, reset)?) in states {
            let quota = Quota(
                limit: limit, left: left, reset: reset, resetTime: Moment(seconds: now + reset).rfc3339)
            for (name, value) in caller.quotaFields(kind, quota) { fields.append(name, value) }
        }
    }
}

extension Moment {
    /// Tenths of a second since 1970.
    var tenths: Int { seconds * 10 + milliseconds / 100 }
    /// `2026-11-21T02:19:00Z`.
    fileprivate var rfc3339: String { "\(plain.replacing(" ", with: "T"))Z" }
}
