// SPDX-License-Identifier: MIT

import Testing

@testable import HTTP

@Suite struct LineReaderTests {
    private func lines(_ pieces: [[UInt8]], limit: Int = 100) throws -> [String] {
        var reader = LineReader(limit: limit)
        var found: [String] = []
        for piece in pieces {
            var index = 0
            while try reader.next(in: piece.span, at: &index) { found.append(text(reader.line)) }
            #expect(index == piece.count)
        }
        if reader.finish() { found.append(text(reader.line)) }
        return found
    }

    @Test("any end of line, any pieces")
    func splits() throws {
        let bytes = wire("one¶two\nthree\rfour\n\n¶\r\rfive, which has no end")
        for pieces in bytes.splits {
            #expect(try lines(pieces) == ["one", "two", "three", "four", "five, which has no end"])
        }
    }

    @Test func nothing() throws {
        #expect(try lines([]) == [])
        #expect(try lines([wire("\n\r¶")]) == [])
    }

    @Test("a line may be as long as the limit, wherever it is cut")
    func limit() throws {
        let bytes = wire("12345\n")
        for pieces in bytes.splits {
            #expect(try lines(pieces, limit: 5) == ["12345"])
            #expect(throws: BadHTTP(.eventTooLarge)) { try lines(pieces, limit: 4) }
        }
    }
}
