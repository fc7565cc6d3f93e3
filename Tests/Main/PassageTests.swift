// SPDX-License-Identifier: MIT

import HTTP
import Testing

@testable import edgefilter

@Suite struct PassageTests {
    private func passes(_ name: String, isOurKey: Bool = false, with more: Fields = [:]) -> Bool {
        var fields = more
        fields.append(name, "x")
        return Passage.request(fields, isOurKey: isOurKey).contains { $0.name == name && $0.value == "x" }
    }

    @Test(arguments: [
        "Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Proxy-Authorization",
        "Proxy-Connection", "Host", "Content-Length", "Content-Encoding", "Accept-Encoding", "Expect",
        "Cookie",
        "Origin", "Referer", "Forwarded", "X-Forwarded-For", "x-forwarded-anything", "X-Real-IP", "Via",
        "Authorization", "x-api-key", "api-key", "X-Stainless-Lang", "Sec-Fetch-Site", "sec-ch-ua",
        "Access-Control-Request-Method", "HTTP2-Settings", "COOKIE", "x-edgefilter-code",
    ])
    func staysBehind(name: String) {
        #expect(!passes(name) && !passes(name, isOurKey: true))
    }

    @Test(arguments: [
        "Content-Type", "Accept", "User-Agent", "Idempotency-Key", "OpenAI-Beta", "x-request-id", "X-Custom",
        "traceparent",
        "HTTP-Referer", "X-Title", "Secret", "Accept-Language",
    ])
    func passesOn(name: String) {
        #expect(passes(name) && passes(name, isOurKey: true))
    }

    @Test func namesOfTheConnectionStay() {
        let fields: Fields = [
            "Connection": "X-One, close , x-TWO", "X-One": "1", "X-Two": "2", "X-Three": "3", "X-Three": "4",
        ]
        #expect(Passage.request(fields, isOurKey: false).map(\.value) == ["3", "4"])
        let answer = ResponseHead(200, fields)
        #expect(Passage.answer(answer, isDecoded: false).map(\.value) == ["3", "4"])
    }

    /// An account goes with the caller's own key only.
    @Test(arguments: ["OpenAI-Organization", "OpenAI-Project"]) func accountsStayWithTheirKey(name: String) {
        #expect(passes(name) && !passes(name, isOurKey: true))
    }

    /// T159: Anthropic's own fields are for them alone.
    @Test(arguments: ["anthropic-version", "Anthropic-Beta", "anthropic-dangerous-direct-browser-access"])
    func theirsAreForThem(name: String) {
        #expect(!passes(name))
        let fields: Fields = [name: "a", name: "b"]
        let passed = Passage.request(fields, isOurKey: true, isAnthropic: true)
        #expect(passed.map(\.value) == ["a", "b"])
    }

    @Test func bytesAreKept() throws {
        var fields = Fields()
        let raw: [UInt8] = [0x61, 0xFF, 0x20, 0x62]
        fields.append(try #require(Field("X-Raw", raw: raw)))
        #expect(Passage.request(fields, isOurKey: false).map(\.raw) == [raw])
    }

    @Test(arguments: [
        "Connection", "Transfer-Encoding", "Content-Length", "Set-Cookie", "Alt-Svc",
        "Strict-Transport-Security",
        "Server", "Via", "NEL", "Report-To", "Access-Control-Allow-Origin", "x-edgefilter-code",
    ])
    func staysWithTheUpstream(name: String) {
        #expect(Passage.answer(ResponseHead(200, [name: "1"]), isDecoded: false).isEmpty)
    }

    @Test(arguments: [
        "Content-Type", "x-request-id", "Retry-After", "x-ratelimit-remaining-tokens", "openai-processing-ms",
        "Cache-Control", "Date", "ETag", "Vary", "Location", "Content-Encoding", "x-should-retry",
    ])
    func comesBack(name: String) {
        #expect(
            Passage.answer(ResponseHead(200, [name: "1"]), isDecoded: false).map(\.name) == [name])
    }

    /// The length is ours to say, and the coding too when we took it off.
    @Test func saysNothingOfWhatIsOurs() {
        let head = ResponseHead(200, ["Content-Length": "12", "Content-Encoding": "gzip"])
        #expect(Passage.answer(head, isDecoded: true).isEmpty)
        #expect(Passage.answer(head, isDecoded: false).map(\.name) == ["Content-Encoding"])
    }
}
