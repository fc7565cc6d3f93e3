// SPDX-License-Identifier: MIT

import Digest
import HTTP
import JSON
import KeyLog
import Model
import Page
import Unix

/// The page, signing in to it, what it shows live, and the description of all endpoints.
let pageServices = [
    Service("GET", "/admin", .anyone) { visit throws(Failure) in
        guard visit.gate.canSignIn || Admin.isAtSocket(visit.head, visit.peer) else { throw Admin.closed }
        return AdminPage.document
    },
    Service("POST", "/admin/login", .anyone) { visit throws(Failure) in
        try Admin.checkSite(visit.head)
        guard visit.head.target.query == nil else {
            throw Failure(.invalidMember, "The key must stand in the body, never in the URL.", param: "key")
        }
        let key = try visit.given.needed("key")
        guard visit.gate.canSignIn else { throw Admin.closed }
        try visit.gate.check(key: key, of: Admin.source(visit.head, visit.peer, visit.settings))
        let (signIn, signingKey) = (SignIn(at: visit.now, random: randomBytes(16)), visit.gate.signingKey)
        var served = try Served.success { writer throws(Failure) in
            writer.signIn(signIn, signingKey)
        }
        served.fields.append("Set-Cookie", signIn.setCookie(signingKey, isSecure: visit.isSecure))
        return served
    },
    Service("POST", "/admin/logout", .admin) { visit throws(Failure) in
        if case .signIn = visit.way { visit.gate.endAll() }
        var served = try Served.success { _ in }
        served.fields.append("Set-Cookie", SignIn.clearCookie(isSecure: visit.isSecure))
        return served
    },
    Service("GET", "/admin/session", .anyone) { visit throws(Failure) in
        try Admin.checkSite(visit.head)
        return try .object { writer throws(Failure) in
            switch visit.gate.way(of: visit.head, visit.peer, at: visit.now) {
            case .signIn(let signIn):
                writer.member("admitted_by", "sign_in")
                writer.signIn(signIn, visit.gate.signingKey)
            case .socket: writer.member("admitted_by", "socket")
            default:
                writer.name("admitted_by")
                writer.null()
            }
        }
    },
    Service("GET", "/admin/live", .admin) { visit throws(Failure) in
        guard let page = visit.gateway.page else {
            throw Failure(.storeFailed, "There is no live page, and nothing is counted.")
        }
        var (requests, failed, tokens) = (0, 0, 0)
        page.eachSeries { series, sums in
            if series.endpoint == EndpointKind.page.rawValue { return }
            requests += sums.requests
            if series.status == 0 || series.status >= 400 || 4...9 ~= series.status {
                failed += sums.requests
            }
            tokens += sums.input + sums.output
        }
        return try .object { writer throws(Failure) in
            writer.member("active_connections", page.active)
            writer.member("requests", requests)
            writer.member("failed_requests", failed)
            writer.member("tokens", tokens)
        }
    },
    Service("GET", "/openapi.json", .anyone) { _ throws(Failure) in
        Served(type: "application/json", Page.openAPI)
    },
]

extension Writer {
    fileprivate mutating func signIn(_ signIn: SignIn, _ signingKey: SigningKey) {
        member("expires_at", Moment(seconds: signIn.expires).zoneless)
        member("csrf_token", signIn.token(signingKey))
    }
}

extension RequestHead {
    /// Whether a page is wanted rather than JSON (RFC 9110 section 12.5.1): it is named, and nothing says that JSON is
    /// as welcome.
    var prefersPage: Bool {
        func weight(_ type: String) -> Double? {
            let asked = fields.list("Accept").lazy.compactMap { Parameters($0) }.first { $0.essence == type }
            return asked.map { $0["q"].flatMap { Double($0) } ?? 1 }
        }
        guard let page = weight("text/html") else { return false }
        return page > weight("application/json") ?? 0
    }
}

/// The admin page: one document, which loads nothing and in which nothing runs but its own program.
enum AdminPage {
    static var document: Served {
        let (style, program) = (Page.style, Page.program)
        var document = Page.document
        document.replace(Array("<style></style>".utf8), with: tag("style", style))
        document.replace(Array("<script></script>".utf8), with: tag("script", program))
        var served = Served(type: "text/html; charset=utf-8", document)
        served.fields.append("Content-Security-Policy", policy(style: style, program: program))
        for (name, value) in fields { served.fields.append(name, value) }
        return served
    }

    /// In its place, for a browser where nobody can sign in: what to do about that.
    static var closed: Served {
        var document = Page.closed
        document.replace(Array("<style></style>".utf8), with: tag("style", Page.style))
        var served = Served(type: "text/html; charset=utf-8", document)
        served.fields.append("Content-Security-Policy", policy(style: Page.style, program: nil))
        for (name, value) in fields { served.fields.append(name, value) }
        return served
    }

    private static func tag(_ name: String, _ content: [UInt8]) -> [UInt8] {
        Array("<\(name)>".utf8) + content + Array("</\(name)>".utf8)
    }

    /// https://www.w3.org/TR/CSP3/: all that the page is may run and be shown because its digest is named
    /// here.
    private static func policy(style: [UInt8], program: [UInt8]?) -> String {
        let running = program.map {
            ["script-src \(source($0))", "connect-src 'self'", "img-src data:"]
        }
        return
            (["default-src 'none'", "style-src \(source(style))"] + (running ?? []) + [
                "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
                "require-trusted-types-for 'script'", "trusted-types 'none'",
            ]).joined(separator: "; ")
    }

    private static func source(_ content: [UInt8]) -> String {
        "'sha256-\(Base64.standard.encoded(Hash.sha256(content)))='"
    }

    private static let fields = [
        ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "DENY"),
        ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
    ]
}
