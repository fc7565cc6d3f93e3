// SPDX-License-Identifier: MIT

import JSON

/// The events of a stream.
///
/// https://platform.claude.com/docs/en/build-with-claude/streaming
enum Events {
    /// Appends an event; its data is written where it belongs, and never copied.
    static func event(_ type: String, to bytes: inout [UInt8], _ fill: (inout Writer) -> Void) {
        bytes.append(contentsOf: "event: ".utf8)
        bytes.append(contentsOf: type.utf8)
        bytes.append(contentsOf: "\ndata: ".utf8)
        var buffer: [UInt8] = []
        swap(&buffer, &bytes)
        bytes = object(type, after: buffer, fill)
        bytes.append(contentsOf: "\n\n".utf8)
    }

    private static func object(
        _ type: String, after buffer: consuming [UInt8], _ fill: (inout Writer) -> Void
    ) -> [UInt8] {
        var writer = Writer(into: buffer)
        writer.beginObject()
        writer.member("type", type)
        fill(&writer)
        writer.endObject()
        return writer.bytes
    }

    static let textDelta = #"text_delta","text":"#
    static let thinkingDelta = #"thinking_delta","thinking":"#
    static let signatureDelta = #"signature_delta","signature":"#
    static let inputDelta = #"input_json_delta","partial_json":"#

    /// Appends `content_block_delta`, by far the most frequent event.
    static func delta(_ index: Int, _ kind: String, _ text: String, to bytes: inout [UInt8]) {
        bytes.append(
            contentsOf: "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":".utf8)
        bytes.append(contentsOf: String(index).utf8)
        bytes.append(contentsOf: #","delta":{"type":""#.utf8)
        bytes.append(contentsOf: kind.utf8)
        Writer.append(text, to: &bytes)
        bytes.append(contentsOf: "}}\n\n".utf8)
    }
}
