// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model
import Testing

@testable import DashScope

/// A provider with these flags or presets.
func provider(_ quirks: String...) -> Provider {
    let (provider, unknown) = Generation().quirks.provider("up", quirks)
    precondition(unknown.isEmpty, "\(unknown)")
    return provider
}

/// A conversation, which no dialect has read, with a model of these turns.
func request(
    _ model: String = "qwen-plus", _ turns: Turn..., change: (inout Request) -> Void = { _ in }
) -> Request {
    let turns = turns.isEmpty ? [Turn(role: .user, text: "Hello")] : turns
    var request = Request(model: model, turns: turns, isStreamed: false, wantsUsage: false)
    change(&request)
    return request
}

/// The request as a provider gets it, with what the writer says of it.
func sent(_ request: Request, _ provider: Provider = provider()) throws -> (root: Value, outgoing: Outgoing) {
    var bytes: [UInt8] = []
    let outgoing = try Generation().writeRequest(request, for: provider, to: &bytes)
    return (try Document(bytes).root, outgoing)
}

/// The source text of what is asked for by this name among the parameters.
func parameter(_ name: String, _ request: Request, _ provider: Provider = provider()) throws -> String? {
    try sent(request, provider).root["parameters"]?[name]?.source
}

/// The messages, as text.
func messages(_ request: Request, _ provider: Provider = provider()) throws -> String {
    try #require(try sent(request, provider).root["input"]?["messages"]?.source)
}

/// A tool that weathers.
let weather = Tool(
    name: "weather",
    kind: .function(schema: json(#"{"type":"object","properties":{"city":{"type":"string"}}}"#)))

func json(_ text: String) -> Value {
    guard let document = try? Document(Array(text.utf8)) else { preconditionFailure("not JSON: \(text)") }
    return document.root
}

/// The events of a stream's bytes, read whole and cut at every byte, checked against the grammar.
func events(_ stream: String, isCumulative: Bool = false) throws -> [Event] {
    let bytes = Array(stream.utf8)
    let whole = try read([bytes[...]], isCumulative)
    for cut in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 400)) {
        #expect(try read([bytes[..<cut], bytes[cut...]], isCumulative) == whole, "cut at \(cut)")
    }
    check(whole)
    return whole
}

private func read(_ pieces: [ArraySlice<UInt8>], _ isCumulative: Bool) throws -> [Event] {
    var lines = EventReader()
    var reader = AnswerReader(isCumulative: isCumulative)
    var events: [Event] = []
    for piece in pieces {
        var index = 0
        while try lines.next(in: piece.span, at: &index) {
            if !lines.remark.isEmpty { reader.read(remark: lines.remark) }
            if lines.dispatches { reader.read(event: lines.name, data: lines.data, to: &events) }
        }
    }
    reader.finish(to: &events)
    return events
}

/// The events of a whole answer, checked against the grammar.
func whole(_ body: String) -> [Event] {
    var reader = AnswerReader(isCumulative: false)
    var events: [Event] = []
    reader.read(whole: Array(body.utf8), to: &events)
    reader.finish(to: &events)
    check(events)
    return events
}

func check(_ events: [Event]) {
    var grammar = Grammar()
    for event in events { grammar.take(event) }
    #expect(grammar.isComplete, "\(grammar.fault ?? "unfinished")")
}

/// The failure in which events end.
func failure(_ events: [Event]) -> Failure? {
    if case .failure(let failure)? = events.last { failure } else { nil }
}

/// The texts of deltas, in order.
func deltas(_ events: [Event]) -> [String] {
    events.compactMap { if case .delta(.text(let text)) = $0 { text } else { nil } }
}

let usage = #""usage":{"input_tokens":12,"output_tokens":3,"total_tokens":15}"#

/// A frame as it comes, of one choice with this message.
func frame(_ message: String, finish: String = "null", _ more: String = "") -> String {
    "id:1\nevent:result\n:HTTP_STATUS/200\ndata:" + #"{"output":{"choices":[{"message":{\#(message)},"#
        + #""finish_reason":"\#(finish)"}]},\#(usage),"request_id":"r1"\#(more)}"# + "\n\n"
}

/// A frame of a piece of text.
func said(_ text: String, finish: String = "null") -> String {
    frame(#""role":"assistant","content":"\#(text)""#, finish: finish)
}

/// A frame of pieces of calls.
func called(_ calls: String, finish: String = "null") -> String {
    frame(#""role":"assistant","content":"","tool_calls":[\#(calls)]"#, finish: finish)
}

/// An event that is an error.
func broken(_ data: String, status: String = ":HTTP_STATUS/400\n") -> String {
    "id:1\nevent:error\n\(status)data:\(data)\n\n"
}
