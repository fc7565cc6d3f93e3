// SPDX-License-Identifier: MIT

import JSON
import Testing

@Suite struct WriterTests {
    @Test func commas() throws {
        let source = try document("[1, 2]")
        var writer = Writer()
        writer.beginObject()
        writer.member("a", "b")
        writer.member("n", -12)
        writer.member("t", true)
        writer.name("list")
        writer.beginArray()
        writer.beginArray()
        writer.endArray()
        writer.beginObject()
        writer.endObject()
        writer.null()
        writer.number("1.50")
        writer.bool(false)
        writer.int(.min)
        writer.verbatim(source.root)
        writer.verbatim(Array("{}".utf8).span)
        writer.endArray()
        writer.member("last", source.root)
        writer.endObject()
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == #"{"a":"b","n":-12,"t":true,"list":[[],{},null,1.50,false,-9223372036854775808,"#
                + #"[1, 2],{}],"last":[1, 2]}"#
        )
    }

    @Test func appendsToWhatIsThere() {
        var writer = Writer(into: Array("data: ".utf8))
        writer.beginArray()
        writer.endArray()
        #expect(writer.bytes == Array("data: []".utf8))
        writer.reset()
        writer.null()
        #expect(writer.bytes == Array("null".utf8))
    }

    @Test func controlsAreEscaped() {
        var bytes: [UInt8] = []
        Writer.append("\0\u{1F}\u{8}\t\n\u{C}\r\"\\/\u{7F}\u{2028}é😀", to: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #""\u0000\u001f\b\t\n\f\r\"\\/"# + "\u{7F}\u{2028}é😀\"")
    }

    @Test func escapeAtEveryPlace() throws {
        for length in 0..<20 {
            for place in 0...length {
                for special in ["\"", "\\", "\u{1}", "é", "\u{1F}", " "] {
                    let string =
                        String(repeating: "x", count: place) + special
                        + String(repeating: "y", count: length - place)
                    var bytes: [UInt8] = []
                    Writer.append(string, to: &bytes)
                    #expect(try Document(bytes).root.string == string)
                }
            }
        }
    }

    @Test func bytesThatAreNotUTF8AreMended() {
        var writer = Writer()
        writer.string(utf8: [0x61, 0xFF, 0x0A].span)
        writer.beginArray()
        writer.string(utf8: Array("你".utf8).span)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "\"a\u{FFFD}\\n\",[\"你\"")
    }
}
