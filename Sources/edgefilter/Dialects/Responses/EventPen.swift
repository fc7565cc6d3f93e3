// SPDX-License-Identifier: MIT

import HTTP
import JSON

/// Writes the events of one stream, numbered from 0.
struct EventPen: Sendable {
    private var sequence = 0
    private var buffer: [UInt8] = []

    mutating func event(_ type: String, to bytes: inout [UInt8], _ fill: (inout Writer) -> Void) {
        buffer.removeAll(keepingCapacity: true)
        var taken: [UInt8] = []
        swap(&taken, &buffer)
        var writer = Writer(into: taken)
        writer.beginObject()
        writer.member("type", type)
        writer.member("sequence_number", sequence)
        sequence += 1
        fill(&writer)
        writer.endObject()
        buffer = writer.bytes
        EventWriter.write(name: type, data: buffer.span, to: &bytes)
    }
}
