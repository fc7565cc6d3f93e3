// SPDX-License-Identifier: MIT

import HTTP
import Model
import Settings
import Unix

// The account at a provider that the operator's key opens: files, batches, stored answers and all else that is
// kept there. Callers who share the key are strangers to each other, so they are to what is kept.
extension Exchange {
    /// Whether the upstream's account is not this caller's to look into.
    func isStranger(to upstream: Upstream) -> Bool {
        if upstream.key == .caller || gateway.settings.callers == .upstream { return false }
        switch (standing, upstream.account) {
        // Its key is refused there anyway.
        case (.own, _), (_, .open): return false
        // Relay Bartender's callers were all served alike.
        case (.open, .local): return !isLocal && gateway.settings.profile != .bartender
        case (.issued, .local), (_, .closed): return true
        }
    }

    /// Whether a caller without a key is on this machine: the operator has said nothing else of callers, and behind a
    /// unix socket nobody says that it came from elsewhere.
    private var isLocal: Bool {
        guard gateway.settings.callers == nil else { return false }
        return peer.road == .network || !(head.map(Caller.isForwarded) ?? true)
    }
}

extension Relay {
    /// Whether an answer to the request comes of the request alone: it goes by the model that it names, or asks for
    /// the models themselves.
    private func isAlone(_ endpoint: Endpoint) -> Bool {
        if bearsModel { return true }
        let isAsking = ["GET", "HEAD", "OPTIONS"].contains(head.method) && endpoint.isModels
        return isAsking || head.method == "OPTIONS" && endpoint.caller.bearsModel(path: endpoint.path)
    }

    /// Throws before anything of the body is read, where no upstream would be asked.
    func checkAccounts(_ endpoint: Endpoint) throws(Failure) {
        guard !strangeTo.isEmpty, !isAlone(endpoint) else { return }
        let asked = gateway.settings.upstreams.contains { upstream in
            !strangeTo.contains(upstream.name) || !Plan.isRelayed(endpoint, upstream, gateway)
        }
        if !asked { throw closedEndpoint }
    }

    /// Throws where the request would reach what is kept in an account that is not the caller's.
    func checkAccount(_ candidate: Candidate, _ endpoint: Endpoint) throws(Failure) {
        guard strangeTo.contains(candidate.upstream.name) else { return }
        switch candidate.road {
        case .relay: if !isAlone(endpoint) { throw closedEndpoint }
        case .translation:
            guard let side = candidate.side?.provider,
                side.coverage(of: .fileIDs, candidate.provider) == .carried
            else { return }
        default: return
        }
        guard let member = intake.reference.member else { return }
        throw Failure(
            .accountClosed,
            "'\(member)' names something that is kept in the account behind this gateway, which its callers share: "
                + "send the content itself in its place (operator: 'account: open' of the upstream opens the account).",
            param: member)
    }

    private var closedEndpoint: Failure {
        Failure(
            .accountClosed,
            "\(head.method) \(head.target.path) reaches into the account behind this gateway, which its callers share: "
                + "only what goes by the model that a request names, and the lists of models, is open to them "
                + "(operator: 'account: open' of the upstream opens the account).")
    }
}
