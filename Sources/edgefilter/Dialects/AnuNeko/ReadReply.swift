// SPDX-License-Identifier: MIT

import JSON
import Model

/// Reads the lines of an answer.
///
///     answer = *line
///     line   = "data:" [ SP ] [ { msg_id?, v?, c? } ] / error / anything else
///     error  = { "code": word, … }
///     c      = [ *{ v?, c? } ] ; branches, of which the one without a number, or with 0, is the answer
///
/// It ends where the framing of its content does.
struct AnswerReader: ReplyReader {
    /// Where the answer is.
    private enum State { case before, between, inside, over }

    private var state = State.before
    private let prompt: Int
    private var written = 0
    private(set) var receipt = ""
    private(set) var losses: [Feature] = []

    init(for request: Request) { prompt = Estimate.input(of: request) }

    var readsLines: Bool { true }

    mutating func read(event name: [UInt8], data line: [UInt8], to events: inout [Event]) {
        if case .over = state { return }
        guard line.starts(with: Names.data) else { return readBare(line, to: &events) }
        let text = line.dropFirst(Names.data.count).drop { $0 == 0x20 || $0 == 0x09 }
        guard !text.isEmpty else { return }
        guard let root = (try? Document(Array(text)))?.root, root.object != nil else {
            return fail(AnswerReader.garbage, to: &events)
        }
        take(root, to: &events)
    }

    /// The site never answers but in lines.
    mutating func read(whole body: [UInt8], to events: inout [Event]) {
        for line in body.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            read(event: [], data: Array(line), to: &events)
        }
        finish(to: &events)
    }

    mutating func finish(to events: inout [Event]) {
        switch state {
        case .over: return
        case .before:
            return fail(
                Failure(.brokenAnswer, "Backend request failed: its answer has no words."), to: &events)
        case .between: break
        case .inside: events.append(.close)
        }
        state = .over
        var usage = Usage(input: prompt, output: Estimate.tokens(inBytes: written))
        usage.isEstimated = true
        events.append(.usage(usage))
        events.append(.end(Ending(.finished)))
    }

    /// A line that is no part of an answer: an error, or nothing that says anything.
    private mutating func readBare(_ line: [UInt8], to events: inout [Event]) {
        guard line.first(where: { $0 != 0x20 && $0 != 0x09 }) == UInt8(ascii: "{") else { return }
        guard let root = (try? Document(line))?.root else { return fail(AnswerReader.garbage, to: &events) }
        if let complaint = Complaint(error: root) { fail(complaint.failure(status: nil), to: &events) }
    }

    private mutating func take(_ root: Value, to events: inout [Event]) {
        if let id = Names.receipt(root["msg_id"]) { receipt = id }
        let isAnswer = root["c"] != nil || root["v"] != nil || root["msg_id"] != nil
        if !isAnswer, let complaint = Complaint(error: root) {
            return fail(complaint.failure(status: nil), to: &events)
        }
        if case .before = state {
            state = .between
            events.append(.begin(Beginning(id: receipt)))
        }
        add(AnswerReader.text(of: root), to: &events)
    }

    /// What a line adds to the answer; branches count more than a text beside them.
    private static func text(of root: Value) -> String {
        guard let branches = root["c"], branches.kind == .array else { return root["v"]?.string ?? "" }
        var text = ""
        for branch in branches.elements where (branch["c"]?.int ?? 0) == 0 {
            text += branch["v"]?.string ?? ""
        }
        return text
    }

    private mutating func add(_ text: String, to events: inout [Event]) {
        guard !text.isEmpty else { return }
        if case .between = state {
            state = .inside
            events.append(.open(.text))
        }
        written += text.utf8.count
        events.append(.delta(.text(text)))
    }

    private mutating func fail(_ failure: Failure, to events: inout [Event]) {
        state = .over
        events.append(.failure(failure))
    }

    private static let garbage = Failure(
        .brokenAnswer, "Backend request failed: a line of its answer is no JSON.")
}
