// SPDX-License-Identifier: MIT

import HTTP
import Model
import Settings
import Unix

@testable import edgefilter

/// Reads a wire that a test can read: each event's data, or each line of a whole answer, is one step.
///
///     begin | open | text WORDS | call ID NAME | close | usage IN OUT | end | fail CODE | broken
struct LineReader: ReplyReader {
    let losses: [Feature] = [.citations]
    private var isOver = false

    mutating func read(event name: [UInt8], data: [UInt8], to events: inout [Event]) {
        for line in text(data).split(separator: "\n") where !isOver { read(String(line), to: &events) }
    }

    mutating func read(whole body: [UInt8], to events: inout [Event]) {
        read(event: [], data: Array(text(body).dropFirst().utf8), to: &events)
        finish(to: &events)
    }

    mutating func finish(to events: inout [Event]) {
        if !isOver { read("fail 409", to: &events) }
    }

    private mutating func read(_ line: String, to events: inout [Event]) {
        let words = line.split(separator: " ").map(String.init)
        switch words[0] {
        case "begin": events.append(.begin(Beginning(usage: Usage(input: 7))))
        case "open": events.append(.open(.text))
        case "text": events.append(.delta(.text(String(line.dropFirst("text ".count)))))
        case "call": events.append(.open(.call(id: words[1], name: words[2], isCustom: false)))
        case "close": events.append(.close)
        case "usage":
            events.append(.usage(Usage(input: Int(words[1]) ?? 0, output: Int(words[2]) ?? 0)))
        case "end": events.append(.end(Ending(.finished)))
        default:
            let code = words.count > 1 ? Int(words[1]).flatMap(Failure.Code.init(rawValue:)) : nil
            events.append(.failure(Failure(code ?? .upstreamFault, "as the upstream says")))
        }
        if ["end", "fail"].contains(words[0]) { isOver = true }
    }
}

/// Writes each step as a word in brackets; fails at arguments that say `bad`.
struct LineWriter: ReplyWriter {
    private(set) var failure: Failure?

    mutating func write(_ event: Event, to bytes: inout [UInt8]) {
        let word =
            switch event {
            case .begin: "[begin]"
            case .open(.call(_, let name, _)): "[call \(name)]"
            case .open: "[open]"
            case .delta(.text(let text)): text
            case .delta: "[delta]"
            case .close: "[close]"
            case .usage(let usage): "[usage \(usage.input) \(usage.output)]"
            case .end(let ending): "[end \(ending.stop.rawValue)]"
            case .failure(let failure): "[fail \(failure.code.rawValue)]"
            }
        bytes.append(contentsOf: word.utf8)
        if word == "bad" {
            failure = Failure(.brokenArguments, "bad arguments")
            bytes.append(contentsOf: "[fail]".utf8)
        }
    }

    mutating func write(_ reply: Reply, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "{\(reply.text) \(reply.calls.map(\.name))}".utf8)
    }
}

/// What became of an upstream's answer on its way through a `Pump`, as the relay drives it.
struct Pumped: Equatable {
    /// What the caller got.
    var content = ""
    /// What the answer failed with: before its head was out, or after.
    var failure: Failure.Code?
    var wasHeadOut = false
    var isCut = false
    var isOver = false
    var usage = Usage()
    var stop: Stop?
    var fault: Failure.Code?

    init(
        _ pieces: [[UInt8]], status: Int = 200, streams: Bool = true, _ outgoing: Outgoing = Outgoing(),
        limits: Settings::Limits = Limits(), early: Bool = false
    ) {
        let turns = [Turn(role: .user, text: "four letters")]
        let request = Request(model: "m", turns: turns, isStreamed: streams, wantsUsage: true)
        var pump = Pump(
            request, from: LineReader(), outgoing,
            to: Addressee(client: caller, writer: LineWriter()), limits: limits)
        var out = Buffer()
        do throws(Failure) {
            if early { pump.begin(.untilClose, to: &out) }
            try drive(pieces, status, &pump, &out)
        } catch {
            failure = error.code
            wasHeadOut = pump.isStream
            if wasHeadOut { pump.fail(error, to: &out) }
        }
        content += text(out.takeAll())
        (isCut, isOver, usage, stop, fault) = (pump.isCut, pump.isOver, pump.usage, pump.stop, pump.fault)
        if failure == nil, pump.sent != content.utf8.count { failure = .internalError }
    }

    private mutating func drive(
        _ pieces: [[UInt8]], _ status: Int, _ pump: inout Pump, _ out: inout Buffer
    ) throws(Failure) {
        try pump.meet(ResponseHead(status), nil)
        for piece in pieces where !pump.isOver {
            var body = Buffer()
            body.append(piece)
            try pump.take(&body, to: &out)
            if pump.opening != nil { pump.begin(.untilClose, to: &out) }
        }
        if let refusal = pump.refusal { throw Failure(.upstreamRefused, text(refusal.body)) }
        try pump.end(nil)
        if pump.opening != nil { pump.begin(.untilClose, to: &out) }
        content = pump.finish(to: &out).whole ?? ""
    }
}
