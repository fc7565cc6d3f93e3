// SPDX-License-Identifier: MIT

import HTTP
import Model
import Settings
import Unix

/// Who asks, and whether they may (promise 8): the operator's upstreams serve only callers who may use them.
enum Caller {
    /// The key that came with the request, in any of the fields that clients use; empty: none.
    static func key(in head: RequestHead) -> String {
        if let value = head.fields["Authorization"], isBearer(value) {
            return trimmed(value.dropFirst(scheme.count))
        }
        return head.fields["x-api-key"] ?? head.fields["api-key"] ?? ""
    }

    /// Whether `Authorization` has the form in which a key comes.
    static func bearsKey(_ head: RequestHead) -> Bool { head.fields["Authorization"].map(isBearer) ?? false }

    private static let scheme = "bearer "

    private static func isBearer(_ value: String) -> Bool {
        String(decoding: value.utf8.prefix(scheme.utf8.count), as: UTF8.self).lowercased() == scheme
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " })
    }

    /// What may say that a request came from elsewhere.
    ///
    /// Such fields take permission away, and never give it.
    private static let forwarding = Names(["forwarded", "x-real-ip", "via"], prefixes: ["x-forwarded-"])

    /// Whether something says that the request came from elsewhere.
    static func isForwarded(_ head: RequestHead) -> Bool {
        head.fields.contains { forwarding.contains($0.name) }
    }

    /// Whether this request is served without a key that matters.
    static func isTrusted(_ settings: Settings, _ head: RequestHead, _ peer: Peer) -> Bool {
        switch settings.callers {
        case .open: true
        case .issued, .upstream: false
        case nil:
            peer.road != .network || peer.isLoopback && !isForwarded(head)
        }
    }

    /// Throws when no upstream at all serves this caller, so that nothing of a stranger's body is read.
    static func admit(_ standing: Standing, _ head: RequestHead, _ settings: Settings) throws(Failure) {
        var refusal: Failure?
        for upstream in settings.upstreams {
            do throws(Failure) {
                _ = try credential(for: upstream, standing, head, settings)
                return
            } catch {
                refusal = error
            }
        }
        if let refusal { throw refusal }
    }

    /// The key to send upstream; nil: none.
    ///
    /// A key that we issued is never sent.
    /// Throws when the caller may not use this upstream.
    static func credential(
        for upstream: Upstream, _ standing: Standing, _ head: RequestHead, _ settings: Settings
    ) throws(Failure) -> String? {
        if upstream.key == .caller || settings.callers == .upstream {
            let own = try ownKey(standing, head)
            if own.isEmpty, upstream.key != .caller { throw missing(head, settings) }
            return own.isEmpty ? nil : own
        }
        if case .own(let key) = standing { throw key.isEmpty ? missing(head, settings) : refused(settings) }
        guard case .secret(let secret) = upstream.key else { return nil }
        return secret.value
    }

    private static func ownKey(_ standing: Standing, _ head: RequestHead) throws(Failure) -> String {
        switch standing {
        case .issued: throw needsOwn
        case .own(let key): key
        case .open: key(in: head)
        }
    }

    private static let needsOwn = Failure(
        .needsOwnKey,
        "This upstream wants its provider's own API key of yours; keys of this gateway are not passed on to it."
    )

    private static func missing(_ head: RequestHead, _ settings: Settings) -> Failure {
        if head.fields.contains("Authorization"), !bearsKey(head) {
            return Failure(
                .missingKey,
                "The Authorization field has another form than 'Authorization: Bearer <your-api-key>'.")
        }
        let said = "You didn't provide an API key: include 'Authorization: Bearer <your-api-key>'."
        return Failure(.missingKey, "\(said) \(rule(settings))")
    }

    private static func refused(_ settings: Settings) -> Failure {
        Failure(.refusedKey, "Incorrect API key provided. \(rule(settings))")
    }

    /// Who is served, and what the operator can do about it.
    private static func rule(_ settings: Settings) -> String {
        switch settings.callers {
        case .issued:
            "This gateway serves only keys that its operator has issued (operator: 'edgefilter keys issue')."
        case .upstream: "This gateway wants its provider's own key of each caller."
        case .open, nil:
            "Without a key that its operator has issued, this gateway serves callers on its own machine alone, and "
                + "through no proxy (operator: 'edgefilter keys issue' makes a key, 'callers: open' serves everyone)."
        }
    }

    /// The client's address: the peer's, or behind a listed proxy the last one that no listed proxy added.
    static func address(in head: RequestHead, _ peer: Peer, _ settings: Settings) -> String {
        guard settings.trusts(proxy: peer.address) else { return peer.address }
        let chain = head.fields.list("X-Forwarded-For").reversed()
        return chain.first { !settings.trusts(proxy: $0) } ?? chain.last ?? head.fields["X-Real-IP"]
            ?? peer.address
    }
}
