// SPDX-License-Identifier: MIT

import Testing

@testable import Settings

/// A small generator with a fixed start: the same bytes in every run.
private struct Noise: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}

/// Reads bytes as a file, and as a file of variables; only complaints may come of it.
private func read(_ bytes: [UInt8]) -> [Complaint] {
    let scratch = Scratch()
    let path = scratch.write(bytes, to: "x")
    do throws(Complaints) {
        let settings = try Reading.settings(
            Sources(
                file: (path: path, mustExist: true), environment: ["UPSTREAM_KEY": "9f8e7d"], envFile: path))
        _ = settings.effective
        return []
    } catch {
        return error.all
    }
}

@Test func everyPrefixOfTheExample() {
    let bytes = Array(example.utf8)
    for end in bytes.indices {
        for complaint in read(Array(bytes[..<end])) where complaint.line > 0 {
            #expect(complaint.column > 0)
        }
    }
}

@Test(arguments: 0..<300)
func changedBytes(seed: Int) {
    var noise = Noise(state: UInt64(seed))
    var bytes = Array(example.utf8)
    let pool = Array("{}[]:,-#&*!|>'\"%@`\n \t\0\u{FEFF}é${".utf8) + [0xFF, 0xC3, 0x80]
    for _ in 0..<Int.random(in: 1...20, using: &noise) {
        let index = Int.random(in: bytes.indices, using: &noise)
        bytes[index] = pool.randomElement(using: &noise) ?? 0
    }
    _ = read(bytes)
}

@Test func laughter() {
    var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<12 {
        yaml += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1), *a\(level - 1), *a\(level - 1)]\n"
    }
    let complaints = Scratch().complaints(yaml)
    #expect(
        complaints == [
            "edgefilter.yaml:1:5: anchors, aliases and tags are not used here: write the value itself"
        ])
}

@Test(arguments: ["[", "{", "- ", "? ", "{a: ", "'", "\"", "|\n ", "${env:"])
func deepAndLong(piece: String) {
    _ = read(Array(String(repeating: piece, count: 20_000).utf8))
}

@Test func manyComplaintsEnd() {
    let yaml = (0..<5000).map { "key\($0): 1\n" }.joined()
    #expect(Scratch().complaints(yaml).count == 5000)
}
