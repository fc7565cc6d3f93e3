// SPDX-License-Identifier: MIT

import HTTP
import Model
import Settings
import Testing
import Unix

@testable import edgefilter

@Suite struct DoorTests {
    private func code(
        _ settings: Settings, _ peer: Peer, _ line: String = "GET /v1/models", _ fields: String...
    ) throws -> Failure.Code? {
        var reader = HeadReader()
        let hosts = fields.contains { $0.hasPrefix("Host:") } ? [] : ["Host: localhost:8000"]
        _ = try reader.read(wire((["\(line) HTTP/1.1"] + hosts + fields).joined(separator: "¶") + "¶¶").span)
        let head = try #require(reader.head)
        return failure { () throws(Failure) in try Door.check(settings, head, peer) }?.code
    }

    @Test(arguments: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) func passesMethods(
        method: String
    ) throws {
        let head = try head("\(method) /v1/x")
        #expect(failure { () throws(Failure) in try Door.checkMethod(head) } == nil)
    }

    @Test(arguments: [("TRACE", 405), ("BREW", 501), ("get", 501), ("PROPFIND", 501)])
    func refusesMethods(method: String, status: Int) throws {
        let head = try head("\(method) /v1/x")
        let refusal = failure { () throws(Failure) in try Door.checkMethod(head) }
        #expect(refusal?.code == .wrongMethod && refusal?.status == status)
    }

    @Test func refusesATunnel() throws {
        let head = try head("CONNECT api.example:443")
        #expect(failure { () throws(Failure) in try Door.checkMethod(head) }?.status == 405)
    }

    @Test(arguments: [
        "/v1/../admin", "/..", "/v1/.", "/./v1/models", "/v1/%2e%2E/x", "/v1/.%2e", "/v1/%2E", "/a/../../b?c",
        "/v1/%2e./x",
        "/v1/..%2Fadmin", "/v1/x%5C..%5cy",
    ])
    func refusesClimbing(path: String) throws {
        for peer in [Roads.remote, Roads.unix] {
            #expect(try code(settings(callers: .upstream), peer, "GET \(path)") == .badHTTP)
        }
    }

    @Test(arguments: [
        "/v1/models/a..b", "/v1/...", "/v1/.well-known", "/v1/files?x=../..", "/v1/a%2e", "/", "//",
    ])
    func passesPaths(path: String) throws {
        #expect(try code(settings(), Roads.unix, "GET \(path)") == nil)
    }

    @Test func refusesTwoAuthorizations() throws {
        let fields = ["Authorization: Bearer a", "authorization: Bearer b"]
        #expect(try code(settings(), Roads.unix, "GET /", fields[0], fields[1]) == .badHTTP)
    }

    /// A page of elsewhere must not spend the operator's money.
    @Test(arguments: [
        (["Origin: https://evil.example"], false), (["Origin: null"], false),
        (["Sec-Fetch-Site: cross-site"], false),
        (["Origin: http://localhost:8001"], false), (["Origin: https://localhost:8000"], false),
        (["Sec-Fetch-Site: Cross-Site"], false),
        (["Origin: http://evil.example", "Sec-Fetch-Site: same-origin"], false),
        (["Origin: http://localhost:8000"], true), (["Sec-Fetch-Site: same-origin"], true),
        (["Sec-Fetch-Site: none"], true), ([], true), (["Origin: https://good.example"], true),
        (["Origin: https://good.example.evil.example"], false), (["Origin: https://GOOD.example"], false),
    ])
    func checksOrigins(fields: [String], isServed: Bool) throws {
        let (first, second) = (fields.first ?? "X-A: 1", fields.dropFirst().first ?? "X-B: 1")
        let listed = settings(cors: ["https://good.example"])
        for peer in [Roads.loopback, Roads.unix] {
            #expect(try code(listed, peer, "POST /v1/x", first, second) == (isServed ? nil : .foreignOrigin))
        }
        let open = settings(callers: .open, cors: ["https://good.example"])
        #expect(
            try code(open, Roads.remote, "POST /v1/x", first, second) == (isServed ? nil : .foreignOrigin))
        // Where a key that matters must be shown, a page has nothing to spend.
        for closed in [settings(callers: .upstream), settings([upstream(key: .caller)])] {
            #expect(try code(closed, Roads.loopback, "POST /v1/x", first, second) == nil)
        }
        #expect(try code(settings(), Roads.remote, "POST /v1/x", first, second) == nil)
        #expect(try code(settings(cors: ["*"]), Roads.loopback, "POST /v1/x", first, second) == nil)
    }

    /// A name that was bent to point at us is not ours (DNS rebinding).
    @Test(arguments: [
        ("localhost", true), ("localhost:8000", true), ("LOCALHOST", true), ("app.localhost", true),
        ("127.0.0.1:8000", true),
        ("[::1]:8000", true), ("192.168.1.5", true), ("evil.example", false),
        ("127.0.0.1.evil.example", false),
        ("localhost.evil.example", false), ("notlocalhost", false), ("1.2.3.4.nip.io:8000", false),
        ("edge", false),
    ])
    func checksHosts(host: String, isServed: Bool) throws {
        let field = "Host: \(host)"
        for peer in [Roads.loopback, Roads.loopback6] {
            #expect(try code(settings(), peer, "GET /v1/models", field) == (isServed ? nil : .foreignHost))
            // What the target names counts for more than the field.
            let line = "GET http://\(host)/v1/models"
            #expect(try code(settings(), peer, line, "Host: localhost") == (isServed ? nil : .foreignHost))
        }
        for (settings, peer) in [
            (settings(), Roads.unix), (settings(callers: .open), Roads.remote), (settings(), Roads.remote),
        ] {
            #expect(try code(settings, peer, "GET /v1/models", field) == nil)
        }
    }

    @Test func needsNoHostInHTTP10() throws {
        let head = try head("GET /v1/models HTTP/1.0")
        #expect(failure { () throws(Failure) in try Door.check(settings(), head, Roads.loopback) } == nil)
    }
}

@Suite struct CORSTests {
    private func fields(_ settings: Settings, _ peer: Peer, _ origin: String?) -> [String] {
        var fields: Fields = ["Content-Type": "a/b"]
        CORS(settings, peer, origin: origin).mark(&fields)
        return fields.dropFirst().map { "\($0.name): \($0.value)" }
    }

    private static let toAll = ["Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: *"]

    @Test func isOpenWhereAKeyMatters() {
        for origin in [nil, "https://a.example"] {
            // Only who comes from an origin reads fields.
            let open = Array(CORSTests.toAll.prefix(origin == nil ? 1 : 2))
            #expect(fields(settings(), Roads.remote, origin) == open)
            #expect(
                fields(settings(callers: .upstream), Roads.loopback, origin) == open)
            #expect(
                fields(settings([upstream(key: .caller)]), Roads.loopback, origin) == open)
            #expect(fields(settings(), Roads.loopback, origin).isEmpty)
            #expect(fields(settings(callers: .open), Roads.remote, origin).isEmpty)
            #expect(
                fields(settings(callers: .open, cors: ["*"]), Roads.remote, origin) == open)
        }
    }

    @Test func namesListedOrigins() {
        for (callers, peer) in [(nil, Roads.loopback), (.open, Roads.remote), (.upstream, Roads.remote)]
            as [(Callers?, Peer)]
        {
            let settings = settings(callers: callers, cors: ["https://a.example", "https://b.example"])
            #expect(
                fields(settings, peer, "https://b.example") == [
                    "Access-Control-Allow-Origin: https://b.example", "Vary: Origin",
                    "Access-Control-Expose-Headers: *",
                ])
            for origin in [nil, "https://c.example", "*", ""] {
                #expect(fields(settings, peer, origin).isEmpty)
            }
        }
    }

    @Test func answersAPreflight() throws {
        let preflight = try head(
            "OPTIONS /v1/x", "Access-Control-Request-Headers: x-one, authorization,X-Two, ,")
        let fields = CORS.preflight(preflight)
        #expect(
            fields["Access-Control-Allow-Headers"]
                == "Content-Type, Authorization, X-Requested-With, x-one, x-two")
        #expect(fields["Access-Control-Allow-Methods"]?.contains("DELETE") == true)
        #expect(
            fields["Access-Control-Max-Age"] == "3600" && !fields.contains("Access-Control-Allow-Credentials")
        )
        let many = (0..<200).map { "x-\($0)" }.joined(separator: ",")
        let long = CORS.preflight(try head("OPTIONS /", "Access-Control-Request-Headers: \(many)"))
        #expect(long.list("Access-Control-Allow-Headers").count == 67)
    }
}
