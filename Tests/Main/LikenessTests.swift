// SPDX-License-Identifier: MIT

import HTTP
import Testing

@testable import edgefilter

/// A stream fed byte by byte is read event by event; fed in larger pieces, what is like the event before is
/// not read.
///
/// Nobody may see a difference.
@Suite struct LikenessTests {
    private static let usual =
        #"{"id":"1","created":17,"model":"glm","choices":[{"delta":{"content":"Hi"},"finish_reason":null}]}"#
    private static let delta = #"{"type":"response.output_text.delta","sequence_number":7,"delta":"Hi"}"#

    /// What follows an event that was learnt, and might pass for one that is like it.
    private static let others = [
        usual.replacing("Hi", with: #"a \"word\" \u00e9 é"#), usual.replacing("Hi", with: ""),
        usual.replacing("Hi", with: #""finish_reason":"stop""#),
        usual.replacing("Hi", with: #"","finish_reason":"stop","x":""#),
        usual.replacing("Hi", with: #"\","finish_reason":"stop","x":\""#),
        usual.replacing("Hi", with: #"\\","finish_reason":"stop","x":""#),
        usual.replacing("Hi", with: #"\u00"#), usual.replacing("Hi", with: "\u{1}"),
        usual.replacing("Hi", with: "a\n\ndata: x"), usual.replacing("Hi", with: "a\r"),
        usual.replacing("null", with: #""stop""#), usual.replacing("null", with: "\"length\" "),
        usual.replacing("glm", with: "gl"), usual.replacing("glm", with: "glmm"),
        usual.replacing("model", with: #"m\u006fdel"#), usual.replacing(":17", with: ":018"),
        usual.replacing(":17", with: ":-1.5e+9"), usual.replacing(":17", with: ":1e"),
        usual.replacing(":17", with: #":"17""#), usual.replacing(":17", with: ":17 "),
        usual.replacing(#""id":"1""#, with: #""error":{"a":1}"#),
        usual.replacing(#""id":"1""#, with: #""model":"1""#),
        usual.replacing("]}", with: #"],"usage":{"prompt_tokens":3,"completion_tokens":4}}"#),
        usual.replacing("]}", with: #"],"us\u0061ge":{"prompt_tokens":3}}"#),
        usual.replacing("]}", with: "]"), usual + " ", usual + "x", "[DONE]", "", #"{"model":7}"#,
        delta, delta.replacing("7", with: "8000"),
        delta.replacing("7", with: #"7,"response":{"status":"completed","model":"glm"}"#),
    ]

    private static let frames: [@Sendable (String) -> String] = [
        { "data: \($0)\n\n" }, { "event: delta\ndata: \($0)\n\n" }, { ": note\n\ndata:\($0)\n\n" },
        { "data: \($0)\r\n\r\n" }, { "data: \($0)\r\r" }, { "id: 1\ndata: \($0)\nretry: 5\n\n" },
    ]

    @Test(arguments: 0..<frames.count, ["", "my \"best\" model"])
    func nobodySeesIt(frame: Int, name: String) {
        let frame = Self.frames[frame]
        for first in [Self.usual, Self.delta] {
            for other in Self.others {
                let stream = [first, first, other, first, other, other].map(frame).joined()
                expectSame(Array(stream.utf8), name.isEmpty ? nil : name)
            }
        }
    }

    @Test func framesMayMix() {
        for one in Self.frames {
            for other in Self.frames {
                let stream =
                    one(Self.usual) + one(Self.usual) + other(Self.usual) + "\n" + one(Self.usual) + "\r"
                expectSame(Array((stream + one(Self.usual) + ":\r" + "\n" + one(Self.usual)).utf8), "m")
            }
        }
    }

    @Test func badUTF8IsNoText() {
        for bytes: [UInt8] in [[0xFF], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xC3, 0xA9]] {
            let event = Array("data: {\"model\":\"a\",\"x\":\"".utf8) + bytes + Array("\"}\n\n".utf8)
            let good = Array("data: {\"model\":\"a\",\"x\":\"é\"}\n\n".utf8)
            expectSame(good + good + event + good, "m")
            expectSame(good + event + event + good, nil)
        }
    }

    private func expectSame(_ stream: [UInt8], _ name: String?) {
        let type = "text/event-stream"
        let slow = Passed(stream.map { [$0] }, type: type, name: name)
        let whole = [[stream]]
        let halves = stride(from: 0, through: stream.count, by: 7).map {
            [Array(stream.prefix($0)), Array(stream.dropFirst($0))]
        }
        for pieces in whole + halves {
            let fast = Passed(pieces, type: type, name: name)
            #expect(fast == slow)
        }
    }
}
