// SPDX-License-Identifier: MIT

import Unix

/// What sums need of a request's line, read without making a record of it.
struct Entry {
    private var scan = MemberScan(Entry.members)

    private enum Text: Int { case time, id, key, endpoint, model, upstream, ended }
    private enum Number: Int {
        case keyID, user, status, input, output, cached, written, reasoning, estimated
        case received, sent, milliseconds, code, again
    }

    private static func text(_ name: String, _ text: Text) -> (name: String, want: MemberScan.Want) {
        (name, .text(text.rawValue))
    }

    private static func number(_ name: String, _ number: Number) -> (name: String, want: MemberScan.Want) {
        (name, .number(number.rawValue))
    }

    private static let members: [(name: String, want: MemberScan.Want)] = [
        text("time", .time), text("id", .id), text("key", .key), number("key_id", .keyID),
        number("user", .user), ("method", .nothing), text("endpoint", .endpoint), ("client", .nothing),
        ("dialect", .nothing), text("model", .model), ("used", .nothing), text("upstream", .upstream),
        number("status", .status), ("stop", .nothing), number("input", .input), number("output", .output),
        number("cached", .cached), number("written", .written), number("reasoning", .reasoning),
        number("estimated", .estimated), number("received", .received), number("sent", .sent),
        ("first_ms", .nothing), number("ms", .milliseconds), number("code", .code), text("ended", .ended),
        number("again", .again), ("crc", .nothing),
    ]

    private static let complete = Array("complete".utf8)

    /// Whether the last line read ended well.
    private var isComplete = false

    /// Reads a line; false: it is torn, altered or longer than any of ours.
    mutating func read(_ line: Span<UInt8>) -> Bool {
        guard line.count <= Record.lineLimit, Checksum.holds(line), scan.read(line) else { return false }
        isComplete = Entry.isSame(line.extracting(range(.ended)), Entry.complete)
        return true
    }

    private func range(_ text: Text) -> Range<Int> { scan.texts[text.rawValue].range }
    private func sane(_ number: Number) -> Int { Record.sane(scan.numbers[number.rawValue]) }

    private static func isSame(_ text: Span<UInt8>, _ other: [UInt8]) -> Bool {
        guard text.count == other.count else { return false }
        for index in other.indices where text[index] != other[index] { return false }
        return true
    }

    var isAgain: Bool { sane(.again) == 1 }
    var keyID: Int { sane(.keyID) }
    var user: Int { sane(.user) }

    /// The request's id, as it is escaped.
    func id(in line: Span<UInt8>) -> [UInt8] { line.extracting(range(.id)).array }

    /// ISO 8601, UTC, of its end.
    func time(in line: Span<UInt8>) -> String {
        String(decoding: line.extracting(range(.time)).array, as: UTF8.self)
    }

    func key(in line: Span<UInt8>) -> String { Tag.plain(line.extracting(range(.key)).array[...]) }

    /// The day on which the request began, as far as the line can be believed.
    func start(in line: Span<UInt8>, on day: Day) -> Day {
        let clock = line.extracting(range(.time)).array.dropFirst(11).prefix(8).split(separator: 0x3A)
            .map { $0.reduce(0) { $0 * 10 + Int($1) - 0x30 } }
        let seconds = clock.count == 3 ? clock[0] * 3600 + clock[1] * 60 + clock[2] : 0
        return Day(number: max(0, (day.number * 86400 + seconds - sane(.milliseconds) / 1000 - 1) / 86400))
    }

    /// The labels of the last line read.
    func write(of line: Span<UInt8>, to tag: inout Tag) {
        tag.begin(keyID: keyID, user: user)
        tag.append(line.extracting(range(.key)))
        tag.append(line.extracting(range(.endpoint)))
        tag.append(line.extracting(range(.model)))
        tag.append(line.extracting(range(.upstream)))
    }

    /// The sums of the one request.
    var row: Row {
        var row = Row()
        row.requests = 1
        let status = sane(.status)
        row.failures = status == 0 || status >= 400 || sane(.code) != 0 || !isComplete ? 1 : 0
        row.estimated = sane(.estimated) == 1 ? 1 : 0
        (row.input, row.output, row.cached) = (sane(.input), sane(.output), sane(.cached))
        (row.written, row.reasoning) = (sane(.written), sane(.reasoning))
        (row.received, row.sent, row.milliseconds) = (sane(.received), sane(.sent), sane(.milliseconds))
        return row
    }
}
