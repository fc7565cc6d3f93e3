// SPDX-License-Identifier: MIT

import Digest
import HTTP
import JSON
import KeyLog
import Model
import Page
import Settings
import Testing
import Unix

@testable import edgefilter

@Suite struct AdminTests {
    private let key = "the-admin-key"

    private func gate(_ page: LivePage? = nil) -> Gate {
        var settings = settings()
        settings.admin = Secret(value: Hash.hex(key, 64), source: "literal")
        return Gate(settings, page)
    }

    private func admin(_ peer: Peer) -> Peer {
        var peer = peer
        peer.isAdmin = true
        return peer
    }

    private func code(_ head: RequestHead, _ peer: Peer, _ gate: Gate? = nil) -> Failure.Code? {
        do throws(Failure) {
            _ = try Admin.admit(head, peer, gate ?? self.gate(), at: 1000)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func theSocketIsThePermission() throws {
        for peer in [Roads.unix, Roads.loopback, Roads.loopback6] {
            #expect(code(try head("GET /admin/users"), admin(peer)) == nil)
            #expect(code(try head("GET /admin/users"), peer) == .adminOnly)
        }
        #expect(
            code(try head("GET /admin/users"), admin(Roads.remote)) == .adminOnly,
            "a port that is open to all")
    }

    @Test(arguments: ["X-Forwarded-For: ::1", "Forwarded: for=x", "Via: 1.1 a", "X-Real-IP: 10.0.0.1"])
    func nothingForwardedIsAtTheSocket(field: String) throws {
        #expect(code(try head("GET /admin/users", field), admin(Roads.unix)) == .adminOnly)
    }

    @Test func theKeyIsAPermissionAnywhere() throws {
        for field in ["Authorization: Bearer \(key)", "x-api-key: \(key)", "api-key: \(key)"] {
            #expect(code(try head("DELETE /admin/users/1", field), Roads.remote) == nil)
        }
        #expect(code(try head("GET /a", "x-api-key: \(key)x"), Roads.remote) == .adminKey)
        #expect(
            code(try head("GET /a", "x-api-key: \(Hash.hex(key, 64))"), Roads.remote) == .adminKey,
            "its hash is none")
    }

    @Test func withoutAKeyNoneOpens() throws {
        let gate = Gate(settings(), nil)
        #expect(code(try head("GET /a", "x-api-key: \(key)"), Roads.remote, gate) == .adminOnly)
        #expect(code(try head("GET /a"), Roads.remote, gate) == .adminOnly && !gate.canSignIn)
    }

    @Test func wrongKeysWait() throws {
        let gate = gate(try LivePage(in: nil))
        let wrong = try head("GET /a", "x-api-key: guess")
        #expect((0..<5).allSatisfy { _ in code(wrong, Roads.remote, gate) == .adminKey })
        #expect(code(wrong, Roads.remote, gate) == .adminWait)
        #expect(code(try head("GET /a", "x-api-key: \(key)"), Roads.remote, gate) == .adminWait)
        #expect(code(try head("GET /a", "x-api-key: \(key)"), Roads.loopback, gate) == nil)
    }

    @Test(arguments: [
        "Origin: https://evil.example", "Origin: null", "Origin: http://localhost:81",
        "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site",
    ])
    func pagesOfOtherSites(field: String) throws {
        for peer in [admin(Roads.unix), Roads.remote] {
            #expect(code(try head("POST /a", field, "x-api-key: \(key)"), peer) == .foreignOrigin)
        }
    }

    @Test func ourOwnPage() throws {
        for origin in ["http://localhost", "https://localhost", "HTTP://LOCALHOST"] {
            #expect(
                code(
                    try head("POST /a", "Origin: \(origin)", "Sec-Fetch-Site: same-origin"), admin(Roads.unix)
                ) == nil)
        }
        let bent = try head("POST /a", "Host: evil.example", "Origin: http://evil.example")
        #expect(code(bent, admin(Roads.loopback)) == .foreignHost)
        #expect(code(bent, admin(Roads.unix)) == nil, "no browser comes by a unix socket")
    }

    @Test func signInsChangeWithTheirTokenOnly() throws {
        let gate = gate(try LivePage(in: nil))
        let signIn = SignIn(at: 1000, random: randomBytes(16))
        let cookie = "Cookie: " + signIn.setCookie(gate.signingKey, isSecure: false).prefix { $0 != ";" }
        #expect(code(try head("GET /a", cookie), Roads.remote, gate) == nil)
        #expect(code(try head("POST /a", cookie), Roads.remote, gate) == .forged)
        #expect(
            code(
                try head("POST /a", cookie, "X-CSRF-Token: \(signIn.token(gate.signingKey))"), Roads.remote,
                gate)
                == nil)
        gate.endAll()
        #expect(code(try head("GET /a", cookie), Roads.remote, gate) == .adminExpired)
    }
}

@Suite struct ServiceTests {
    @Test(arguments: [
        "/admin", "/admin/", "/admin/users", "/admin/x/y", "/usage/me", "/usage/api-key/1",
        "/settings/model", "/openapi.json",
    ])
    func owns(path: String) { #expect(Service.owns(path)) }

    @Test(arguments: [
        "/", "/v1/chat/completions", "/administrator", "/usage", "/settings/models", "/openapi.jsonx",
        "/sessions",
        "/v1/admin/users", "", "*",
    ])
    func doesNotOwn(path: String) { #expect(!Service.owns(path)) }

    /// No service is missing in the description of our endpoints, and none is described that is not there.
    @Test func areDescribed() throws {
        let paths = try #require(try Document(Page.openAPI).root["paths"]?.object)
        var described: Set<String> = []
        for operations in paths.members where Service.owns(operations.name) {
            let path = operations.name.replacing(#/{[a-z_]+}/#, with: "#")
            let methods = try #require(operations.value.object).members.map(\.name)
            described.formUnion(methods.filter { $0 != "parameters" }.map { "\($0.uppercased()) \(path)" })
        }
        #expect(Set(Service.all.map { "\($0.method) \($0.path)" }) == described)
    }

    @Test func findsNumbers() {
        #expect(Service.at("/admin/api-keys/17").map(\.number) == [17, 17])
        #expect(Service.at("/admin/users/3/").map(\.service.method) == ["DELETE"])
        for path in [
            "/admin/users/0", "/admin/users/-1", "/admin/users/+1", "/admin/users/01", "/admin/users/1/2",
            "/admin/users/99999999999999999999", "/admin/users/#",
        ] {
            #expect(Service.at(path).isEmpty, "\(path)")
        }
    }

    @Test("The description has every service, and no other below their paths") func described() throws {
        let paths = try #require(Document(Page.openAPI).root["paths"]?.object)
        var told: [String] = []
        for path in paths.members {
            let methods = try #require(path.value.object).members.map(\.name)
            told += methods.map { "\($0.uppercased()) \(ServiceTests.pattern(path.name))" }
        }
        #expect(Set(told.filter { Service.owns(String($0.drop { $0 != "/" })) }) == ServiceTests.names)
    }

    private static let names = Set(Service.all.map { "\($0.method) \($0.path)" })

    /// `/a/{id}` as we write it, `/a/#`.
    private static func pattern(_ path: String) -> String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return parts.map { $0.hasPrefix("{") ? "#" : $0 }.joined(separator: "/")
    }

    @Test func eachIsThereOnce() {
        let names = Service.all.map { "\($0.method) \($0.path)" }
        #expect(Set(names).count == names.count)
        #expect(Service.all.allSatisfy { Service.owns($0.path.replacing("#", with: "1")) })
        #expect(
            Service.all.filter { $0.access != .admin }.allSatisfy {
                $0.access == .anyone || !Service.isClosed($0.path)
            })
    }
}
