// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Responses

/// Answers that are long.
@Suite struct WriteReplySizeTests {
    private func names(_ bytes: [UInt8]) throws -> [String] {
        try parsed(bytes).map { $0.name.replacing("response.", with: "") }
    }

    @Test func endsWhatIsTooLarge() throws {
        var writer = Client().replyWriter(for: asked(), id: "1", created: 7)
        let piece = Event.delta(.text(String(repeating: "x", count: 1 << 20)))
        var bytes: [UInt8] = []
        for event in [.begin(Beginning()), .open(.text)] + Array(repeating: piece, count: 40)
        where writer.failure == nil {
            bytes.removeAll(keepingCapacity: true)
            writer.write(event, to: &bytes)
        }
        #expect(writer.failure?.code == .answerTooLarge)
        #expect(try names(bytes) == ["error", "failed"])
        writer.write(.close, to: &bytes)
        #expect(try names(bytes) == ["error", "failed"])
    }

    @Test("T96: fifty thousand pieces of one argument are joined once") func manyPieces() throws {
        var writer = Client().replyWriter(for: asked(), id: "1", created: 7)
        var bytes: [UInt8] = []
        writer.write(.begin(Beginning()), to: &bytes)
        writer.write(.open(.call(id: "c", name: "f", isCustom: false)), to: &bytes)
        let piece = Event.delta(.text(String(repeating: "x", count: 100)))
        for _ in 0..<50_000 {
            bytes.removeAll(keepingCapacity: true)
            writer.write(piece, to: &bytes)
        }
        bytes.removeAll()
        writer.write(.close, to: &bytes)
        writer.write(.end(Ending(.toolCall)), to: &bytes)
        #expect(bytes.count > 15_000_000)
    }

    @Test("An answer of nothing but items ends, too") func endlessItems() {
        var writer = Client().replyWriter(for: asked(), id: "1", created: 7)
        var bytes: [UInt8] = []
        let seal = String(repeating: "s", count: 1 << 20)
        for _ in 0..<40 where writer.failure == nil {
            bytes.removeAll()
            writer.write(.open(.redacted(seal)), to: &bytes)
            writer.write(.close, to: &bytes)
        }
        #expect(writer.failure?.code == .answerTooLarge)
        bytes.removeAll()
        writer.write(.end(Ending(.finished)), to: &bytes)
        #expect(bytes.isEmpty)
    }
}
