// SPDX-License-Identifier: MIT

import Model
import Testing

@testable import edgefilter

@Suite struct InflateTests {
    /// What pieces decode to, or why they do not.
    private func inflated(_ pieces: [[UInt8]], limit: Int = 64 << 20) throws -> Result<[UInt8], Failure> {
        let inflate = try #require(Inflate(limit: limit))
        var out: [UInt8] = []
        do throws(Failure) {
            for piece in pieces { try inflate.feed(piece.span, into: &out) }
            try inflate.finish()
            return .success(out)
        } catch {
            return .failure(error)
        }
    }

    private func code(_ pieces: [[UInt8]], limit: Int = 64 << 20) throws -> Failure.Code? {
        if case .failure(let failure) = try inflated(pieces, limit: limit) { failure.code } else { nil }
    }

    @Test func decodesHoweverItIsCut() throws {
        let plain = Array("hello hello hello {\"model\":\"m\"} \u{0}é".utf8)
        for pieces in plain.gzipped.splits { #expect(try inflated(pieces).get() == plain) }
        #expect(try inflated([[UInt8]().gzipped]).get().isEmpty)
    }

    @Test(arguments: [65_535, 65_536, 65_537, 131_072, 700_000]) func decodesLongBodies(count: Int) throws {
        var state: UInt32 = 1
        let plain = (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(truncatingIfNeeded: state >> 24)
        }
        let packed = plain.gzipped
        #expect(try inflated([packed]).get() == plain)
        let halves = [Array(packed.prefix(packed.count / 2)), [], Array(packed.dropFirst(packed.count / 2))]
        #expect(try inflated(halves).get() == plain)
    }

    @Test func everyTruncationIsSeen() throws {
        let packed = Array("some text to pack, long enough to matter".utf8).gzipped
        for count in 0..<packed.count {
            let failure = try code([Array(packed.prefix(count))])
            if failure != .badContentCoding { Issue.record("accepts \(count) of \(packed.count) bytes") }
        }
    }

    /// Damage to what means nothing (the time in the head, bits of padding) changes nothing; any other is an
    /// error.
    @Test func damageIsSeen() throws {
        let plain = Array("some text to pack, long enough to matter".utf8)
        let packed = plain.gzipped
        for index in packed.indices {
            for bit in 0..<8 {
                var other = packed
                other[index] ^= 1 << bit
                if case .success(let bytes) = try inflated([other]), bytes != plain {
                    Issue.record("accepts damage at \(index)")
                }
            }
        }
    }

    @Test func nothingMayFollow() throws {
        let packed = Array("abc".utf8).gzipped
        #expect(try code([packed + [0]]) == .badContentCoding)
        #expect(try code([packed, [0]]) == .badContentCoding)
        #expect(try code([packed, []]) == nil)
        for other in [Array("abc".utf8), [0x78, 0x9C, 0x4B, 0x04], []] {
            #expect(try code([other]) == .badContentCoding)
        }
    }

    @Test func holdsToItsLimit() throws {
        let packed = [UInt8](repeating: 0x61, count: 10_000).gzipped
        #expect(try code([packed], limit: 10_000) == nil)
        #expect(try code([packed], limit: 9_999) == .bodyTooLarge)
        for pieces in [[packed], packed.map { [$0] }] {
            #expect(try code(pieces, limit: 100) == .bodyTooLarge)
        }
    }

    /// A bomb is refused by its growth, long before the limit of a body, and never unpacked whole.
    @Test func bombsAreRefused() throws {
        let bomb = [UInt8](repeating: 0, count: 16 << 20).gzipped
        #expect(bomb.count < 32_000)
        let inflate = try #require(Inflate(limit: 64 << 20))
        var out: [UInt8] = []
        let refusal = failure { () throws(Failure) in try inflate.feed(bomb.span, into: &out) }
        #expect(refusal?.code == .bodyTooLarge && refusal?.status == 413)
        #expect(out.count < 8 << 20)
        #expect(try code([[UInt8](repeating: 0, count: 1 << 20).gzipped]) == nil)
    }
}
