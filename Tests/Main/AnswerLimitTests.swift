// SPDX-License-Identifier: MIT

import Testing

@testable import edgefilter

/// Names of absurd length, in a process of their own: none may end it.
@Suite struct AnswerLimitTests {
    @Test func survivesALongModel() async {
        await #expect(processExitsWith: .success) { passLong(#"{"model":"#, #","a":1}"#) }
    }

    @Test func survivesALongError() async {
        await #expect(processExitsWith: .success) { passLong(#"{"error":"#, #","model":"a"}"#) }
    }

    @Test func survivesALongReason() async {
        await #expect(processExitsWith: .success) { passLong(#"{"choices":[{"finish_reason":"#, "}]}") }
    }
}

/// Passes a string that is longer than what is ever held, in pieces; ends the process when it does not
/// arrive.
private func passLong(_ before: String, _ after: String) {
    let text = "\(before)\"\(String(repeating: "n", count: 200_000))\"\(after)"
    let bytes = Array(text.utf8)
    let pieces = stride(from: 0, to: bytes.count, by: 16_384).map { start in
        Array(bytes[start..<min(start + 16_384, bytes.count)])
    }
    let passed = Passed(pieces, type: "application/json", name: "m")
    precondition(passed.code == nil && passed.content.hasPrefix(before) && passed.content.hasSuffix("}"))
}
