// SPDX-License-Identifier: MIT

import Model
import Testing

@testable import OpenAI

@Suite struct ReadRequestTests {
    private func read(_ body: String) throws(Failure) -> Request {
        try OpenAI.client.readRequest(Array(body.utf8))
    }

    @Test func readsAConversation() throws {
        let request = try read(
            """
            {"model":"gpt-5","stream":true,"stream_options":{"include_usage":true},"temperature":0.5,
             "messages":[
              {"role":"system","content":"be brief"},
              {"role":"developer","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},
              {"role":"user","content":[{"type":"text","text":"see "},{"type":"image_url","image_url":{"url":"x"}}]},
              {"role":"assistant","content":null,"tool_calls":[]},{"role":"tool","tool_call_id":"c","content":"42"},
              {"role":"function","name":"f","content":"\\u4f60\\n"},{"role":"assistant"}]}
            """)
        #expect(request.model == "gpt-5" && request.isStreamed && request.wantsUsage)
        #expect(
            request.turns == [
                Turn(role: .system, text: "be brief"),
                Turn(role: .developer, parts: [.text("a"), .text("b")]),
                Turn(role: .user, parts: [.text("see "), .image(Media(.url("x")))]),
                Turn(role: .assistant, parts: []),
                Turn(role: .user, parts: [.result(ToolResult(id: "c", parts: [.text("42")]))]),
                Turn(role: .user, parts: [.result(ToolResult(id: "call_f", parts: [.text("你\n")]))]),
                Turn(role: .assistant, parts: []),
            ])
    }

    @Test(arguments: [
        ("", false, false), (#","stream":false"#, false, false), (#","stream":null"#, false, false),
        (#","stream":true"#, true, false), (#","stream_options":null"#, false, false),
        (#","stream":true,"stream_options":{}"#, true, false),
        (#","stream":true,"stream_options":{"include_usage":false}"#, true, false),
    ])
    func readsOptions(more: String, isStreamed: Bool, wantsUsage: Bool) throws {
        let request = try read(#"{"model":"m","messages":[{"role":"user","content":"x"}]\#(more)}"#)
        #expect(request.isStreamed == isStreamed && request.wantsUsage == wantsUsage)
    }

    /// The member that is to blame is named, and what was expected is said.
    @Test(arguments: [
        ("", Failure.Code.invalidJSON, nil), ("{", .invalidJSON, nil), (#"{"model":}"#, .invalidJSON, nil),
        ("\u{FEFF}{}", .invalidJSON, nil), ("{} x", .invalidJSON, nil),
        ("[]", .invalidMember, nil), (#""x""#, .invalidMember, nil), ("null", .invalidMember, nil),
        ("{}", .missingMember, "model"), (#"{"model":null}"#, .missingMember, "model"),
        (#"{"model":5}"#, .invalidMember, "model"), (#"{"model":["m"]}"#, .invalidMember, "model"),
        (#"{"model":"m"}"#, .missingMember, "messages"),
        (#"{"model":"m","messages":null}"#, .missingMember, "messages"),
        (#"{"model":"m","messages":{}}"#, .invalidMember, "messages"),
        (#"{"model":"m","messages":"hi"}"#, .invalidMember, "messages"),
        (#"{"model":"m","messages":[]}"#, .missingMember, "messages"),
        (#"{"model":"m","messages":["x"]}"#, .invalidMember, "messages.0"),
        (#"{"model":"m","messages":[{"role":"user"},null]}"#, .invalidMember, "messages.1"),
        (#"{"model":"m","messages":[{}]}"#, .missingMember, "messages.0.role"),
        (#"{"model":"m","messages":[{"role":1}]}"#, .invalidMember, "messages.0.role"),
        (#"{"model":"m","messages":[{"role":"User"}]}"#, .invalidMember, "messages.0.role"),
        (#"{"model":"m","messages":[{"role":"user","content":1}]}"#, .invalidMember, "messages.0.content"),
        (#"{"model":"m","messages":[{"role":"user","content":{}}]}"#, .invalidMember, "messages.0.content"),
        (
            #"{"model":"m","messages":[{"role":"user","content":[{"text":"a"},"b"]}]}"#, .invalidMember,
            "messages.0.content.1"
        ),
        (#"{"model":"m","messages":[{"role":"user"}],"stream":"yes"}"#, .invalidMember, "stream"),
        (#"{"model":"m","messages":[{"role":"user"}],"stream":1}"#, .invalidMember, "stream"),
    ])
    func complains(body: String, code: Failure.Code, param: String?) throws {
        let failure = try #require(throws: Failure.self) { try read(body) }
        #expect(failure.code == code && failure.param == param && failure.status == 400)
        #expect(!failure.message.isEmpty)
        if let param { #expect(failure.message.contains("'\(param)'")) }
    }

    @Test func saysWhatWasExpected() throws {
        let failure = try #require(throws: Failure.self) {
            try read(#"{"model":"m","messages":[{"role":"robot"}]}"#)
        }
        #expect(
            failure.message.contains("'robot'") && failure.message.contains("assistant, developer, function"))
        let type = try #require(throws: Failure.self) { try read(#"{"model":{}}"#) }
        #expect(type.message == "Invalid type for 'model': expected a string, but got object instead.")
    }

    @Test func knowsItsPaths() {
        let client = OpenAI.client
        #expect(
            client.isConversation(path: "/v1/chat/completions")
                && !client.isConversation(path: "/v1/responses"))
        for path in ["/v1/chat/completions", "/v1/completions", "/v1/responses"] {
            #expect(client.bearsModel(path: path) && client.marksEnd(path: path))
        }
        for path in ["/v1/embeddings", "/v1/audio/speech", "/v1/images/edits", "/v1/audio/transcriptions"] {
            #expect(client.bearsModel(path: path) && !client.marksEnd(path: path))
        }
        for path in ["/v1/models", "/v1/files", "/v1/chat/completions/", "/v1/chat/completions/x", ""] {
            #expect(!client.bearsModel(path: path) && !client.marksEnd(path: path))
        }
        #expect(client.modelsPath == "/v1/models")
    }
}
