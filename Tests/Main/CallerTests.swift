// SPDX-License-Identifier: MIT

import HTTP
import Model
import Settings
import Testing
import Unix

@testable import edgefilter

@Suite struct CallerTests {
    @Test(arguments: [
        (["Authorization: Bearer sk-1"], "sk-1"), (["authorization: bearer   sk-1"], "sk-1"),
        (["Authorization: BEARER sk-1 "], "sk-1"), (["x-api-key: k2"], "k2"), (["API-KEY: k3"], "k3"),
        (["x-api-key: k2", "api-key: k3"], "k2"), (["x-api-key: k2", "Authorization: Bearer sk-1"], "sk-1"),
        ([], ""), (["Authorization: Basic abc"], ""), (["Authorization: Bearer"], ""),
        (["Authorization: sk-1"], ""),
        (["Cookie: key=1"], ""),
    ])
    func findsTheKey(fields: [String], key: String) throws {
        #expect(Caller.key(in: try head(fields)) == key)
    }

    private func head(_ fields: [String]) throws -> RequestHead {
        var reader = HeadReader()
        _ = try reader.read(
            wire((["GET / HTTP/1.1", "Host: a"] + fields).joined(separator: "¶") + "¶¶").span)
        return try #require(reader.head)
    }

    private func code(
        _ upstream: Upstream, _ settings: Settings, _ fields: [String], _ peer: Peer
    ) throws -> (code: Failure.Code?, key: String?) {
        let head = try head(fields)
        var key: String?
        let failure = failure { () throws(Failure) in
            let standing = try Caller.standing(of: head, peer, Gateway(rehearsing: settings))
            key = try Caller.credential(for: upstream, standing, head, settings)
        }
        return (failure?.code, key)
    }

    private func admit(_ head: RequestHead, _ peer: Peer, _ settings: Settings) throws(Failure) {
        let standing = try Caller.standing(of: head, peer, Gateway(rehearsing: settings))
        try Caller.admit(standing, head, settings)
    }

    /// Promise 8: the operator's key serves who is on this machine, and nobody else unless told so.
    @Test func servesThisMachine() throws {
        let settings = settings()
        for peer in [Roads.loopback, Roads.loopback6, Roads.unix, Roads.pipe] {
            for fields in [[], ["Authorization: Bearer sk-own"]] {
                let (code, key) = try code(settings.upstreams[0], settings, fields, peer)
                #expect(code == nil && key == "sk-operator")
            }
        }
        let remote = try code(settings.upstreams[0], settings, [], Roads.remote)
        #expect(remote.code == .missingKey && remote.key == nil)
        let own = try code(settings.upstreams[0], settings, ["x-api-key: sk-own"], Roads.remote)
        #expect(own.code == .refusedKey && own.key == nil)
    }

    /// Such a field says that a proxy stands between, and takes the permission away; on a unix socket it does
    /// not.
    @Test(arguments: [
        "Forwarded: for=1.2.3.4", "X-Forwarded-For: 1.2.3.4", "x-forwarded-host: a",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Port: 443", "X-Forwarded-Server: a", "X-Forwarded-Prefix: /", "Via: 1.1 a",
        "X-Real-IP: 127.0.0.1",
    ])
    func forwardingTakesPermissionAway(field: String) throws {
        let settings = settings()
        #expect(try code(settings.upstreams[0], settings, [field], Roads.loopback).code == .missingKey)
        #expect(try code(settings.upstreams[0], settings, [field], Roads.unix).code == nil)
        #expect(try code(settings.upstreams[0], settings, [field], Roads.remote).code == .missingKey)
    }

    @Test func servesWhoTheOperatorSays() throws {
        let open = settings(callers: .open)
        #expect(try code(open.upstreams[0], open, ["Via: a"], Roads.remote).key == "sk-operator")
        for peer in [Roads.remote, Roads.loopback, Roads.unix, Roads.pipe] {
            let issued = settings(callers: .issued)
            #expect(try code(issued.upstreams[0], issued, [], peer).code == .missingKey)
            #expect(try code(issued.upstreams[0], issued, ["api-key: x"], peer).code == .refusedKey)
            let upstream = settings(callers: .upstream)
            #expect(try code(upstream.upstreams[0], upstream, [], peer).code == .missingKey)
            #expect(try code(upstream.upstreams[0], upstream, ["api-key: x"], peer).key == "x")
        }
    }

    /// Callers who bring their own upstream key need no permission.
    @Test(arguments: [nil, .open, .issued, .upstream] as [Callers?]) func passesOwnKeysOn(
        callers: Callers?
    ) throws {
        let settings = settings([upstream(key: .caller)], callers: callers)
        for peer in [Roads.remote, Roads.loopback] {
            let own = try code(settings.upstreams[0], settings, ["Authorization: Bearer k"], peer)
            #expect(own.code == nil && own.key == "k")
            let none = try code(settings.upstreams[0], settings, [], peer)
            #expect(none.code == nil && none.key == nil)
        }
    }

    @Test func aKeylessUpstreamGetsNoKey() throws {
        let settings = settings([upstream(key: .none)])
        let local = try code(settings.upstreams[0], settings, ["Authorization: Bearer k"], Roads.loopback)
        #expect(local.code == nil && local.key == nil)
        #expect(try code(settings.upstreams[0], settings, [], Roads.remote).code == .missingKey)
    }

    @Test func admitsWhomSomeUpstreamServes() throws {
        let head = try head([])
        let mixed = settings([upstream("a"), upstream("b", key: .caller)])
        #expect(failure { () throws(Failure) in try admit(head, Roads.remote, mixed) } == nil)
        let closed = settings([upstream("a"), upstream("b", key: .none)])
        let refusal = failure { () throws(Failure) in try admit(head, Roads.remote, closed) }
        #expect(refusal?.code == .missingKey && refusal?.status == 401)
        #expect(failure { () throws(Failure) in try admit(head, Roads.loopback, closed) } == nil)
    }

    /// No part of a key is ever told back.
    @Test func refusalsHoldNoKey() throws {
        let head = try head(["Authorization: Bearer sk-very-secret"])
        let refusal = failure { () throws(Failure) in try admit(head, Roads.remote, settings()) }
        #expect(refusal?.message.contains("sk-") == false && refusal?.message.contains("secret") == false)
    }

    @Test(arguments: [
        (["10.0.0.1"], "203.0.113.9", ["X-Forwarded-For: 1.1.1.1"], "203.0.113.9"),
        (["203.0.113.0/24"], "203.0.113.9", ["X-Forwarded-For: 1.1.1.1"], "1.1.1.1"),
        (["203.0.113.9"], "203.0.113.9", ["X-Forwarded-For: 6.6.6.6, 1.1.1.1 , 203.0.113.9"], "1.1.1.1"),
        (
            ["203.0.113.9"], "203.0.113.9", ["X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 1.1.1.1"],
            "1.1.1.1"
        ),
        (["203.0.113.9", "1.1.1.1"], "203.0.113.9", ["X-Forwarded-For: 6.6.6.6, 1.1.1.1"], "6.6.6.6"),
        (["203.0.113.9", "1.1.1.1"], "203.0.113.9", ["X-Forwarded-For: 1.1.1.1"], "1.1.1.1"),
        (["203.0.113.9"], "203.0.113.9", ["X-Real-IP: 2001:db8::1"], "2001:db8::1"),
        (["203.0.113.9"], "203.0.113.9", [], "203.0.113.9"),
        ([], "127.0.0.1", ["X-Forwarded-For: 1.1.1.1"], "127.0.0.1"),
    ])
    func findsTheAddress(proxies: [String], peer: String, fields: [String], address: String) throws {
        let found = Caller.address(
            in: try head(fields), Peer(road: .network, address: peer), settings(proxies: proxies))
        #expect(found == address)
    }
}
