// SPDX-License-Identifier: MIT

import Digest
import HTTP
import KeyLog
import Model
import Settings
import Unix

/// What admission to administration goes by: the operator's key, the secret that signs, and how often each
/// source may be wrong.
struct Gate {
    let settings: Settings
    /// nil: there is no live page, so nobody can sign in, and wrong tries are counted by the acceptor alone.
    private let signIns: SignIns?

    init(_ settings: Settings, _ page: LivePage?) {
        self.settings = settings
        signIns = page?.signIns
    }

    /// What signs.
    var signingKey: SigningKey {
        let random = { randomBytes(SignIns.secretCount) }
        return SigningKey(
            secret: signIns?.secret(orMade: random) ?? random(), hash: settings.admin?.value ?? "")
    }

    /// Whether the page can be signed in to.
    var canSignIn: Bool { signIns != nil && settings.admin != nil }

    /// How somebody would be let in without showing anything; nil: not at all.
    func way(of head: RequestHead, _ peer: Peer, at now: Int) -> Admin.Way? {
        if Admin.isAtSocket(head, peer) { return .socket }
        return SignIn.cookie(in: head).flatMap { SignIn($0, signingKey, at: now) }.map { .signIn($0) }
    }

    /// Ends every sign-in.
    func endAll() { signIns?.renew(randomBytes(SignIns.secretCount)) }

    /// Throws where this is not the admin key, or too many of this source were not.
    ///
    /// A try is counted before it is looked at, and a right one given back: many at once win nothing.
    func check(key: String, of source: String) throws(Failure) {
        guard let hash = settings.admin?.value else { throw Admin.closed }
        let moment = Monotonic.now() / 100_000_000
        if let wait = signIns?.take(source, at: moment) {
            throw Failure(.adminWait, "Too many wrong admin keys from this address.", retryAfter: wait)
        }
        guard isEqual(Hash.hex(key, 64), hash) else { throw Gate.wrong }
        signIns?.giveBack(source, at: moment)
    }

    private static let wrong = Failure(.adminKey, "Incorrect admin key provided.")
}

extension Gateway {
    /// What all processes share; nil: there is no such page.
    var page: LivePage? { meter?.page }
}
