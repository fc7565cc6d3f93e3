// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model
import Testing

@testable import OpenAI

/// A request in the words of a caller.
func asked(_ body: String) throws(Failure) -> Request { try OpenAI.client.readRequest(Array(body.utf8)) }

/// What a caller asks with these messages and more.
func asked(messages: String, _ more: String = "") throws(Failure) -> Request {
    try asked(#"{"model":"m","messages":[\#(messages)]\#(more.isEmpty ? "" : ",")\#(more)}"#)
}

/// A provider with these flags or presets.
func provider(_ quirks: String...) -> Provider {
    let (provider, unknown) = Chat().quirks.provider("up", quirks)
    precondition(unknown.isEmpty, "\(unknown)")
    return provider
}

/// The request as a provider gets it, as text.
func text(_ request: Request, _ provider: Provider = provider()) throws(Failure) -> String {
    var bytes: [UInt8] = []
    _ = try Chat().writeRequest(request, for: provider, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
}

/// The request as a provider gets it, as JSON, with what the writer says of it.
func sent(_ request: Request, _ provider: Provider = provider()) throws -> (root: Value, outgoing: Outgoing) {
    var bytes: [UInt8] = []
    let outgoing = try Chat().writeRequest(request, for: provider, to: &bytes)
    return (try Document(bytes).root, outgoing)
}

/// The source text of a member.
func member(_ request: Request, _ name: String, _ provider: Provider = provider()) throws -> String? {
    try sent(request, provider).root[name].map { String(decoding: $0.verbatim, as: UTF8.self) }
}

/// The source text of the messages.
func messages(_ request: Request, _ provider: Provider = provider()) throws -> String {
    try #require(try member(request, "messages", provider))
}

/// The shortest turn of a user.
let user = Turn(role: .user, text: "x")

/// A conversation of these turns, which no dialect has read.
func request(_ turns: Turn..., change: (inout Request) -> Void = { _ in }) -> Request {
    var request = Request(model: "m", turns: turns, isStreamed: false, wantsUsage: false)
    change(&request)
    return request
}

func json(_ text: String) -> Value {
    guard let document = try? Document(Array(text.utf8)) else { preconditionFailure("not JSON: \(text)") }
    return document.root
}

/// The events of a stream of these data, checked against the grammar.
func events(
    _ data: [String], isDone: Bool = true, _ provider: Provider = provider(),
    for request: Request = request(user)
) -> [Event] {
    var reader = Chat().replyReader(for: request, Outgoing(), provider)
    var events: [Event] = []
    for line in data + (isDone ? ["[DONE]"] : []) {
        reader.read(event: [], data: Array(line.utf8), to: &events)
    }
    reader.finish(to: &events)
    check(events)
    return events
}

func check(_ events: [Event]) {
    var grammar = Grammar()
    for event in events { grammar.take(event) }
    #expect(grammar.isComplete, "\(grammar.fault ?? "unfinished")")
}

/// The events of a whole answer, checked against the grammar.
func whole(
    _ body: String, _ provider: Provider = provider(),
    for request: Request = request(user)
) -> [Event] {
    var reader = Chat().replyReader(for: request, Outgoing(), provider)
    var events: [Event] = []
    reader.read(whole: Array(body.utf8), to: &events)
    reader.finish(to: &events)
    check(events)
    return events
}

/// A chunk with one choice of this delta.
func chunk(_ delta: String, finish: String? = nil, _ more: String = "") -> String {
    let reason = finish.map { "\"\($0)\"" } ?? "null"
    return #"{"id":"c1","object":"chat.completion.chunk","created":1,"model":"up-m","choices":[{"index":0,"#
        + #""delta":{\#(delta)},"finish_reason":\#(reason)}]\#(more)}"#
}

/// A chunk with pieces of calls.
func callChunk(_ calls: String, finish: String? = nil) -> String {
    chunk(#""tool_calls":[\#(calls)]"#, finish: finish)
}

/// A whole answer of one choice.
func answer(_ message: String, finish: String? = "stop", _ more: String = "") -> String {
    let reason = finish.map { "\"\($0)\"" } ?? "null"
    return #"{"id":"c1","object":"chat.completion","created":1,"model":"up-m","choices":[{"index":0,"#
        + #""message":{\#(message)},"finish_reason":\#(reason)}]\#(more)}"#
}

/// The reply that events fold to.
func folded(_ events: [Event]) throws -> Reply { try Reply(folding: events) }

/// The failure in which events end.
func failure(_ events: [Event]) -> Failure? {
    if case .failure(let failure)? = events.last { failure } else { nil }
}

/// What a caller of this dialect sees of events.
func told(_ events: [Event], to request: Request) -> String {
    var writer = OpenAI.client.replyWriter(for: request, id: "1", created: 1)
    var bytes: [UInt8] = []
    for event in events { writer.write(event, to: &bytes) }
    return String(decoding: bytes, as: UTF8.self)
}

/// A whole answer as its caller gets it.
func body(_ reply: Reply, to request: Request) -> String {
    var writer = OpenAI.client.replyWriter(for: request, id: "1", created: 1)
    var bytes: [UInt8] = []
    writer.write(reply, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
}
