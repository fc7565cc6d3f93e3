// SPDX-License-Identifier: MIT

import HTTP
import KeyLog
import Model
import Settings
import Unix

/// Who a caller is, as far as it decides what may be done for it; found anew for each request, so that a
/// revoked key is refused by the next one.
enum Standing: Equatable {
    /// Served without a key that matters (promise 8); it may have brought one for an upstream all the same.
    case open
    /// Has this key, which is none of ours; empty: none at all.
    case own(String)
    /// Holds a key that the operator issued.
    case issued(Grant)

    /// What the issued key allows; nil: there is none.
    var grant: Grant? { if case .issued(let grant) = self { grant } else { nil } }
}

extension Caller {
    /// Who asks.
    ///
    /// Throws where a key is shown that has the form of ours and is not good. Only then anything is looked
    /// up.
    static func standing(
        of head: RequestHead, _ peer: Peer, _ gateway: Gateway
    ) throws(Failure) -> Standing {
        try standing(of: head, key: key(in: head), peer, gateway)
    }

    /// The same where the key that the head holds is known.
    static func standing(
        of head: RequestHead, key: String, _ peer: Peer, _ gateway: Gateway
    ) throws(Failure) -> Standing {
        if IssuedKey.looksIssued(key) { return .issued(try grant(of: key, gateway)) }
        if IssuedKey.isWithin(key) { throw wrapped }
        return isTrusted(gateway.settings, head, peer) ? .open : .own(key)
    }

    private static func grant(of text: String, _ gateway: Gateway) throws(Failure) -> Grant {
        guard let key = IssuedKey(text) else { throw malformed }
        var found: Grant?
        do throws(Errno) { found = try gateway.keys?.find(key) } catch { throw unreadable }
        guard let grant = found else { throw unknown }
        try check(grant, gateway)
        return grant
    }

    private static func check(_ grant: Grant, _ gateway: Gateway) throws(Failure) {
        guard !grant.isRevoked else {
            // A user's keys are revoked with the user.
            let user = try? gateway.keys?.user(grant.user)
            throw user?.isRemoved ?? false ? removed : revoked
        }
        if grant.hasExpired(at: Moment.now().seconds) {
            let end = grant.allowance.expires
            throw Failure(
                .expiredKey,
                "This API key expired at \(Moment(seconds: end).plain) UTC. Ask the operator of this gateway for a new one."
            )
        }
    }

    private static let malformed = Failure(
        .malformedKey,
        "Incorrect API key provided: its checksum is wrong, so it is mistyped or cut off. Copy it again, all of it."
    )
    private static let wrapped = Failure(
        .malformedKey,
        "Incorrect API key provided: it must stand alone, as 'Authorization: Bearer <your-api-key>' or 'x-api-key: <your-api-key>'."
    )
    private static let unknown = Failure(
        .unknownKey,
        "Incorrect API key provided: this gateway never issued it. Ask its operator for a key.")
    private static let revoked = Failure(
        .revokedKey, "This API key was revoked. Ask the operator of this gateway for a new one.")
    private static let removed = Failure(
        .removedUser, "The user of this API key was removed. Ask the operator of this gateway.")
    private static let unreadable = Failure(
        .keysUnreadable, "The gateway cannot read its keys; try again in a moment.", retryAfter: 5)
}
