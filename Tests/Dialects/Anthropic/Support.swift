// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model
import Testing

@testable import Anthropic

let client = Client()

func value(_ text: String) throws -> Value { try Document(Array(text.utf8)).root }

/// A body of one user turn, and what else is given.
func body(_ more: String = "", messages: String = #"[{"role":"user","content":"hi"}]"#) -> [UInt8] {
    Array(#"{"model":"m","max_tokens":9,"messages":\#(messages)\#(more.isEmpty ? "" : ",\(more)")}"#.utf8)
}

func read(_ more: String = "", messages: String = #"[{"role":"user","content":"hi"}]"#) throws -> Request {
    try client.readRequest(body(more, messages: messages))
}

/// Why a body is refused; nil: it is not.
func refusal(_ more: String = "", messages: String = #"[{"role":"user","content":"hi"}]"#) -> Failure? {
    do throws(Failure) {
        _ = try client.readRequest(body(more, messages: messages))
        return nil
    } catch {
        return error
    }
}

/// A request of these turns.
func asking(
    _ turns: [Turn] = [Turn(role: .user, text: "hi")], _ model: String = "claude-sonnet-4-5"
) -> Request {
    Request(model: model, turns: turns, isStreamed: true, wantsUsage: true)
}

func provider(_ words: [String] = []) -> Provider { Messages().quirks.provider("up", words).provider }

func written(_ request: Request, _ words: [String] = []) throws(Failure) -> (root: Value, Outgoing) {
    var bytes: [UInt8] = []
    let outgoing = try Messages().writeRequest(request, for: provider(words), to: &bytes)
    do {
        return (try Document(bytes).root, outgoing)
    } catch {
        throw Failure(.internalError, "no JSON: \(String(decoding: bytes, as: UTF8.self))")
    }
}

/// A member as its source text; empty: it is absent.
func text(_ value: Value?, _ path: String...) -> String {
    var at = value
    for step in path {
        if let index = Int(step) {
            at = at.flatMap { Array($0.elements) }.flatMap { $0.indices.contains(index) ? $0[index] : nil }
        } else {
            at = at?[step]
        }
    }
    return at.map { String(decoding: $0.verbatim, as: UTF8.self) } ?? ""
}

/// One event of a written stream.
struct Sent {
    let name: String
    let data: Value

    var type: String { data["type"]?.string ?? "" }
}

/// What a caller sees of these events.
func stream(_ events: [Event], for request: Request = asking()) throws -> [Sent] {
    var writer = client.replyWriter(for: request, id: "1", created: 1)
    var bytes: [UInt8] = []
    for event in events { writer.write(event, to: &bytes) }
    return try parsed(bytes)
}

func parsed(_ bytes: [UInt8]) throws -> [Sent] {
    var reader = EventReader()
    var index = 0
    var sent: [Sent] = []
    while try reader.next(in: bytes.span, at: &index) {
        guard reader.dispatches else { continue }
        sent.append(
            Sent(name: String(decoding: reader.name, as: UTF8.self), data: try Document(reader.data).root))
    }
    #expect(!reader.finish())
    return sent
}

func whole(_ events: [Event], for request: Request = asking()) throws -> Value {
    var writer = client.replyWriter(for: request, id: "1", created: 1)
    var bytes: [UInt8] = []
    writer.write(try Reply(folding: events), to: &bytes)
    return try Document(bytes).root
}

/// The events of a reply that is an answer with these items.
func answer(_ items: [[Event]], _ ending: Ending = Ending(.finished), usage: Usage? = nil) -> [Event] {
    [.begin(Beginning(id: "x", model: "y"))] + items.flatMap { $0 + [.close] }
        + (usage.map { [.usage($0)] } ?? []) + [.end(ending)]
}

func call(_ id: String, _ name: String, _ pieces: String...) -> [Event] {
    [.open(.call(id: id, name: name, isCustom: false))] + pieces.map { .delta(.text($0)) }
}

func said(_ pieces: String...) -> [Event] { [.open(.text)] + pieces.map { .delta(.text($0)) } }

/// What the reader makes of a stream, an event a line.
func events(
    of lines: [String], answerTool: String? = nil, isCut: Bool = false
) -> (events: [Event], losses: [Feature]) {
    var reader = AnswerReader(upstream: "up", answerTool: answerTool)
    var events: [Event] = []
    for line in lines { reader.read(event: [], data: Array(line.utf8), to: &events) }
    reader.finish(to: &events)
    check(events)
    return (events, reader.losses)
}

func events(ofWhole body: [UInt8]) -> (events: [Event], losses: [Feature]) {
    var reader = AnswerReader(upstream: "up", answerTool: nil)
    var events: [Event] = []
    reader.read(whole: body, to: &events)
    check(events)
    return (events, reader.losses)
}

func check(_ events: [Event], _ comment: Comment? = nil) {
    var grammar = Grammar()
    for event in events { grammar.take(event) }
    #expect(grammar.isComplete, "\(grammar.fault ?? "not over") \(comment?.rawValue ?? "")")
}
