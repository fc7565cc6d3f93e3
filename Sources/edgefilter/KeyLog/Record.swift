// SPDX-License-Identifier: MIT

import JSON

/// What is kept of one request.
///
/// Nothing in it came from the caller unescaped, and no key: only its hash.
package struct Record: Equatable, Sendable {
    /// ISO 8601, UTC, of the request's end.
    package var time = ""
    /// The request's id, as in `x-request-id` when the upstream gave none.
    package var id = ""
    /// The hash of the caller's key, or empty.
    package var key = ""
    /// Under which pepper the hash was made, as `KeyHash.generation`; empty: under none.
    package var pepper = ""
    /// The public id of the issued key; 0: none.
    package var keyID = 0
    /// The public id of the user it belongs to; 0: none.
    package var user = 0
    /// HTTP's word.
    package var method = ""
    /// The path as asked for, without query.
    package var endpoint = ""
    /// The caller's dialect.
    package var client = ""
    /// The upstream's.
    package var dialect = ""
    /// The model the caller asked for.
    package var model = ""
    /// The one that the upstream was asked for.
    package var used = ""
    /// The upstream's name in the configuration.
    package var upstream = ""
    /// The status sent; 0: none was.
    package var status = 0
    /// Why the answer stopped, in canonical words.
    package var stop = ""
    /// Tokens in.
    package var input = 0
    /// Tokens out.
    package var output = 0
    /// Of the input: read from a cache.
    package var cached = 0
    /// Of the input: written to a cache.
    package var written = 0
    /// Of the output: thoughts.
    package var reasoning = 0
    /// Whether the tokens are an estimate of ours, since the provider did not say.
    package var isEstimated = false
    /// Bytes of the request's content.
    package var received = 0
    /// Bytes of the answer's content.
    package var sent = 0
    /// Milliseconds to the first byte of the answer.
    package var first = 0
    /// Milliseconds in all.
    package var milliseconds = 0
    /// The failure's stable number; 0: none.
    package var code = 0
    /// Where it was tried, when more than once, in order: `upstream:429` a status, `upstream:e401` a number
    /// of ours.
    package var attempts: [String] = []
    /// What a translation lost, by the codes of features.
    package var losses: [String] = []
    /// How it ended: `complete`, `failed`, `gone` (the caller went), `killed` (by a signal), `lost` (its
    /// handler vanished).
    package var ended = ""

    /// Written on behalf of a handler that died while it wrote: another line may bear the same id, and only
    /// one counts.
    package var isAgain = false
    /// The signal that ended the handler; 0: none.
    package var signal = 0

    package init() {}

    /// A number that no sum overflows from, whoever claimed it.
    package static func sane(_ number: Int) -> Int { min(max(0, number), 1 << 40) }

    /// Room for one text of a caller's, in bytes after escaping.
    package static let textLimit = 128
    /// So many attempts are named, the first ones and the last.
    package static let attemptLimit = 8
    /// So many losses are named; how many there were is told beside them.
    package static let lossLimit = 16
    /// No line is longer than this; a single write(2) of it is not torn by another writer.
    package static let lineLimit = 4096
    /// Most lines are not longer.
    private static let usualLength = 512
}

extension Record {
    /// Appends the record as one line, with a newline before and after, so that a torn line cannot swallow
    /// its successor, and a CRC-32C of all before it as last member.
    package func write(to bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + Record.usualLength)
        bytes.append(0x0A)
        let start = bytes.count
        var line: [UInt8] = []
        swap(&line, &bytes)
        var writer = Writer(into: line)
        writer.beginObject()
        writeMembers(to: &writer)
        if signal != 0 { writer.member(plain: "signal", signal) }
        if isAgain { writer.member(plain: "again", 1) }
        Checksum.close(&writer, from: start)
        bytes = writer.buffer()
        bytes.append(0x0A)
    }

    /// A record from a line without its newlines; nil when it is torn, altered or something else.
    package init?(line: [UInt8]) {
        guard Checksum.holds(line.span), let document = try? Document(line) else { return nil }
        self.init()
        readMembers(of: document.root)
        signal = document.root["signal"]?.int ?? 0
        isAgain = document.root["again"]?.int == 1
    }

    // Written out, one line a member: these two run for every request, and key paths cost more than all the
    // rest.
    private func writeMembers(to writer: inout Writer) {
        writer.member(plain: "time", cut(time))
        writer.member(plain: "id", cut(id))
        writer.member(plain: "key", cut(key))
        if !pepper.isEmpty { writer.member(plain: "pepper", cut(pepper)) }
        if keyID != 0 { writer.member(plain: "key_id", keyID) }
        if user != 0 { writer.member(plain: "user", user) }
        writer.member(plain: "method", cut(method))
        writer.member(plain: "endpoint", cut(endpoint))
        writer.member(plain: "client", cut(client))
        writer.member(plain: "dialect", cut(dialect))
        writer.member(plain: "model", cut(model))
        writer.member(plain: "used", cut(used))
        writer.member(plain: "upstream", cut(upstream))
        writer.member(plain: "status", status)
        writer.member(plain: "stop", cut(stop))
        writer.member(plain: "input", input)
        writer.member(plain: "output", output)
        writer.member(plain: "cached", cached)
        if written != 0 { writer.member(plain: "written", written) }
        writer.member(plain: "reasoning", reasoning)
        if isEstimated { writer.member(plain: "estimated", 1) }
        writer.member(plain: "received", received)
        writer.member(plain: "sent", sent)
        writer.member(plain: "first_ms", first)
        writer.member(plain: "ms", milliseconds)
        writer.member(plain: "code", code)
        if attempts.count > 1 { write("attempts", kept(attempts), to: &writer) }
        if !losses.isEmpty {
            write("losses", losses.prefix(Record.lossLimit), to: &writer)
            writer.member(plain: "lost", losses.count)
        }
        writer.member(plain: "ended", cut(ended))
    }

    private func write(_ name: String, _ texts: ArraySlice<String>, to writer: inout Writer) {
        writer.name(name)
        writer.beginArray()
        for text in texts { writer.string(cut(text)) }
        writer.endArray()
    }

    private func kept(_ attempts: [String]) -> ArraySlice<String> {
        guard attempts.count > Record.attemptLimit, let last = attempts.last else { return attempts[...] }
        return attempts.prefix(Record.attemptLimit - 1) + [last]
    }

    private mutating func readMembers(of root: Value) {
        let text = { (name: String) in root[name]?.string ?? "" }
        let number = { (name: String) in Record.sane(root[name]?.int ?? 0) }
        time = text("time")
        id = text("id")
        key = text("key")
        pepper = text("pepper")
        keyID = number("key_id")
        user = number("user")
        method = text("method")
        endpoint = text("endpoint")
        client = text("client")
        dialect = text("dialect")
        model = text("model")
        used = text("used")
        upstream = text("upstream")
        status = number("status")
        stop = text("stop")
        input = number("input")
        output = number("output")
        cached = number("cached")
        written = number("written")
        reasoning = number("reasoning")
        isEstimated = root["estimated"]?.int == 1
        received = number("received")
        sent = number("sent")
        first = number("first_ms")
        milliseconds = number("ms")
        code = number("code")
        attempts = texts(root["attempts"])
        losses = texts(root["losses"])
        ended = text("ended")
    }

    private func texts(_ value: Value?) -> [String] {
        value?.elements.prefix(Record.lossLimit).compactMap(\.string) ?? []
    }

    /// Cut so that its escaped form fits `textLimit`.
    private func cut(_ text: String) -> String {
        let bytes = text.utf8.span
        if bytes.count <= Record.textLimit / 6 { return text }
        var length = 0
        for index in bytes.indices { length += escapedLength(bytes[index]) }
        if length <= Record.textLimit { return text }
        var room = Record.textLimit
        let kept = text.unicodeScalars.prefix {
            room -= $0.value < 0x20 ? 6 : $0 == "\"" || $0 == "\\" ? 2 : UTF8.width($0)
            return room >= 0
        }
        return String(String.UnicodeScalarView(kept))
    }
}

/// How many bytes a byte of a text takes in a JSON string (RFC 8259 section 7).
private func escapedLength(_ byte: UInt8) -> Int {
    byte < 0x20 ? 6 : byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? 2 : 1
}
