// SPDX-License-Identifier: MIT

import Testing

@testable import HTTP

@Suite struct HeadTests {
    @Test(arguments: badLines + badTargets + badFields + badOldFramings)
    func refuses(_ bad: BadHead) {
        #expect(HeadOutcome([wire(bad.text)]) == .bad(bad.reason))
        #expect(HeadOutcome(wire(bad.text).map { [$0] }) == .bad(bad.reason))
        #expect(BadHTTP(bad.reason).status == bad.status)
    }

    @Test(arguments: badFramings)
    func refusesFraming(_ bad: BadHead) {
        let head = wire("POST /v1 HTTP/1.1¶Host: a¶\(bad.text)¶¶")
        for pieces in head.splits { #expect(HeadOutcome(pieces) == .bad(bad.reason)) }
        #expect(BadHTTP(bad.reason).status == bad.status)
    }

    @Test(arguments: badLines + badTargets + badFields)
    func refusesAlikeHoweverCut(_ bad: BadHead) {
        let head = wire(bad.text)
        guard head.count < 500 else {
            for seed in 1...20 as ClosedRange<UInt64> {
                #expect(HeadOutcome(head.scattered(seed)) == .bad(bad.reason))
            }
            return
        }
        for pieces in head.splits { #expect(HeadOutcome(pieces) == .bad(bad.reason)) }
    }

    /// The wrong line is enough: nobody has to wait for the rest of the head.
    @Test(arguments: ["GET / HTTP/3.0¶", "GET / HTTP/1.1¶a b: c¶", "GET / HTTP/1.1¶b:c¶ d¶", "GET /\n", "\0"])
    func refusesAtOnce(_ text: String) {
        guard case .bad = HeadOutcome([wire(text)]) else {
            Issue.record("still waiting")
            return
        }
    }

    @Test func readsAllOfAHead() throws {
        let bytes = wire(
            "¶POST /v1/chat?a=%20b?c HTTP/1.1¶Host: Example.com:8080¶X-One:  1 \t¶x-one:2¶Empty:¶¶")
        let outcome = HeadOutcome([bytes + wire("rest")])
        let head = try #require(outcome.head)
        #expect(outcome == .head(head, consumed: bytes.count))
        #expect(head.method == "POST" && head.version == .http11 && head.framing == .none)
        #expect(
            head.target.path == "/v1/chat" && head.target.query == "a=%20b?c" && head.target.authority == nil)
        #expect(head.host == "example.com" && head.authority?.port == 8080)
        #expect(head.fields.map(\.name) == ["Host", "X-One", "x-one", "Empty"])
        #expect(head.fields.map(\.value) == ["Example.com:8080", "1", "2", ""])
        for pieces in (bytes + wire("rest")).splits { #expect(HeadOutcome(pieces) == outcome) }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1¶Host: a¶¶", "/", nil, "a"),
        ("GET //x/../y HTTP/1.1¶Host: a¶¶", "//x/../y", nil, "a"),
        ("GET /? HTTP/1.1¶Host: a¶¶", "/", "", "a"), ("GET / HTTP/1.0¶¶", "/", nil, nil),
        ("GET http://B HTTP/1.1¶Host: a¶¶", "/", nil, "b"),
        ("GET HTTPS://b:1/x?y HTTP/1.1¶Host: a¶¶", "/x", "y", "b"),
        ("GET http://b?y HTTP/1.1¶Host: a¶¶", "/", "y", "b"), ("OPTIONS * HTTP/1.1¶Host: a¶¶", "*", nil, "a"),
        ("GET http://[::1]:80/x HTTP/1.1¶Host: a¶¶", "/x", nil, "[::1]"),
        ("CONNECT b:443 HTTP/1.1¶Host: a¶¶", "", nil, "b"),
        ("GET / HTTP/1.1¶Host: 127.0.0.1:¶¶", "/", nil, "127.0.0.1"),
        ("GET /\"<>\\^`{|} HTTP/1.1¶Host: a_b%20c¶¶", "/\"<>\\^`{|}", nil, "a_b%20c"),
        ("!#$%&'*+-.^_`|~ / HTTP/1.1¶Host: [FE80::1]¶¶", "/", nil, "[fe80::1]"),
    ])
    func acceptsTarget(_ text: String, path: String, query: String?, host: String?) throws {
        let head = try #require(HeadOutcome([wire(text)]).head)
        #expect(head.target.path == path && head.target.query == query && head.host == host)
    }

    @Test(arguments: [
        ("", Framing.none), ("Content-Length: 0", .counted(0)), ("Content-Length: 007", .counted(7)),
        ("Content-Length: 9007199254740992", .counted(1 << 53)), ("Transfer-Encoding: chunked", .chunked),
        ("transfer-encoding: ChUnKeD", .chunked), ("Transfer-Encoding:\tchunked ", .chunked),
    ])
    func framesBody(_ field: String, framing: Framing) throws {
        let text = "POST / HTTP/1.1¶Host: a¶" + (field.isEmpty ? "" : field + "¶") + "¶"
        #expect(try #require(HeadOutcome([wire(text)]).head).framing == framing)
    }

    @Test(arguments: [
        ("1.1", "", true), ("1.1", "Connection: close¶", false), ("1.1", "Connection: x , CLOSE¶", false),
        ("1.1", "Connection: keep-alive, close¶", false),
        ("1.1", "Connection: a,,,¶connection: close¶", false),
        ("1.1", "Connection: closer¶", true), ("1.1", "Connection: ,¶", true), ("1.0", "", false),
        ("1.0", "Connection: Keep-Alive¶", true), ("1.0", "Connection: keep-alive, close¶", false),
    ])
    func keepsAlive(version: String, field: String, keeps: Bool) throws {
        let head = try #require(HeadOutcome([wire("GET / HTTP/\(version)¶Host: a¶\(field)¶")]).head)
        #expect(head.keepsAlive == keeps)
    }

    @Test(arguments: [
        ("1.1", "Expect: 100-continue¶Content-Length: 5¶", true), ("1.1", "Content-Length: 5¶", false),
        ("1.1", "Expect: 100-Continue¶Transfer-Encoding: chunked¶", true),
        ("1.1", "Expect: 100-continue¶", false),
        ("1.1", "Expect: 100-continue¶Content-Length: 0¶", false),
        ("1.0", "Expect: 100-continue¶Content-Length: 5¶", false),
    ])
    func expectsContinue(version: String, field: String, expects: Bool) throws {
        let head = try #require(HeadOutcome([wire("POST / HTTP/\(version)¶Host: a¶\(field)¶")]).head)
        #expect(head.expectsContinue == expects)
    }

    @Test func knowsAnEndThatIsNoError() {
        for text in ["", "¶", "\r"] { #expect(HeadOutcome([wire(text)]) == .unfinished(isEmpty: true)) }
        for text in ["G", "¶G", "GET / HTTP/1.1¶", "GET / HTTP/1.1¶Host: a¶"] {
            #expect(HeadOutcome([wire(text)]) == .unfinished(isEmpty: false))
        }
    }

    @Test func keepsBytesThatAreNoUTF8() throws {
        let head = try #require(
            HeadOutcome([wire("GET / HTTP/1.1¶Host: a¶X: ") + [0xFF, 0xE9, 0x20] + wire("¶¶")]).head)
        #expect(head.fields[1].raw == [0xFF, 0xE9])
        var out: [UInt8] = []
        head.fields[1].write(to: &out)
        #expect(out == wire("X: ") + [0xFF, 0xE9] + wire("¶"))
    }

    @Test func holdsToItsLimits() throws {
        let line = "GET /" + String(repeating: "a", count: 8192 - 14) + " HTTP/1.1"
        #expect(HeadOutcome([wire(line + "¶Host: a¶¶")]).head != nil)
        let field = "b:" + String(repeating: "c", count: 8190)
        #expect(HeadOutcome([wire("GET / HTTP/1.1¶Host: a¶\(field)¶¶")]).head != nil)
        let fields = String(repeating: "b:¶", count: 99)
        #expect(HeadOutcome([wire("GET / HTTP/1.1¶Host: a¶\(fields)¶")]).head?.fields.count == 100)
        var limits = Limits()
        limits.head = 25
        #expect(HeadOutcome([wire("GET / HTTP/1.1¶Host: a¶¶")], limits).head != nil)
        limits.head = 24
        #expect(HeadOutcome([wire("GET / HTTP/1.1¶Host: a¶¶")], limits) == .bad(.headTooLarge))
    }

    /// A byte is looked at once, in pieces of one byte as in one piece.
    @Test(arguments: [1, 7, 32 << 10]) func looksAtAByteOnce(size: Int) throws {
        let head = wire(
            "GET / HTTP/1.1¶Host: a¶"
                + String(repeating: "b: \(String(repeating: "c", count: 7000))¶", count: 4) + "¶")
        var reader = HeadReader()
        var rest = head[...]
        while !rest.isEmpty {
            let consumed = try reader.read(Array(rest.prefix(size)).span)
            #expect(consumed == min(size, rest.count))
            rest = rest.dropFirst(size)
        }
        #expect(reader.head != nil)
        #expect(reader.line.toil.bytes <= 2 * head.count)
    }
}
