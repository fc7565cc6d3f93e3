// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import AnuNeko

@Suite struct VisitTests {
    private let models = Array(#"{"models":["Orange Cat","Exotic Shorthair"]}"#.utf8)

    private func course(
        _ dialogue: Dialogue = Dialogue(name: "s"), model: String = "mihoyo-orange_cat"
    ) -> any Course {
        Desk().course(
            for: request(Turn(role: .user, text: "x"), model: model), in: dialogue, models: models, provider)
    }

    private func resumed(_ change: (inout Dialogue) -> Void = { _ in }) -> Dialogue {
        var dialogue = Dialogue(name: "s")
        dialogue.chat = "chat-1"
        dialogue.model = "Orange Cat"
        dialogue.receipt = "msg-1"
        dialogue.isResumed = true
        change(&dialogue)
        return dialogue
    }

    private func said(_ errand: Errand?) -> String {
        errand.map { "\($0.method) \($0.path) \(String(decoding: $0.body, as: UTF8.self))" } ?? ""
    }

    private func take(_ course: inout any Course, _ status: Int, _ body: String = "{}") throws {
        try course.take(status: status, body: Array(body.utf8))
    }

    @Test("a new chat, its model, the conversation, the branch")
    func whole() throws {
        var course = course()
        #expect(said(course.next()) == #"POST /api/v1/chat {"model":"Orange Cat"}"#)
        try take(&course, 200, #"{"chat_id":"c-1"}"#)
        #expect(
            said(course.next())
                == #"POST /api/v1/user/select_model {"chat_id":"c-1","model":"Orange Cat"}"#)
        try take(&course, 200, "")
        #expect(course.next() == nil && course.settlement() == nil && !course.dialogue.isResumed)
        course.note(receipt: "m-1")
        let errand = course.settlement()
        #expect(said(errand) == #"POST /api/v1/msg/select-choice {"msg_id":"m-1","choice_idx":0}"#)
        #expect(errand?.limit == 5_000)
        #expect(!course.dialogue.isSettled && course.dialogue.isResumed)
        course.settle()
        #expect(course.settlement() == nil && course.dialogue.receipt == "m-1" && course.dialogue.name == "s")
    }

    @Test("the fields of every call")
    func fields() throws {
        let fields = try #require(course().next()).fields.map { "\($0.name.lowercased()): \($0.value)" }
        #expect(
            fields == [
                "accept: */*", "content-type: application/json", "origin: https://anuneko.example",
                "referer: https://anuneko.example/", "user-agent: Mozilla/5.0",
                "x-app_id: com.anuttacon.neko", "x-client_type: 4",
                "x-device_id: 00000000-0000-8000-8000-000000000000",
            ])
        let own = Site().fields(of: request(), provider)
        #expect(own.first { $0.name == "Content-Type" }?.value == "text/plain")
    }

    @Test("another name of the chat", arguments: [#"{"id":"c"}"#, #"{"chat_id":"","id":"c"}"#])
    func otherName(body: String) throws {
        var course = course()
        try take(&course, 201, body)
        #expect(course.dialogue.chat == "c")
    }

    @Test(
        "no chat",
        arguments: [
            "", "{}", "[]", #"{"chat_id":"../x"}"#, #"{"chat_id":"a b"}"#, #"{"chat_id":["c"]}"#, "<html>",
        ])
    func noChat(body: String) {
        var course = course()
        let failure = #expect(throws: Failure.self) { try take(&course, 200, body) }
        #expect(failure?.code == .brokenAnswer)
    }

    @Test("a chat goes on without a call; a model that differs is switched")
    func goesOn() throws {
        #expect(course(resumed()).next() == nil)
        var other = course(resumed(), model: "mihoyo-exotic_shorthair")
        #expect(said(other.next()).contains(#""model":"Exotic Shorthair""#))
        try take(&other, 204)
        #expect(other.next() == nil && other.dialogue.model == "Exotic Shorthair")
    }

    @Test("a branch that is still open is chosen first, and a failure of that is forgiven")
    func openBranch() throws {
        var course = course(resumed { $0.isSettled = false })
        #expect(said(course.next()).contains("select-choice"))
        try take(&course, 500)
        #expect(course.next() == nil)
        var other = self.course(resumed { $0.isSettled = false })
        let isForgiven = other.forgive(Failure(.totalTimeout, ""))
        #expect(isForgiven && other.next() == nil)
        let isForgivenAgain = other.forgive(Failure(.totalTimeout, ""))
        #expect(!isForgivenAgain)
    }

    private let shown: Failure = {
        var failure = Failure(.upstreamConflict, "")
        failure.word = "chat_choice_shown"
        return failure
    }()

    @Test("what the site has not heard of is told, once")
    func mend() throws {
        var course = course(resumed())
        let isMended = course.mend(after: shown)
        #expect(isMended && said(course.next()).contains("msg-1"))
        try take(&course, 200)
        let isMendedTwice = course.mend(after: shown)
        #expect(course.next() == nil && !isMendedTwice)
        var foreign = self.course(resumed())
        let isTriedWithForeign = foreign.mend(after: shown)
        try take(&foreign, 404)
        #expect(isTriedWithForeign && said(foreign.next()).contains("/chat "))
        var unknown = self.course(resumed { $0.receipt = "" })
        let isBegun = unknown.mend(after: shown)
        #expect(isBegun && said(unknown.next()).contains("/chat "))
        #expect(!unknown.dialogue.isResumed && unknown.dialogue.name == "s")
    }

    @Test("a chat that the site has forgotten is begun anew; other failures stay")
    func forgotten() throws {
        var course = course(resumed())
        let isFault = course.mend(after: Failure(.upstreamFault, ""))
        let isGone = course.mend(after: Failure(.upstreamNotFound, ""))
        #expect(!isFault && isGone && course.dialogue.chat.isEmpty)
        var other = self.course(resumed(), model: "mihoyo-exotic_shorthair")
        try take(&other, 404)
        #expect(said(other.next()).contains("/chat "))
        try take(&other, 200, #"{"id":"c"}"#)
        #expect(throws: Failure.self) { try take(&other, 404) }
    }

    @Test("a kept chat that cannot be one is none", arguments: ["../x", "a/b", "a b", "é"])
    func kept(chat: String) {
        #expect(course(resumed { $0.chat = chat }).dialogue == Dialogue(name: "s"))
    }
}
