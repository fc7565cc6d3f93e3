// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model
import Testing

@testable import Responses

/// A request as the client side reads it.
func read(_ body: String) throws(Failure) -> Request { try Client().readRequest(Array(body.utf8)) }

/// What a request is refused for; nil: it is not.
func refusal(_ body: String) -> Failure? {
    do throws(Failure) {
        _ = try read(body)
        return nil
    } catch {
        return error
    }
}

/// A request of these items and members.
func asked(_ items: String, _ members: String = "") throws(Failure) -> Request {
    try read(#"{"model":"m","input":[\#(items)]\#(members.isEmpty ? "" : "," + members)}"#)
}

func value(_ text: String) throws -> Value { try Document(Array(text.utf8)).root }

/// A provider with these quirks.
func provider(_ words: String..., name: String = "up") -> Provider {
    Responder().quirks.provider(name, words).provider
}

/// What the provider side sends, and what it says of it.
func sent(
    _ request: Request, _ provider: Provider = provider()
) throws -> (body: Value, outgoing: Outgoing) {
    var bytes: [UInt8] = []
    let outgoing = try Responder().writeRequest(request, for: provider, to: &bytes)
    return (try Document(bytes).root, outgoing)
}

/// One event after the other, as a provider's reader understands them.
func events(
    _ data: [String],
    for request: Request = Request(model: "m", turns: [], isStreamed: true, wantsUsage: true),
    _ provider: Provider = provider()
) -> (events: [Event], losses: [Feature]) {
    var reader = Responder().replyReader(for: request, Outgoing(), provider)
    var events: [Event] = []
    for data in data { reader.read(event: [], data: Array(data.utf8), to: &events) }
    reader.finish(to: &events)
    return (events, reader.losses)
}

/// A whole answer, as a provider's reader understands it.
func events(
    whole body: [UInt8],
    for request: Request = Request(model: "m", turns: [], isStreamed: false, wantsUsage: true),
    _ provider: Provider = provider()
) -> (events: [Event], losses: [Feature]) {
    var reader = Responder().replyReader(for: request, Outgoing(), provider)
    var events: [Event] = []
    reader.read(whole: body, to: &events)
    return (events, reader.losses)
}

/// The first place where the order of a reply is broken; nil: it is whole.
func fault(_ events: [Event]) -> String? {
    var grammar = Grammar()
    for event in events { grammar.take(event) }
    return grammar.isComplete ? nil : grammar.fault ?? "the reply has no end"
}

/// What the client side writes of a reply.
func stream(_ events: [Event], to request: Request = asked()) -> [UInt8] {
    var writer = Client().replyWriter(for: request, id: "1", created: 7)
    var bytes: [UInt8] = []
    for event in events { writer.write(event, to: &bytes) }
    return bytes
}

func whole(_ events: [Event], to request: Request = asked()) throws -> Value {
    var writer = Client().replyWriter(for: request, id: "1", created: 7)
    var bytes: [UInt8] = []
    writer.write(try Reply(folding: events), to: &bytes)
    return try Document(bytes).root
}

func asked() -> Request { Request(model: "m", turns: [], isStreamed: true, wantsUsage: true) }

/// The events of a stream: their names and data.
func parsed(_ bytes: [UInt8]) throws -> [(name: String, data: Value)] {
    var reader = EventReader()
    var index = 0
    var events: [(String, Value)] = []
    while try reader.next(in: bytes.span, at: &index) {
        guard reader.dispatches else { continue }
        events.append((String(decoding: reader.name, as: UTF8.self), try Document(reader.data).root))
    }
    #expect(!reader.finish())
    return events
}

func text(_ value: Value?) -> String { value.map { String(decoding: $0.verbatim, as: UTF8.self) } ?? "" }

extension Value {
    subscript(_ place: Int) -> Value? { Array(elements).dropFirst(place).first }
    var count: Int { Array(elements).count }
}
