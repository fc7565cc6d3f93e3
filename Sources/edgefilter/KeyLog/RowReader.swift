// SPDX-License-Identifier: MIT

import JSON

/// Reads the rows of totals one by one; each must come after the one before it.
struct RowReader {
    private var scan = MemberScan(RowReader.members)
    /// What the last row is of.
    private(set) var tag = Tag()
    /// Its sums.
    private(set) var row = Row()
    /// How many there were.
    private(set) var count = 0
    /// Whether one was none, or in the wrong place.
    private(set) var isDamaged = false

    private static let texts = ["key", "endpoint", "model", "upstream"]

    private static let members: [(name: String, want: MemberScan.Want)] =
        [("key_id", .number(0)), ("user", .number(1))]
        + texts.enumerated().map { ($1, .text($0)) } + names.enumerated().map { ($1, .number(2 + $0)) }

    static let names = [
        "requests", "failures", "estimated", "input", "output", "cached", "written", "reasoning", "received",
        "sent", "ms",
    ]

    /// False: it is damaged.
    mutating func read(_ line: Span<UInt8>) -> Bool {
        var tag = Tag()
        isDamaged = isDamaged || line.count > Record.lineLimit || !Checksum.holds(line) || !scan.read(line)
        guard !isDamaged else { return false }
        let numbers = scan.numbers
        tag.begin(keyID: numbers[0], user: numbers[1])
        for slot in RowReader.texts.indices { tag.append(line.extracting(scan.texts[slot].range)) }
        isDamaged = count > 0 && !(self.tag < tag)
        self.tag = tag
        (row.requests, row.failures, row.estimated) = (numbers[2], numbers[3], numbers[4])
        (row.input, row.output, row.cached) = (numbers[5], numbers[6], numbers[7])
        (row.written, row.reasoning) = (numbers[8], numbers[9])
        (row.received, row.sent, row.milliseconds) = (numbers[10], numbers[11], numbers[12])
        count += 1
        return !isDamaged
    }

    /// Appends a row as a line, with its newline.
    static func write(_ row: Row, under tag: Tag, to bytes: inout [UInt8]) {
        var writer = Writer()
        writer.beginObject()
        writer.member("key_id", tag.keyID)
        writer.member("user", tag.user)
        for (name, text) in zip(texts, Tag.Text.allCases) {
            writer.name(name)
            writer.verbatim(([quote] + tag.escaped(text) + [quote]).span)
        }
        let numbers = [
            row.requests, row.failures, row.estimated, row.input, row.output, row.cached, row.written,
            row.reasoning, row.received, row.sent, row.milliseconds,
        ]
        for (name, number) in zip(names, numbers) { writer.member(name, number) }
        Checksum.close(&writer)
        bytes += writer.bytes
        bytes.append(0x0A)
    }

    private static let quote = UInt8(ascii: "\"")
}
