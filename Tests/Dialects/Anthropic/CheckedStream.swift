// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Anthropic

/// Checks a stream as Anthropic's own accumulator does, and stricter.
///
///     stream = message_start block* (message_delta message_stop / error)
struct CheckedStream {
    private(set) var text = ""
    private(set) var thoughts = ""
    private(set) var seals: [String] = []
    private(set) var calls = 0
    private(set) var inputs: [String] = []
    private(set) var kinds: [String] = []
    private(set) var stop: String?
    private(set) var failure: String?
    private(set) var usage: Value?
    private var open: String?
    private var hasContent = false
    private var hasSeal = false
    private var input = ""
    private var isOver = false

    init(_ sent: [Sent]) throws {
        #expect(sent.first?.type == "message_start" || sent.first?.type == "error")
        for (place, event) in sent.enumerated() {
            #expect(event.name == event.type, "the event's name is its type")
            #expect(!isOver, "\(event.type) after the end")
            #expect((event.type == "message_start") == (place == 0) || event.type == "error")
            try take(event)
        }
        #expect(isOver, "the stream ends")
    }

    private mutating func take(_ event: Sent) throws {
        let data = event.data
        switch event.type {
        case "message_start":
            let message = try #require(data["message"])
            #expect(
                message["id"]?.string?.hasPrefix("msg_") == true && message["role"]?.string == "assistant")
            #expect(text(message, "content") == "[]" && text(message, "stop_reason") == "null")
            try check(message["usage"])
            #expect((message["usage"]?["input_tokens"]?.int ?? 0) >= 0)
        case "content_block_start": try start(data)
        case "content_block_delta": try delta(data)
        case "content_block_stop": try close(data)
        case "message_delta":
            #expect(open == nil && stop == nil)
            stop = try #require(data["delta"]?["stop_reason"]?.string)
            #expect(data["delta"]?["stop_sequence"] != nil)
            usage = data["usage"]
            try check(usage)
        case "message_stop":
            #expect(stop != nil)
            isOver = true
        case "error":
            failure = try #require(data["error"]?["message"]?.string)
            #expect(data["error"]?["type"]?.string != nil)
            isOver = true
        default: Issue.record("an event of type \(event.type)")
        }
    }

    private func check(_ usage: Value?) throws {
        for name in [
            "input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens",
        ] {
            #expect(try #require(usage?[name]?.int) >= 0)
        }
    }

    private mutating func start(_ data: Value) throws {
        #expect(open == nil, "one block at a time")
        #expect(data["index"]?.int == kinds.count, "indexes are contiguous")
        let block = try #require(data["content_block"])
        let kind = try #require(block["type"]?.string)
        kinds.append(kind)
        (open, hasContent, hasSeal, input) = (kind, false, false, "")
        switch kind {
        case "text": #expect(block["text"]?.string == "")
        case "thinking": #expect(block["thinking"]?.string == "" && block["signature"]?.string == "")
        case "redacted_thinking":
            #expect(block["data"]?.string?.isEmpty == false)
            hasContent = true
        case "tool_use":
            #expect(text(block, "input") == "{}" && block["name"]?.string?.isEmpty == false)
            let id = try #require(block["id"]?.string)
            #expect(!id.isEmpty && id == Wire.callID(id))
            calls += 1
            hasContent = true
        default: Issue.record("a block of type \(kind)")
        }
    }

    private mutating func delta(_ data: Value) throws {
        #expect(data["index"]?.int == kinds.count - 1)
        let delta = try #require(data["delta"])
        #expect(!hasSeal, "a signature comes last")
        hasContent = true
        switch (open, delta["type"]?.string) {
        case ("text", "text_delta"): text += try #require(delta["text"]?.string)
        case ("thinking", "thinking_delta"): thoughts += try #require(delta["thinking"]?.string)
        case ("thinking", "signature_delta"):
            seals.append(try #require(delta["signature"]?.string))
            hasSeal = true
        case ("tool_use", "input_json_delta"): input += try #require(delta["partial_json"]?.string)
        default: Issue.record("\(text(delta)) in \(open ?? "no block")")
        }
    }

    private mutating func close(_ data: Value) throws {
        #expect(data["index"]?.int == kinds.count - 1 && open != nil)
        #expect(hasContent, "no block is empty")
        if open == "tool_use" { inputs.append(input) }
        open = nil
    }

    private func text(_ value: Value?, _ path: String...) -> String {
        var at = value
        for step in path { at = at?[step] }
        return at.map { String(decoding: $0.verbatim, as: UTF8.self) } ?? ""
    }
}
