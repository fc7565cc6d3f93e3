// SPDX-License-Identifier: MIT

import Digest
import Glibc
import HTTP
import KeyLog
import Model
import Settings
import Testing
import Unix

@testable import edgefilter

/// A gateway with keys of its own, and a live page without a name.
final class Issuing {
    let gateway: Gateway
    private let path: String

    init(_ settings: Settings = settings(callers: .issued)) throws {
        path = "/tmp/edgefilter-main-" + randomBytes(8).map { String($0, radix: 16) }.joined()
        gateway = Gateway(settings, state: path) { () throws(Errno) in try LivePage(in: nil) }
    }

    deinit {
        for name in (try? File.names(in: path)) ?? [] { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    var keys: KeyStore { KeyStore(directory: path) }

    /// A new key of a new user.
    func issue(_ allowance: Allowance = Allowance()) throws -> (text: String, grant: Grant) {
        let name = randomBytes(8).map { String($0, radix: 16) }.joined()
        let user = try keys.addUser(name: name, email: "", at: 1000)
        var found: (String, Grant)?
        var order = KeyOrder()
        (order.user, order.name, order.allowance) = (user.id, "k", allowance)
        try keys.issue(order, random: randomBytes, at: 1000) { found = ($0, $1) }
        return try #require(found)
    }
}

@Suite struct StandingTests {
    private func standing(
        _ issuing: Issuing, _ fields: String..., peer: Peer = Roads.remote
    ) throws -> (Standing?, Failure?) {
        var reader = HeadReader()
        let lines = ["GET /v1/models HTTP/1.1", "Host: localhost"] + fields
        _ = try reader.read(wire(lines.joined(separator: "¶") + "¶¶").span)
        let head = try #require(reader.head)
        var found: Standing?
        let failure = failure { () throws(Failure) in
            found = try Caller.standing(of: head, peer, issuing.gateway)
        }
        return (found, failure)
    }

    @Test func knowsEachKindOfCaller() throws {
        let issuing = try Issuing(settings())
        let (text, grant) = try issuing.issue()
        #expect(try standing(issuing, "x-api-key: \(text)").0 == .issued(grant))
        #expect(try standing(issuing, "x-api-key: \(text)", peer: Roads.loopback).0 == .issued(grant))
        #expect(try standing(issuing, "x-api-key: sk-own").0 == .own("sk-own"))
        #expect(try standing(issuing).0 == .own(""))
        #expect(try standing(issuing, "x-api-key: sk-own", peer: Roads.unix).0 == .open)
    }

    /// Where callers are served it cannot be guessed.
    @Test func theAdminKeyIsAKeyLikeAnyOther() throws {
        var own = settings()
        own.admin = Secret(value: Hash.hex("the admin key", 64), source: "literal")
        let issuing = try Issuing(own)
        #expect(try standing(issuing, "Authorization: Bearer the admin key").0 == .own("the admin key"))
    }

    @Test func everyFaultOfAKeyHasItsNumber() throws {
        let issuing = try Issuing()
        var late = Allowance()
        late.expires = 5
        let (text, grant) = try issuing.issue()
        let mistyped = text.dropLast() + (text.hasSuffix("x") ? "y" : "x")
        #expect(try standing(issuing, "x-api-key: \(mistyped)").1?.code == .malformedKey)
        #expect(try standing(issuing, "x-api-key: sk-ef-").1?.code == .malformedKey)
        let unknown = IssuedKey.make(random: randomBytes(32))
        #expect(try standing(issuing, "x-api-key: \(unknown)").1?.code == .unknownKey)
        #expect(try standing(issuing, "x-api-key: \(try issuing.issue(late).text)").1?.code == .expiredKey)
        try issuing.keys.revoke(grant.id, at: 2000)
        #expect(try standing(issuing, "x-api-key: \(text)").1?.code == .revokedKey)
        let (other, its) = try issuing.issue()
        try issuing.keys.removeUser(its.user, at: 2000)
        let removed = try standing(issuing, "x-api-key: \(other)").1
        #expect(removed?.code == .removedUser && removed?.status == 401)
    }

    /// Whatever the setting, a key of ours leads to the operator's key or to nothing.
    @Test(arguments: [nil, .open, .issued, .upstream] as [Callers?], [Key.caller, .none, operatorKey])
    func noKeyOfOursGoesUpstream(callers: Callers?, key: Key) throws {
        let issuing = try Issuing(settings([upstream(key: key)], callers: callers))
        let (text, grant) = try issuing.issue()
        let head = try head("GET /v1/models", "x-api-key: \(text)")
        var sent: String?
        let refusal = failure { () throws(Failure) in
            sent = try Caller.credential(
                for: issuing.gateway.settings.upstreams[0], .issued(grant), head, issuing.gateway.settings)
        }
        #expect(sent == (key == operatorKey && callers != .upstream ? "sk-operator" : nil))
        #expect((refusal?.code == .needsOwnKey) == (key == .caller || callers == .upstream))
    }
}

@Suite struct PreferenceTests {
    private let routed = settings(routes: [
        route("exact", "main", "glm-4.6"), route("kept-*", "main"), route("*", "main", "forced"),
    ])

    /// Where the operator forces a name, the key's own choice is forced instead; nowhere else.
    @Test(arguments: [
        ("exact", "glm-4.6"), ("kept-1", nil), ("other", "chosen"), ("chosen", nil),
    ])
    func replacesWhatIsForced(asked: String, sent: String?) throws {
        let head = try head("POST /v1/chat/completions")
        var asked = Asked(endpoint: Endpoint(head), method: "POST", model: asked, bearsModel: true)
        asked.preferred = "chosen"
        #expect(try Plan(routed, [:], asked).candidates[0].model == sent)
    }

    @Test(arguments: [
        (#"{"messages":[]}"#, #"{"model":"m","messages":[]}"#), ("{}", #"{"model":"m"}"#),
        (#" { "a":1}"#, #" {"model":"m", "a":1}"#), (#"{"model":null}"#, #"{"model":"m"}"#),
        (#"{"model":"own"}"#, #"{"model":"own"}"#),
    ])
    func namesAModelWhereNoneIs(body: String, named: String) throws {
        let head = try head("POST /v1/chat/completions", "Content-Length: \(body.utf8.count)")
        var intake = try Intake(head, limit: 1 << 20, bearsModel: true)
        var inbox = Buffer()
        inbox.append(body.utf8)
        try intake.take(&inbox)
        try intake.putModel("m")
        #expect(text(intake.held) == named && intake.model?.text == (body == named ? "own" : "m"))
    }
}
