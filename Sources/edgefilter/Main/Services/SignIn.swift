// SPDX-License-Identifier: MIT

import Digest
import HTTP
import Model

/// Somebody who has shown the admin key to the page: a cookie that says until when, signed.
///
///     cookie = expiry "." nonce "." mac        seconds since 1970; 16 random bytes and 32 of HMAC-SHA-256 in base64url
///
/// The page proves with each change that it could read its token, which no other site's page can. A machine
/// without a clock.
struct SignIn: Equatable {
    /// Seconds since 1970.
    let expires: Int
    private let nonce: String

    /// Seconds that it is good for.
    static let life = 3600
    /// The field that bears the page's token.
    static let tokenField = "X-CSRF-Token"

    private static let name = "edgefilter-admin"
    /// A browser takes a cookie of this name over https only, from this very host, for all its paths (RFC
    /// 6265bis, section 4.1.3.2).
    private static let safeName = "__Host-edgefilter-admin"

    /// A new one; `random`: 16 bytes of the kernel.
    init(at now: Int, random: [UInt8]) {
        expires = now + SignIn.life
        nonce = Base64.url.encoded(random)
    }

    /// The one that a cookie says; nil: it is over, or none of ours.
    init?(_ cookie: String, _ key: SigningKey, at now: Int) {
        let parts = cookie.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let expires = Int(parts[0]), now < expires, expires <= now + SignIn.life
        else {
            return nil
        }
        self.expires = expires
        nonce = parts[1]
        guard isEqual(parts[2], mac("cookie", key)) else { return nil }
    }

    /// What the page sends with each change.
    func token(_ key: SigningKey) -> String { mac("token", key) }

    /// Throws where a request that changes something does not bear the token.
    func checkToken(in head: RequestHead, _ key: SigningKey) throws(Failure) {
        guard isEqual(head.fields[SignIn.tokenField] ?? "", token(key)) else {
            throw Failure(
                .forged,
                "A change needs the token of the page in the field \(SignIn.tokenField); reload the page.")
        }
    }

    /// The field that gives the cookie to the browser.
    func setCookie(_ key: SigningKey, isSecure: Bool) -> String {
        SignIn.field("\(expires).\(nonce).\(mac("cookie", key))", SignIn.life, isSecure)
    }

    /// The field that takes it back.
    static func clearCookie(isSecure: Bool) -> String { field("", 0, isSecure) }

    private static func field(_ value: String, _ age: Int, _ isSecure: Bool) -> String {
        "\(isSecure ? safeName : name)=\(value); Path=/; Max-Age=\(age); HttpOnly; SameSite=Strict"
            + (isSecure ? "; Secure" : "")
    }

    /// Our cookie's value; nil: none came.
    static func cookie(in head: RequestHead) -> String? {
        let pairs = head.fields.values("Cookie").flatMap { $0.split(separator: ";") }
        for name in [safeName, name] {
            for pair in pairs.map({ $0.drop { $0 == " " } }) where pair.hasPrefix("\(name)=") {
                return String(pair.dropFirst(name.count + 1))
            }
        }
        return nil
    }

    private func mac(_ purpose: String, _ key: SigningKey) -> String {
        key.mac("\(purpose).\(expires).\(nonce)")
    }
}

/// What signs: a secret of this machine, and the admin key's hash, so that a new key ends all sign-ins.
struct SigningKey {
    private let secret: [UInt8]
    private let hash: String

    init(secret: [UInt8], hash: String) {
        self.secret = secret
        self.hash = hash
    }

    fileprivate func mac(_ text: String) -> String {
        Base64.url.encoded(Hash.hmac(of: Array("\(hash).\(text)".utf8), key: secret))
    }
}

/// Whether two texts are the same, in a time that tells nothing of where they differ.
func isEqual(_ one: String, _ other: String) -> Bool {
    let (one, other) = (Array(one.utf8), Array(other.utf8))
    guard one.count == other.count, !one.isEmpty else { return false }
    return zip(one, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
}
