// SPDX-License-Identifier: MIT

import HTTP
import KeyLog
import Model
import Settings
import Unix

/// What stands between a web page and the operator's money: where callers without a key are served, a page of
/// a foreign origin is turned away, and so is a name that was bent to point at us (DNS rebinding).
enum Door {
    /// The methods that are passed on.
    ///
    /// TRACE would show the caller's secrets, CONNECT would make us a tunnel.
    static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    /// Throws 405 for a method that we refuse, and 501 for one that nobody knows (RFC 9110 section 9.1).
    static func checkMethod(_ head: RequestHead) throws(Failure) {
        if methods.contains(head.method) { return }
        let isKnown = ["TRACE", "CONNECT"].contains(head.method)
        throw Failure(
            .wrongMethod, "The method \(head.method) is not supported.", status: isKnown ? 405 : 501)
    }

    /// Throws 426 for the handshake of a WebSocket, which callers are not served over.
    ///
    /// Who knows two ways, as Codex does, then takes HTTP at once; after any other answer it tries again first.
    static func checkUpgrade(_ head: RequestHead) throws(Failure) {
        guard head.method == "GET", head.fields.list("Upgrade").contains("websocket") else { return }
        throw Failure(
            .webSocket, "WebSocket is not supported here; send the request over HTTP instead.", status: 426)
    }

    /// Throws 400 for what two readers could read in two ways.
    static func checkForm(_ head: RequestHead) throws(Failure) {
        if head.target.climbs { throw Failure(.badHTTP, "The path must not contain '.' or '..' segments.") }
        if head.fields.count(named: "Authorization") > 1 {
            throw Failure(.badHTTP, "The field Authorization stands twice; it must stand once.")
        }
        if let query = head.target.query, query.utf8.count >= IssuedKey.length, IssuedKey.isWithin(query) {
            throw Failure(
                .malformedKey,
                "An API key must not stand in a URL, which goes on and into logs; send 'Authorization: Bearer <your-api-key>'."
            )
        }
    }

    /// Throws 403 before anything is done for such a request, and what `checkForm` throws.
    static func check(_ settings: Settings, _ head: RequestHead, _ peer: Peer) throws(Failure) {
        try checkForm(head)
        guard settings.servesKeyless(peer) else { return }
        try checkOrigin(settings, head)
        if settings.callers == nil, peer.road == .network { try checkHost(head) }
    }

    private static func checkOrigin(_ settings: Settings, _ head: RequestHead) throws(Failure) {
        let isCross = head.fields["Sec-Fetch-Site"]?.lowercased() == "cross-site"
        guard let origin = head.fields["Origin"] ?? (isCross ? "a cross-site page" : nil) else { return }
        if settings.lists(origin: origin) || isOwn(origin, head) { return }
        throw Failure(
            .foreignOrigin, "Requests from \(origin) are not allowed (operator: list it under 'cors').")
    }

    /// A page that we served ourselves.
    private static func isOwn(_ origin: String, _ head: RequestHead) -> Bool {
        guard let authority = head.authority, isLocal(authority.host) else { return false }
        let port = authority.port.map { ":\($0)" } ?? ""
        return origin == "http://\(authority.host)\(port)"
    }

    static func checkHost(_ head: RequestHead) throws(Failure) {
        guard let host = head.host, !isLocal(host) else { return }
        throw Failure(
            .foreignHost,
            "The host '\(host)' is not served to callers without a key; use localhost or an address (operator: see 'callers')."
        )
    }

    /// localhost or an address: names that no foreign name server can bend.
    private static func isLocal(_ host: String) -> Bool {
        let isNumeric = host.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
        return host == "localhost" || host.hasSuffix(".localhost") || host.hasPrefix("[") || isNumeric
    }
}

extension Settings {
    /// Whether this peer can be served without a key that matters.
    func servesKeyless(_ peer: Peer) -> Bool {
        guard callers != .issued, callers != .upstream, upstreams.contains(where: { $0.key != .caller })
        else { return false }
        return callers == .open || peer.road != .network || peer.isLoopback
    }

    /// Whether the operator listed the origin.
    func lists(origin: String) -> Bool { cors?.contains { $0 == "*" || $0 == origin } ?? false }
}

/// The fields that let web pages read our answers (https://fetch.spec.whatwg.org/#http-cors-protocol).
struct CORS {
    /// What `Access-Control-Allow-Origin` says; nil: nothing.
    private let allowed: String?
    /// Whether a web page asks.
    private let isPage: Bool

    init(_ settings: Settings, _ peer: Peer, origin: String?) {
        isPage = origin != nil
        if settings.cors?.contains("*") ?? !settings.servesKeyless(peer) {
            allowed = "*"
        } else {
            allowed = origin.flatMap { settings.lists(origin: $0) ? $0 : nil }
        }
    }

    private init() { (allowed, isPage) = (nil, false) }

    /// None of them.
    static let none = CORS()

    /// Adds them to an answer.
    ///
    /// They stand on errors and streams too.
    func mark(_ fields: inout Fields) {
        guard let allowed else { return }
        fields.append("Access-Control-Allow-Origin", allowed)
        if allowed != "*" { fields.append("Vary", "Origin") }
        // Else a page's SDK sees neither `Retry-After` nor what a translation lost. (Cookies are never allowed, so `*` is all.)
        if isPage { fields.append("Access-Control-Expose-Headers", "*") }
    }

    /// The answer to a preflight: what may be asked, for an hour.
    static func preflight(_ head: RequestHead) -> Fields {
        var names = ["Content-Type", "Authorization", "X-Requested-With"]
        let known = Set(names.map { $0.lowercased() })
        names += head.fields.list("Access-Control-Request-Headers").filter { !known.contains($0) }.prefix(64)
        return [
            "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
            "Access-Control-Allow-Headers": names.joined(separator: ", "),
            "Access-Control-Max-Age": "3600",
        ]
    }
}
