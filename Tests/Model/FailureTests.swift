// SPDX-License-Identifier: MIT

import JSON
import Testing

@testable import Model

@Suite struct FailureTests {
    @Test func numbersAreUniqueAndStable() {
        let numbers = Failure.Code.allCases.map(\.rawValue)
        #expect(Set(numbers).count == numbers.count)
        #expect(numbers.allSatisfy { (101...699).contains($0) })
        #expect(numbers == numbers.sorted())
        // Numbers are never reused: a code that goes takes its number along.
        let published: [Failure.Code: Int] = [
            .badHTTP: 101, .slowHead: 102, .slowBody: 103, .badContentCoding: 104, .webSocket: 105,
            .invalidJSON: 201,
            .invalidMember: 202, .missingMember: 203, .bodyTooLarge: 204, .unknownModel: 205,
            .unknownEndpoint: 206, .wrongMethod: 207, .missingKey: 301, .refusedKey: 302,
            .foreignOrigin: 303, .foreignHost: 304, .unreachable: 401, .connectTimeout: 402,
            .firstByteTimeout: 403, .silence: 404, .totalTimeout: 405, .brokenAnswer: 406, .untrusted: 407,
            .addressRefused: 408, .brokenStream: 409, .upstreamRefused: 410, .uploadStalled: 411,
            .full: 501, .internalError: 502, .callerGone: 601, .callerStalled: 602,
        ]
        for (code, number) in published { #expect(code.rawValue == number) }
    }

    @Test(arguments: Failure.Code.allCases) func everyCodeHasAStatusOfItsKind(code: Failure.Code) {
        let failure = Failure(code, "x")
        #expect(failure.kind == code.kind && failure.status == code.kind.status)
        #expect((400...599).contains(failure.status) && failure.word == nil && !failure.isFinal)
        #expect(failure.param == nil && failure.retryAfter == nil && failure.message == "x")
        #expect(Failure(code, "x", status: 418).status == 418)
    }

    @Test func kindsHaveDistinctStatuses() {
        let statuses = Failure.Kind.allCases.map(\.status)
        #expect(Set(statuses).count == statuses.count)
    }

    @Test(arguments: [
        (Failure.Code.badHTTP, 400), (.invalidJSON, 400), (.invalidMember, 400), (.slowHead, 408),
        (.slowBody, 408),
        (.bodyTooLarge, 413), (.unknownModel, 404), (.unknownEndpoint, 404), (.wrongMethod, 405),
        (.missingKey, 401), (.refusedKey, 401), (.foreignOrigin, 403), (.foreignHost, 403),
        (.unreachable, 502), (.connectTimeout, 504), (.firstByteTimeout, 504), (.silence, 504),
        (.totalTimeout, 504), (.brokenAnswer, 502), (.untrusted, 502), (.addressRefused, 502),
        (.full, 503), (.internalError, 500),
    ])
    func hasItsStatus(code: Failure.Code, status: Int) {
        #expect(Failure(code, "").status == status)
    }
}

@Suite struct ReplyTests {
    @Test func folds() throws {
        var reply = Reply()
        let usage = Usage(input: 9, output: 2, cached: 4, reasoning: 1)
        let events: [Event] = [
            .begin(Beginning()), .open(.text), .delta(.text("Hel")), .delta(.text("lo")), .close,
            .open(.text), .delta(.text(" wörld")), .close, .usage(usage), .end(Ending(.length)),
        ]
        for event in events { try reply.fold(event) }
        #expect(reply.text == "Hello wörld" && reply.usage == usage && reply.ending?.stop == .length)
    }

    @Test func isEmptyAtFirst() throws {
        var reply = Reply()
        #expect(reply.text.isEmpty && reply.usage == nil && reply.ending == nil)
        try reply.fold(.begin(Beginning()))
        #expect(reply == Reply())
        try reply.fold(.end(Ending(.finished)))
        #expect(reply.ending?.stop == .finished)
    }

    @Test func throwsOnAFailure() throws {
        var reply = Reply()
        for event in [Event.open(.text), .delta(.text("x")), .close] { try reply.fold(event) }
        let failure = Failure(.silence, "no more", param: "p", retryAfter: 3)
        #expect(throws: failure) { try reply.fold(.failure(failure)) }
        #expect(reply.text == "x" && reply.ending == nil)
    }

    @Test func stopsHaveCanonicalWords() {
        #expect(
            [Stop.finished, .length, .toolCall, .filtered].map(\.rawValue) == [
                "finished", "length", "tool_call", "filtered",
            ])
    }
}

@Suite struct LandmarksTests {
    let landmarks = Landmarks(
        reply: [(["model"], .model), (["usage", "in"], .input), (["a", "*", "why"], .stop)],
        endMark: Array("[END]".utf8), stops: ["eos": .finished, "max": .length], unfinished: ["running"])

    @Test func knowsWords() {
        #expect(landmarks.stop("eos") == .finished && landmarks.stop("max") == .length)
        #expect(landmarks.stop("running") == nil)
        // A word that nobody told us ends the answer all the same.
        #expect(landmarks.stop("brand-new") == .finished)
    }

    @Test func meaningsFollowThePaths() throws {
        var watch = Watch(landmarks.reply)
        let text = Array(#"{"usage":{"in":7},"a":[{"why":null},{"why":"eos"}],"model":"m"}"#.utf8)
        try watch.feed(text.span)
        try watch.finish()
        #expect(landmarks.meanings.count == landmarks.reply.paths.count)
        #expect(watch.found.map { landmarks.meanings[$0.path] } == [.input, .stop, .stop, .model])
    }
}
