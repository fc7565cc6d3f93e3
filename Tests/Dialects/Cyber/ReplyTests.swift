// SPDX-License-Identifier: MIT

import Model
import Testing

@testable import Cyber

private func read(_ messages: [String], isEnded: Bool = true) -> [Event] {
    let request = Request(
        model: "m", turns: [Turn(role: .user, text: "12345678")], isStreamed: true, wantsUsage: true)
    var reader = Engine().replyReader(for: request, Outgoing(), Provider())
    var events: [Event] = []
    for message in messages { reader.read(event: [], data: Array(message.utf8), to: &events) }
    if isEnded { reader.finish(to: &events) }
    var grammar = Grammar()
    for event in events { grammar.take(event) }
    #expect(grammar.fault == nil && grammar.isComplete == isEnded)
    return events
}

private func chunk(_ delta: String, _ reason: String = "null") -> String {
    #"{"id":"i","model":"ena","created":1,"choices":[{"delta":\#(delta),"finish_reason":\#(reason)}]}"#
}

private func failure(_ messages: String...) -> Failure? {
    if case .failure(let failure)? = read(messages).last { failure } else { nil }
}

@Test func answerIsRead() {
    var usage = Usage(input: 6, output: 2)
    usage.isEstimated = true
    let events = read([
        chunk(#"{"role":"assistant","content":"Hel"}"#), chunk(#"{"content":""}"#),
        chunk(#"{"content":"lo"}"#), chunk("{}", #""stop""#), chunk(#"{"content":"late"}"#),
    ])
    #expect(
        events == [
            .begin(Beginning(id: "i", model: "ena")), .open(.text), .delta(.text("Hel")), .delta(.text("lo")),
            .close, .usage(usage), .end(Ending(.finished)),
        ])
}

@Test(arguments: [
    ("stop", Stop.finished), ("length", .length), ("content_filter", .filtered), ("eos", .finished),
])
func reasonsToEnd(word: String, stop: Stop) {
    #expect(read([chunk(#"{"content":"x"}"#, "\"\(word)\"")]).last == .end(Ending(stop)))
}

@Test func usageThatIsToldIsNoEstimate() {
    let end =
        #"{"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":7}}"#
    #expect(read([end]).contains(.usage(Usage(input: 5, output: 7))))
}

@Test func endWithoutAReasonIsAFailure() {
    #expect(failure()?.code == .brokenStream)
    #expect(failure(chunk(#"{"content":"x"}"#))?.code == .brokenStream)
    #expect(read([chunk(#"{"content":"x"}"#)], isEnded: false).count == 3)
}

@Test(arguments: ["", "{", "[]", "null", #""x""#, "[DONE]"])
func messagesThatAreNoObject(message: String) {
    #expect(failure(message)?.code == .brokenAnswer)
}

@Test(arguments: [
    (#"{"error":"no"}"#, Failure.Code.upstreamFault, "no"),
    (#"{"error":{"message":"no","code":429}}"#, .upstreamRateLimit, "no"),
    (#"{"error":{"code":401}}"#, .upstreamKey, "The engine answered with status 401."),
    (#"{"type":"error","message":"a\nb"}"#, .upstreamFault, "a\nb"),
    (#"{"detail":"no"}"#, .upstreamFault, "no"),
    (#"{"error":{"message":"prompt is too long"}}"#, .contextOverflow, "prompt is too long"),
    (
        #"{"choices":[{"delta":{},"finish_reason":"error"}]}"#, .upstreamFault,
        "The engine ended its answer with an error."
    ),
])
func complaints(message: String, code: Failure.Code, words: String) {
    let found = failure(chunk(#"{"content":"x"}"#), message)
    #expect(found?.code == code && found?.message == words)
}

@Test(arguments: [
    (401, "", Failure.Code.upstreamKey), (404, "<html>", .upstreamNotFound),
    (500, #"{"error":"x"}"#, .upstreamFault),
    (503, "busy", .upstreamOverloaded), (400, #"{"error":{"message":"x","code":500}}"#, .upstreamInvalid),
])
func refusals(status: Int, body: String, code: Failure.Code) {
    let found = Engine().readFailure(status: status, body: Array(body.utf8), Provider())
    #expect(found.code == code && !found.message.contains("<") && !found.message.isEmpty)
}
