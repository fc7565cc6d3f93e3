// SPDX-License-Identifier: MIT

import HTTP
import Model
import Settings
import Unix

/// Who may administer: whoever connects to an admin socket of this machine, bears the admin key, or has
/// signed in with it.
enum Admin {
    /// How somebody came to be let in.
    enum Way: Equatable {
        case socket
        case key
        case signIn(SignIn)
    }

    /// Lets in, or throws.
    ///
    /// `now`: seconds since 1970.
    static func admit(_ head: RequestHead, _ peer: Peer, _ gate: Gate, at now: Int) throws(Failure) -> Way {
        try checkSite(head)
        if isAtSocket(head, peer) {
            if peer.road == .network { try Door.checkHost(head) }
            return .socket
        }
        let key = Caller.key(in: head)
        if !key.isEmpty {
            try gate.check(key: key, of: source(head, peer, gate.settings))
            return .key
        }
        guard let cookie = SignIn.cookie(in: head) else {
            throw gate.settings.admin == nil ? closed : missing
        }
        guard let signIn = SignIn(cookie, gate.signingKey, at: now) else { throw expired }
        if !isSafe(head.method) { try signIn.checkToken(in: head, gate.signingKey) }
        return .signIn(signIn)
    }

    /// Whether the connection itself is the permission.
    ///
    /// What says that a request came from elsewhere takes it away, and so does an address that is not of this
    /// machine.
    static func isAtSocket(_ head: RequestHead, _ peer: Peer) -> Bool {
        peer.isAdmin && (peer.road == .unix || peer.isLoopback) && !Caller.isForwarded(head)
    }

    /// Throws 403 for what a page of another site sends.
    ///
    /// No list of the operator's opens this: what may be read elsewhere may not be changed from there.
    static func checkSite(_ head: RequestHead) throws(Failure) {
        let site = head.fields["Sec-Fetch-Site"]?.lowercased() ?? "none"
        guard ["none", "same-origin"].contains(site) else { throw foreign("a page of another site") }
        guard let origin = head.fields["Origin"] else { return }
        guard let authority = head.authority else { throw foreign(origin) }
        let port = authority.port.map { ":\($0)" } ?? ""
        let own = ["http", "https"].map { "\($0)://\(authority.host)\(port)" }
        guard own.contains(origin.lowercased()) else { throw foreign(origin) }
    }

    /// Whether a method changes nothing (RFC 9110 section 9.2.1).
    static func isSafe(_ method: String) -> Bool { ["GET", "HEAD", "OPTIONS"].contains(method) }

    /// Whose tries are counted together.
    static func source(_ head: RequestHead, _ peer: Peer, _ settings: Settings) -> String {
        let address = Caller.address(in: head, peer, settings)
        return address == peer.address ? peer.source : Peer(road: .network, address: address).source
    }

    private static func foreign(_ whence: String) -> Failure {
        Failure(.foreignOrigin, "Administration is not open to \(whence).")
    }

    private static let missing = Failure(
        .adminOnly,
        "Administration needs the admin key: include 'Authorization: Bearer <admin-key>', sign in at /admin, or use the admin socket."
    )
    static let closed = Failure(
        .adminOnly,
        "Administration is open on the admin socket only (operator: 'edgefilter listen --admin localhost:8001' opens a "
            + "port of its own for this machine, 'admin.key' in the configuration whatever port to who has that key)."
    )
    private static let expired = Failure(
        .adminExpired, "The sign-in is over; sign in again.")
}
