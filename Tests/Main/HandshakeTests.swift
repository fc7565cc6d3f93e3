// SPDX-License-Identifier: MIT

import HTTP
import Model
import Testing

@testable import edgefilter

/// The example of RFC 6455, section 1.3.
private let sample = Array("the sample nonce".utf8)
private let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

private func handshake(_ fields: [Field] = []) -> Handshake {
    Handshake(target: "/t%2Fk", host: "h:1", fields: fields, nonce: sample)
}

@Suite struct HandshakeTests {
    private let good =
        "HTTP/1.1 101 Switching Protocols¶Upgrade: WebSocket¶Connection: keep-alive, Upgrade¶Sec-WebSocket-Accept: \(accept)¶"

    private func check(_ answer: String) throws {
        var handshake = handshake()
        _ = try handshake.read(wire(answer).span)
        try handshake.check(#require(handshake.head))
    }

    @Test func requestIsThatOfTheRFC() throws {
        let fields = [Field("User-Agent", "x"), Field("Sec-WebSocket-Version", "8")].compactMap(\.self)
        #expect(
            text(handshake(fields).request)
                == text(
                    wire(
                        "GET /t%2Fk HTTP/1.1¶Host: h:1¶User-Agent: x¶Upgrade: websocket¶Connection: Upgrade¶Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==¶Sec-WebSocket-Version: 13¶¶"
                    )))
    }

    @Test func answerIsTakenHoweverItIsCut() throws {
        let bytes = wire("HTTP/1.1 103 Early Hints¶Link: x¶¶\(good)¶") + [0x81, 0x00]
        for pieces in bytes.splits {
            var handshake = handshake()
            var taken = 0
            for piece in pieces { taken += try handshake.read(piece.span) }
            #expect(taken == bytes.count - 2)
            try handshake.check(#require(handshake.head))
        }
    }

    @Test(arguments: [
        "Upgrade: h2c¶Connection: Upgrade¶Sec-WebSocket-Accept: \(accept)¶",
        "Upgrade: websocket¶Sec-WebSocket-Accept: \(accept)¶",
        "Connection: Upgrade¶Sec-WebSocket-Accept: \(accept)¶",
        "Upgrade: websocket¶Connection: Upgrade¶",
        "Upgrade: websocket¶Connection: Upgrade¶Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=¶",
        "Upgrade: websocket¶Connection: Upgrade¶Sec-WebSocket-Accept: \(accept)¶Sec-WebSocket-Accept: \(accept)¶",
        "Upgrade: websocket¶Connection: Upgrade¶Sec-WebSocket-Accept: \(accept)¶Sec-WebSocket-Extensions: x¶",
        "Upgrade: websocket¶Connection: Upgrade¶Sec-WebSocket-Accept: \(accept)¶Sec-WebSocket-Protocol: x¶",
    ])
    func otherAnswersAreNone(fields: String) {
        #expect(throws: Failure.self) { try check("HTTP/1.1 101 x¶\(fields)¶") }
    }

    @Test(arguments: [200, 204, 302]) func otherStatusesAreNone(status: Int) {
        #expect(throws: Failure.self) { try check("HTTP/1.1 \(status) x¶¶") }
    }

    @Test func refusalIsLookedAtElsewhere() throws { try check("HTTP/1.1 401 x¶¶") }

    @Test(arguments: [
        "SSH-2.0¶", "¶", "HTTP/1.1 x¶", "HTTP/1.1 101 x¶" + String(repeating: "a: b¶", count: 6000),
    ])
    func whatIsNoHeadThrows(answer: String) {
        var handshake = handshake()
        #expect(throws: Failure.self) { try handshake.read(wire(answer).span) }
    }
}
