// SPDX-License-Identifier: MIT

import Testing

@testable import HTTP

@Suite struct BodyTests {
    @Test(arguments: [
        ("0¶¶", ""), ("5¶hello¶0¶¶", "hello"), ("5¶hello¶6¶ world¶000¶¶", "hello world"),
        ("A¶0123456789¶0¶¶", "0123456789"), ("0000000000000005¶hello¶0¶¶", "hello"),
        ("a¶0123456789¶00¶¶", "0123456789"),
        ("5;a¶hello¶0;b=c¶¶", "hello"), ("5 ; a = \"b\\\"; c\" ;d¶hello¶0¶¶", "hello"), ("2¶¶¶0¶¶", "\r\n"),
        ("5¶hello¶0¶Vary: *¶X-Sum: 1¶¶", "hello"),
        ("5;\(String(repeating: "x", count: 255))¶hello¶0¶¶", "hello"),
    ])
    func readsChunks(_ input: String, body: String) {
        let bytes = wire(input)
        for pieces in (bytes + wire("GET")).splits {
            #expect(BodyOutcome(pieces) == .body(wire(body), consumed: bytes.count))
        }
    }

    @Test(arguments: [
        (BadHTTP.Reason.badChunkSize, "¶"), (.badChunkSize, "x¶"), (.badChunkSize, "-1¶"),
        (.badChunkSize, "+1¶"),
        (.badChunkSize, "0x1¶"), (.badChunkSize, " 1¶"), (.badChunkSize, ";a¶"),
        (.badChunkSize, "00000000000000001¶"),
        (.badChunkSize, "ffffffffffffffff¶"), (.badChunkSize, "1_0¶"), (.badChunkExtension, "1 ¶"),
        (.badChunkExtension, "1;¶"), (.badChunkExtension, "1;a=¶"), (.badChunkExtension, "1;a=\"b¶"),
        (.badChunkExtension, "1;a=b c¶"), (.badChunkExtension, "1;a\u{1}¶"),
        (.badChunkExtension, "1;a=\"\u{1}\"¶"),
        (.bareLF, "1\n"), (.bareLF, "1;a\n"), (.bareCR, "1;a\rb¶"), (.bareCR, "1\r\r\n"), (.nul, "1;\0¶"),
        (.chunkExtensionTooLong, "5;\(String(repeating: "x", count: 256))¶hello¶0¶¶"),
        (.chunkExtensionTooLong, "5;\(String(repeating: "x", count: 300))"),
        (.chunkExtensionTooLong, String(repeating: "1;\(String(repeating: "x", count: 200))¶a¶", count: 21)),
        (.badChunkEnd, "1¶ab¶"), (.bareLF, "1¶a\n"), (.bareCR, "1¶a\rb"), (.badChunkEnd, "1¶a0¶¶"),
        (.badFieldName, "0¶a b: c¶¶"), (.missingColon, "0¶abc¶¶"), (.obsFold, "0¶a: b¶ c¶¶"),
        (.badFieldValue, "0¶a: \u{1}¶¶"),
        (.badTrailer, "0¶Content-Length: 1¶¶"), (.badTrailer, "0¶transfer-encoding: chunked¶¶"),
        (.badTrailer, "0¶Host: a¶¶"),
        (.badTrailer, "0¶Authorization: Bearer x¶¶"), (.bareLF, "0¶\n"),
        (.trailerTooLarge, "0¶" + String(repeating: "a: b¶", count: 21)),
        (.trailerTooLarge, "0¶a: " + String(repeating: "b", count: 4096)),
        (.bodyTooLarge, "100001¶"), (.bodyTooLarge, "100000¶\(String(repeating: "a", count: 1 << 20))¶1¶"),
    ])
    func refuses(_ reason: BadHTTP.Reason, input: String) {
        let bytes = wire(input)
        let ways = bytes.count < 100 ? bytes.splits : [[bytes]] + (1...9).map { bytes.scattered($0) }
        for pieces in ways { #expect(BodyOutcome(pieces) == .bad(reason)) }
    }

    @Test(arguments: ["", "5", "5¶hell", "5¶hello¶", "5¶hello¶0", "5¶hello¶0¶", "0¶a: b¶"])
    func tellsTruncation(_ input: String) {
        #expect(BodyOutcome([wire(input)]) == .unfinished)
    }

    @Test func counts() throws {
        let bytes = wire("hello, next")
        for pieces in bytes.splits {
            #expect(BodyOutcome(pieces, .counted(5)) == .body(wire("hello"), consumed: 5))
        }
        #expect(BodyOutcome([bytes], .counted(0)) == .body([], consumed: 0))
        #expect(BodyOutcome([bytes], .none) == .body([], consumed: 0))
        #expect(BodyOutcome([bytes], .counted(12)) == .unfinished)
        #expect(BodyOutcome([bytes], .counted(5), limit: 5) == .body(wire("hello"), consumed: 5))
        #expect(BodyOutcome([], .counted(6), limit: 5) == .bad(.bodyTooLarge))
        #expect(BadHTTP(.bodyTooLarge).status == 413)
        var reader = try BodyReader(.counted(5), limit: 5)
        var out: [UInt8] = []
        #expect(reader.remaining == 5)
        let consumed = try reader.read(wire("he").span, into: &out)
        #expect(consumed == 2)
        #expect(reader.remaining == 3 && !reader.isDone)
    }

    @Test(arguments: [1, 2, 3, 100, 5000]) func readsWhatItWrites(size: Int) {
        let body = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        var writer = BodyWriter(.chunked)
        var out: [UInt8] = []
        var rest = body[...]
        while !rest.isEmpty {
            writer.write(Array(rest.prefix(size)).span, to: &out)
            rest = rest.dropFirst(size)
        }
        let isWhole = writer.finish(to: &out)
        #expect(isWhole)
        for seed in 1...20 as ClosedRange<UInt64> {
            #expect(BodyOutcome(out.scattered(seed)) == .body(body, consumed: out.count))
        }
        #expect(BodyOutcome([out], limit: body.count) == .body(body, consumed: out.count))
        #expect(BodyOutcome([out], limit: body.count - 1) == .bad(.bodyTooLarge))
    }

    @Test(arguments: [
        (BodyWriter.Framing.chunked, "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", true), (.untilClose, "abcde", true),
        (.none, "", true), (.counted(5), "abcde", true), (.counted(4), "abcd", true),
        (.counted(6), "abcde", false),
    ])
    func writes(_ framing: BodyWriter.Framing, output: String, isWhole: Bool) {
        var writer = BodyWriter(framing)
        var out: [UInt8] = []
        for piece in ["abc", "", "de"] { writer.write(Array(piece.utf8).span, to: &out) }
        let reached = writer.finish(to: &out)
        #expect(reached == isWhole)
        #expect(text(out) == output)
    }

    @Test(arguments: [1, 7, 1 << 20]) func looksAtAByteOnce(size: Int) throws {
        let input = wire(String(repeating: "1;\(String(repeating: "x", count: 20))¶a¶", count: 100) + "0¶¶")
        var reader = try BodyReader(.chunked, limit: 1000)
        var out: [UInt8] = []
        var rest = input[...]
        while !rest.isEmpty {
            _ = try reader.read(Array(rest.prefix(size)).span, into: &out)
            rest = rest.dropFirst(size)
        }
        #expect(reader.isDone)
        #expect(reader.line.toil.bytes <= 2 * input.count)
    }
}
