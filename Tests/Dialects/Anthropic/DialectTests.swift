// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Anthropic

@Suite struct DialectTests {
    @Test func hasBothSides() throws {
        #expect(Dialect.anthropic.name == "anthropic" && Dialect.anthropic.client?.name == "anthropic")
        guard case .http(let side)? = Dialect.anthropic.upstream else {
            Issue.record("no upstream")
            return
        }
        #expect(side.keyField == ("x-api-key", "") && side.landmarks.inputExcludesCache)
        #expect(side.provider.path(of: asking(), provider()) == "/v1/messages")
        let fields = side.provider.fields(of: asking(), provider())
        #expect(fields.map(\.name) == ["anthropic-version"] && fields.map(\.value) == ["2023-06-01"])
    }

    @Test func knowsItsPaths() {
        #expect(client.isConversation(path: "/v1/messages") && !client.isConversation(path: "/v1/messages/x"))
        #expect(client.isCount(path: "/v1/messages/count_tokens") && !client.isCount(path: "/v1/messages"))
        #expect(client.bearsModel(path: "/v1/messages/count_tokens") && client.marksEnd(path: "/v1/messages"))
        #expect(client.modelsPath == "/v1/models" && client.requestIDField == "request-id")
    }

    @Test("a count of tokens is an object of one number")
    func counts() throws {
        var bytes: [UInt8] = []
        client.writeCount(17, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == #"{"input_tokens":17}"#)
        let request = try client.readCount(
            Array(#"{"model":"m","messages":[{"role":"user","content":"x"}]}"#.utf8))
        #expect(request.outputLimit == nil && Estimate.input(of: request) > 0)
    }

    @Test("a ping is an event, which keeps Claude Code's watchdog quiet")
    func pings() throws {
        var bytes: [UInt8] = []
        client.writePing(to: &bytes)
        let sent = try parsed(bytes)
        #expect(sent.map(\.name) == ["ping"] && sent.map(\.type) == ["ping"])
    }

    @Test("T162: the list of models satisfies clients of both kinds")
    func listsModels() throws {
        var bytes: [UInt8] = []
        client.writeModels(["a", "b"], to: &bytes)
        let root = try Document(bytes).root
        #expect(text(root, "object") == #""list""# && text(root, "has_more") == "false")
        #expect(root["first_id"]?.string == "a" && root["last_id"]?.string == "b")
        #expect(text(root, "data", "1", "id") == #""b""# && text(root, "data", "1", "type") == #""model""#)
        #expect(
            text(root, "data", "0", "display_name") == #""a""#
                && text(root, "data", "0", "object") == #""model""#)
        bytes = []
        client.writeModels([], to: &bytes)
        #expect(text(try Document(bytes).root, "first_id") == "null")
        bytes = []
        client.writeModel("a", to: &bytes)
        #expect(try Document(bytes).root["created_at"]?.string == "1970-01-01T00:00:00Z")
        #expect(Messages().readModels(Array(#"{"data":[{"id":"a"},{"id":"b"}]}"#.utf8)) == ["a", "b"])
        #expect(Messages().readModels(Array("[]".utf8)) == nil)
    }

    /// The relay finds in untouched bytes what it needs for its record.
    @Test func landmarksAreFound() throws {
        let marks = Names.landmarks
        let start =
            #"{"type":"message_start","message":{"model":"c","usage":{"input_tokens":3,"cache_read_input_tokens":2,"output_tokens":1}}}"#
        let delta =
            #"{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":7,"output_tokens_details":{"thinking_tokens":4}}}"#
        var found: [String: String] = [:]
        for line in [start, delta] {
            var watch = Watch(marks.reply)
            try watch.feed(Array(line.utf8).span)
            try watch.finish()
            for item in watch.found where !item.text.isEmpty {
                found["\(marks.meanings[item.path])"] = String(decoding: item.text, as: UTF8.self)
            }
        }
        #expect(
            found == [
                "model": "\"c\"", "input": "3", "cached": "2", "output": "7", "stop": "\"tool_use\"",
                "reasoning": "4",
            ])
        #expect(marks.stop("tool_use") == .toolCall && marks.stop("pause_turn") == .length)
    }
}
