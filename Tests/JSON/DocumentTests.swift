// SPDX-License-Identifier: MIT

import JSON
import Testing

@Suite struct DocumentTests {
    /// Values are counted as pieces are read, so that a text far beyond the limit takes no room.
    @Test func moreValuesThanTheLimit() throws {
        let many = Array("[\(String(repeating: "1,", count: 300_000))1]".utf8)
        #expect(throws: Malformed(.tooMany, at: 0)) { try Document(many, limits: Limits(elements: 300_000)) }
        #expect(
            try Document(many, limits: Limits(elements: 300_002)).root.elements.count { _ in true } == 300_001
        )
    }

    @Test(arguments: [
        ("", Malformed.Reason.truncated, 0), ("[1,", .truncated, 3), ("\"a", .truncated, 2),
        ("-", .truncated, 1),
        ("tru", .truncated, 3), ("1 2", .trailingBytes, 2), ("[}", .unexpectedByte, 1),
        ("[1,]", .unexpectedByte, 3),
        ("{\"a\" 1}", .unexpectedByte, 5), ("{1:2}", .unexpectedByte, 1), ("[01]", .unexpectedByte, 2),
        ("[1.]", .badNumber, 3), ("-a", .badNumber, 1), ("trUe", .badLiteral, 2), ("\"\\x\"", .badEscape, 2),
        ("\"\\u12g4\"", .badEscape, 5), ("\"a\nb\"", .controlInString, 2), ("\u{FEFF}1", .unexpectedByte, 0),
    ])
    func complaints(text: String, reason: Malformed.Reason, offset: Int) throws {
        let error = try #require(complaint(of: Array(text.utf8)))
        #expect(error.reason == reason)
        #expect(error.offset == offset)
    }

    @Test(
        arguments: [
            ([0x80], 1), ([0xC0, 0x80], 1), ([0xC1, 0xBF], 1), ([0xC3, 0x28], 2), ([0xE0, 0x9F, 0x80], 2),
            ([0xE4, 0xBD, 0x22], 3), ([0xED, 0xA0, 0x80], 2), ([0xF0, 0x8F, 0x80, 0x80], 2),
            ([0xF4, 0x90, 0x80, 0x80], 2), ([0xF5, 0x80, 0x80, 0x80], 1), ([0xFF], 1),
        ] as [([UInt8], Int)])
    func badUTF8(bytes: [UInt8], offset: Int) throws {
        let error = try #require(complaint(of: [0x22] + bytes + [0x22]))
        #expect(error.reason == .badUTF8)
        #expect(error.offset == offset)
    }

    @Test func everyCharacterIsAccepted() throws {
        var all = ""
        for code in UInt32(0)...0x10FFFF {
            if let scalar = Unicode.Scalar(code) { all.unicodeScalars.append(scalar) }
        }
        var text: [UInt8] = []
        Writer.append(all, to: &text)
        let document = try Document(text)
        let string = try #require(document.root.string)
        #expect(string.utf8.elementsEqual(all.utf8))
    }

    @Test func complaintReadsWell() {
        #expect(
            Malformed(.unexpectedByte, at: 12, byte: 0x7D).description == "unexpected byte 0x7d at offset 12")
        #expect(Malformed(.truncated, at: 3).description == "text ends too early at offset 3")
        #expect(Malformed(.truncated, at: 3) == Malformed(.truncated, at: 4))
        #expect(Malformed(.truncated, at: 3) != Malformed(.tooDeep, at: 3))
    }

    @Test func depth() throws {
        let deep =
            [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
            + [UInt8](repeating: UInt8(ascii: "]"), count: 100_000)
        let error = try #require(complaint(of: deep))
        #expect(error.reason == .tooDeep)
        #expect(error.offset == 128)
        #expect(complaint(of: Array(deep[(100_000 - 128)..<(100_000 + 128)])) == nil)
        let generous = Limits(depth: 100_000)
        #expect(complaint(of: deep, limits: generous) == nil)
        #expect(
            watched(deep, cutAt: [50_000], limits: generous) == watched(deep, cutAt: [], limits: generous))
        #expect(watched(deep, cutAt: [5]) == .failure(error))
    }

    @Test func size() throws {
        let limits = Limits(size: 4)
        #expect(complaint(of: Array("[12]".utf8), limits: limits) == nil)
        let error = try #require(complaint(of: Array("[123]".utf8), limits: limits))
        #expect(error.reason == .tooLarge)
        #expect(error.offset == 4)
        #expect(watched(Array("[123]".utf8), cutAt: [2], limits: limits) == .failure(error))
        #expect(throws: Malformed(.tooLarge, at: 4)) {
            try Document(copying: Array("[123]".utf8).span, limits: limits)
        }
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("-0.0", 0), ("12", 12), ("1.0", 1), ("1e3", 1000), ("1E+3", 1000),
            ("1200e-2", 12),
            ("1.5", nil), ("1.5e1", 15), ("15e-1", nil), ("0e99999999999999999999", 0),
            ("1e99999999999999999999", nil),
            ("1e-99999999999999999999", nil), ("0.000e-5", 0), ("0.05e2", 5),
            ("9223372036854775807", 9_223_372_036_854_775_807),
            ("9223372036854775808", nil), ("-9223372036854775808", .min), ("-9223372036854775809", nil),
            ("-922337203685477580.80e1", .min), ("1e19", nil), ("1e18", 1_000_000_000_000_000_000),
            ("\"1\"", nil), ("true", nil),
        ] as [(String, Int?)])
    func integers(text: String, value: Int?) throws {
        #expect(try document(text).root.int == value)
        let found = try watched(Array(text.utf8), cutAt: [], paths: [[]]).get()
        #expect(found.first?.int == value)
    }

    @Test func scalars() throws {
        #expect(try document(" true ").root.bool == true)
        #expect(try document("false").root.bool == false)
        #expect(try document("null").root.isNull)
        #expect(try document("0.25").root.double == 0.25)
        #expect(try document("1e999").root.double == nil)
        #expect(try document("1").root.bool == nil)
        #expect(try document("1").root.string == nil)
        #expect(try document("1").root["a"] == nil)
        #expect(try document("\"1\"").root.number == nil)
        #expect(try document("{\"a\":1}").root.elements.map(\.kind) == [])
    }

    @Test(arguments: [
        (#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{C}\n\r\tz"), (#""\u0041\u00e9\u4f60""#, "Aé你"),
        (#""\ud83d\ude00""#, "😀"), (#""\uD83D""#, "\u{FFFD}"), (#""\ud83dx""#, "\u{FFFD}x"),
        (#""\ude00\ud83d""#, "\u{FFFD}\u{FFFD}"), (#""\ud83d\u0041""#, "\u{FFFD}A"),
        (#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"), (#""\ud83d\n""#, "\u{FFFD}\n"), (#""\u0000""#, "\0"),
        (#""你好 é 😀""#, "你好 é 😀"), (#""""#, ""),
    ])
    func strings(text: String, meaning: String) throws {
        #expect(try #require(try document(text).root.string).utf8.elementsEqual(meaning.utf8))
    }

    @Test func verbatim() throws {
        let root = try document(#" { "a" : [ 1 , {"b":2.50} ] , "c" : "\u0041" } "#).root
        let text = { (value: Value?) in value.map { String(decoding: $0.verbatim, as: UTF8.self) } }
        #expect(text(root) == #"{ "a" : [ 1 , {"b":2.50} ] , "c" : "\u0041" }"#)
        #expect(text(root["a"]) == #"[ 1 , {"b":2.50} ]"#)
        #expect(root["a"]?.elements.compactMap(text) == ["1", #"{"b":2.50}"#])
        #expect(text(root["c"]) == #""\u0041""#)
        #expect(root["c"]?.offset == 36)
    }
}
