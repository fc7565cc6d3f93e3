// SPDX-License-Identifier: MIT

import JSON
import Testing

@testable import KeyLog

@Suite struct RecordTests {
    @Test func comesBack() throws {
        let record = fullRecord()
        #expect(Record(line: line(of: record)) == record)
        #expect(Record(line: line(of: Record())) == Record())
    }

    @Test func isOneLineOfJSON() throws {
        var bytes: [UInt8] = [0x78]
        fullRecord().write(to: &bytes)
        #expect(bytes[0] == 0x78 && bytes[1] == 0x0A && bytes.last == 0x0A)
        #expect(bytes.count { $0 == 0x0A } == 2)
        let document = try Document(line(of: fullRecord()))
        #expect(document.root["model"]?.string == "gpt-5" && document.root["ms"]?.int == 4567)
        #expect(document.root["crc"]?.string?.utf8.count == 8)
        #expect(document.root.object?.members.map(\.name).last == "crc")
    }

    @Test func everyTornPrefixIsRefused() {
        let whole = line(of: fullRecord())
        for count in 0..<whole.count where Record(line: Array(whole.prefix(count))) != nil {
            Issue.record("accepts \(count) bytes")
        }
        for count in 1...whole.count where Record(line: Array(whole.dropFirst(count))) != nil {
            Issue.record("accepts it from \(count) on")
        }
        #expect(Record(line: whole + [0x7D]) == nil && Record(line: whole + whole) == nil)
    }

    @Test func everyFlippedByteIsRefused() {
        let whole = line(of: fullRecord())
        for index in whole.indices {
            for bits in 1...UInt8.max {
                var other = whole
                other[index] ^= bits
                if Record(line: other) != nil {
                    Issue.record("accepts \(other[index]) for \(whole[index]) at \(index) of \(whole.count)")
                }
            }
        }
    }

    @Test func twoSwappedBytesAreRefused() {
        let whole = line(of: fullRecord())
        for index in whole.indices.dropLast() where whole[index] != whole[index + 1] {
            var other = whole
            other.swapAt(index, index + 1)
            if Record(line: other) != nil { Issue.record("accepts swapped bytes at \(index)") }
        }
    }

    @Test(arguments: [
        "a\nb", "\n", "\r\n\r\n", "\"},{\"crc\":\"00000000\"}", "\\", "\\\"", "\u{0}", "\u{1F}\u{7F}",
        "\u{2028}",
        "},\n{", "é世界🎉", "\u{FEFF}", String(repeating: "a", count: 10_000),
        String(repeating: "\n", count: 10_000), String(repeating: "\"", count: 10_000),
        String(repeating: "世", count: 10_000), String(repeating: "🎉\u{0}", count: 10_000),
        "e" + String(repeating: "\u{301}", count: 10_000),
    ])
    func hostileTextsStayOneLine(text: String) throws {
        var record = fullRecord()
        let paths: [WritableKeyPath<Record, String>] = [
            \.time, \.id, \.key, \.method, \.endpoint, \.client, \.dialect, \.model, \.used, \.upstream,
            \.stop,
            \.ended,
        ]
        for path in paths { record[keyPath: path] = text }
        record.milliseconds = .max
        record.input = .min
        let bytes = line(of: record)
        #expect(bytes.count + 2 <= Record.lineLimit)
        #expect(bytes.allSatisfy { $0 >= 0x20 })
        let back = try #require(Record(line: bytes))
        #expect(text.unicodeScalars.starts(with: back.model.unicodeScalars))
        #expect(back.milliseconds == Record.sane(.max) && back.input == 0 && back.model == back.ended)
        for path in paths {
            var escaped: [UInt8] = []
            Writer.append(back[keyPath: path], to: &escaped)
            #expect(escaped.count <= Record.textLimit + 2)
        }
        if text.utf8.count < 20 { #expect(back.model == text) }
    }

    @Test func somethingElseIsNoRecord() {
        for text in ["", "{}", "x", #"{"crc":"00000000"}"#, #"{,"crc":"00000000"}"#, #"","crc":"        "}"#]
        {
            #expect(Record(line: Array(text.utf8)) == nil)
        }
    }

    /// A later version may add members: older ones are read as they are.
    @Test func unknownMembersAreSkipped() throws {
        let body = Array(#"{"time":"t","new":{"a":[1]},"status":200"#.utf8)
        let whole = body + Array(#","crc":"\#(hexadecimal(CRC32C.sum(of: body)))"}"#.utf8)
        let record = try #require(Record(line: whole))
        #expect(record.time == "t" && record.status == 200 && record.model.isEmpty)
    }
}

@Suite struct CRC32CTests {
    @Test func isRFC3720s() {
        let vectors: [([UInt8], UInt32)] = [
            ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
            ([UInt8](0..<32), 0x46DD_794E), ([UInt8]((0..<32).reversed()), 0x113F_DB5C),
            ([UInt8]("123456789".utf8), 0xE306_9283), ([], 0),
        ]
        for (bytes, sum) in vectors {
            #expect(CRC32C.sum(of: bytes) == sum && CRC32C.plainSum(of: bytes) == sum)
        }
    }

    @Test func isWrittenWithEightDigits() {
        #expect(hexadecimal(0) == "00000000" && hexadecimal(0xABC) == "00000abc")
        #expect(hexadecimal(.max) == "ffffffff")
    }
}
