// SPDX-License-Identifier: MIT

import HTTP
import Model
import Settings
import Testing

@testable import edgefilter

private let opening = wire(
    "HTTP/1.1 101 x¶Upgrade: websocket¶Connection: Upgrade¶Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=¶¶"
)

/// A frame of the engine's.
private func frame(_ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true) -> [UInt8] {
    let count = payload.count
    let size = count < 126 ? [UInt8(count)] : [126, UInt8(count >> 8), UInt8(count & 255)]
    return [(isFinal ? 0x80 : 0) | opcode] + size + payload
}

private func frame(_ opcode: UInt8, _ payload: String, isFinal: Bool = true) -> [UInt8] {
    frame(opcode, Array(payload.utf8), isFinal: isFinal)
}

private func close(_ code: Int, _ reason: String = "") -> [UInt8] {
    frame(8, [UInt8(code >> 8), UInt8(code & 255)] + Array(reason.utf8))
}

/// A conversation, what came of it, and what it sent.
private struct Talk {
    let socket: WebSocket
    private(set) var content = ""
    private(set) var sent: [UInt8] = []

    init(event: Int = 1000, answer: Int = 3000) throws {
        var limits = Settings::Limits()
        (limits.event, limits.answer) = (event, answer)
        let handshake = Handshake(
            target: "/t", host: "h", fields: [], nonce: Array("the sample nonce".utf8))
        var number: UInt8 = 0
        socket = try #require(
            WebSocket(handshake, message: Array("say".utf8), limits: limits) { count in
                number &+= 1
                return [UInt8](repeating: number, count: count)
            })
        give()
        sent = []
    }

    mutating func take(_ pieces: [[UInt8]]) {
        for piece in pieces {
            socket.take(piece.span)
            content += text(socket.takeContent())
            give()
        }
    }

    mutating func give() {
        var out: [UInt8] = []
        socket.give { bytes in
            // A socket that takes little at a time.
            let count = min(5, bytes.count)
            out.append(contentsOf: bytes.extracting(0..<count).array)
            return count
        }
        sent += out
    }
}

/// A masked frame of the client's.
private func masked(_ opcode: UInt8, _ payload: [UInt8], by mask: UInt8) -> [UInt8] {
    [0x80 | opcode, 0x80 | UInt8(payload.count)] + [UInt8](repeating: mask, count: 4)
        + payload.map { $0 ^ mask }
}

@Suite struct WebSocketTests {
    @Test func messagesAreEventsHoweverTheyAreCut() throws {
        let bytes =
            opening + frame(1, "one") + frame(9, "ping") + frame(1, "tw", isFinal: false) + frame(9, "")
            + frame(0, "", isFinal: false) + frame(0, "o\nthree") + frame(10, "unasked")
        for pieces in bytes.splits {
            var talk = try Talk()
            talk.take(pieces)
            talk.take([close(1000, "bye")])
            #expect(talk.content == "data: one\n\ndata: two\ndata: three\n\n")
            #expect(talk.socket.head?.status == 200 && talk.socket.head?.isStream == true)
            #expect(talk.socket.failure?.code == .brokenStream)
            #expect(talk.socket.failure?.message.contains("(1000: bye)") == true)
            let expected =
                masked(1, Array("say".utf8), by: 1) + masked(10, Array("ping".utf8), by: 2)
                + masked(10, [], by: 3)
                + masked(8, [3, 232] + Array("bye".utf8), by: 4)
            #expect(talk.sent == expected)
        }
    }

    @Test func headComesWithTheFirstMessage() throws {
        var talk = try Talk()
        talk.take([opening + frame(9, "")])
        #expect(talk.socket.head == nil && !talk.socket.isOver)
        talk.take([frame(1, "x")])
        #expect(talk.socket.head != nil && !talk.socket.isOver)
        talk.socket.close()
        talk.give()
        #expect(talk.sent.suffix(8) == masked(8, [3, 232], by: 3)[...])
    }

    @Test(arguments: [
        (close(1000), Failure.Code.brokenAnswer, "(1000)"), (frame(8, ""), .brokenAnswer, "(1005)"),
        (close(1009), .upstreamTooLarge, "(1009)"), (close(1011, "a\u{0}b"), .upstreamFault, "(1011: a b)"),
        (close(1012), .upstreamOverloaded, "(1012)"),
        (close(1013, "later"), .upstreamOverloaded, "(1013: later)"),
        (close(999), .brokenAnswer, "(1002)"), (close(1006), .brokenAnswer, "(1002)"),
        (frame(2, "x"), .brokenAnswer, "no text"), (frame(0, "x"), .brokenAnswer, "(1002)"),
        (frame(3, "x"), .brokenAnswer, "(1002)"), (frame(1, [0xFF]), .brokenAnswer, "(1007)"),
        (frame(1, [0xE2, 0x82]), .brokenAnswer, "(1007)"),
        ([0x81, 0x81, 1, 2, 3, 4, 5], .brokenAnswer, "(1002)"),
        ([0xC1, 0x01, 0x20], .brokenAnswer, "(1002)"),
        (frame(1, [UInt8](repeating: 0x20, count: 1001)), .answerTooLarge, ""),
        ([0x81, 0x7F, 0, 1, 0, 0, 0, 0, 0, 0, 0x20], .answerTooLarge, "larger"),
        (frame(1, "a", isFinal: false) + frame(1, "b"), .brokenAnswer, "(1002)"),
        (
            frame(1, [UInt8](repeating: 0x20, count: 600), isFinal: false)
                + frame(0, [UInt8](repeating: 0x20, count: 600)),
            .answerTooLarge, "larger"
        ),
    ])
    func whatBreaksIt(sent: [UInt8], code: Failure.Code, words: String) throws {
        for pieces in (opening + sent).splits {
            var talk = try Talk()
            talk.take(pieces)
            #expect(talk.socket.isOver && talk.socket.failure?.code == code)
            #expect(talk.socket.failure?.message.contains(words) == true)
            #expect(talk.content == "" && talk.socket.head == nil)
        }
    }

    @Test func allMessagesHaveALimit() throws {
        var talk = try Talk()
        let message = frame(1, [UInt8](repeating: 0x20, count: 999))
        talk.take([opening + message + message + message])
        #expect(!talk.socket.isOver)
        talk.take([message])
        #expect(talk.socket.failure?.code == .answerTooLarge)
    }

    @Test(arguments: [
        ("Content-Length: 2¶¶noX", "no"), ("Transfer-Encoding: chunked¶¶1¶n¶1¶o¶0¶¶", "no"),
        ("Content-Length: 0¶¶", ""),
        ("Transfer-Encoding: chunked¶¶1¶n¶x¶", "n"),
    ])
    func refusalHasItsBody(rest: String, body: String) throws {
        for pieces in wire("HTTP/1.1 403 x¶Retry-After: 7¶\(rest)").splits {
            var talk = try Talk()
            talk.take(pieces)
            #expect(talk.socket.isOver && talk.socket.failure == nil)
            #expect(talk.socket.head?.status == 403 && talk.socket.head?.fields["Retry-After"] == "7")
            #expect(talk.content == body && talk.sent.isEmpty)
        }
    }

    @Test func refusalWithoutALengthEndsWithTheConnection() throws {
        var talk = try Talk()
        talk.take([wire("HTTP/1.1 500 x¶¶"), wire("no")])
        #expect(!talk.socket.isOver && talk.content == "no")
        talk.socket.hangUp()
        #expect(talk.socket.isOver && talk.socket.failure == nil)
    }

    @Test func brokenConnection() throws {
        for (bytes, code): ([UInt8], Failure.Code) in [
            ([], .brokenAnswer), (opening, .brokenAnswer), (opening + frame(1, "x"), .brokenStream),
        ] {
            var talk = try Talk()
            talk.take([bytes])
            talk.socket.hangUp()
            #expect(talk.socket.isOver && talk.socket.failure?.code == code)
        }
    }

    /// Pings to which nobody takes the answers are not read for ever.
    @Test func unreadPongsStopTheReading() throws {
        let talk = try Talk()
        talk.socket.take(opening.span)
        let ping = frame(9, [UInt8](repeating: 0x70, count: 125))
        var count = 0
        while !talk.socket.isClogged, count < 10_000 {
            talk.socket.take(ping.span)
            count += 1
        }
        #expect(count < 1_000 && !talk.socket.isOver)
    }
}
