// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model

/// Writes a reply as `chat.completion.chunk` events, or whole as one `chat.completion`.
struct AnswerWriter: ReplyWriter {
    let request: Request
    let id: String
    let created: Int
    /// Whether the caller speaks of `functions`, and knows of one call only.
    let isLegacy: Bool
    private let hidesThoughts: Bool
    /// The names of the caller's custom tools.
    let customs: Set<String>

    /// What every chunk begins with, up to its delta, and what it ends with while the answer goes on.
    private let opening: [UInt8]
    private let ending: [UInt8]
    /// Announced on every chunk before the one that has it.
    private let announcement: [UInt8]

    private var item: Item?
    private var owesRole = false
    private var calls = 0
    /// Code points of content so far, and where that of the text at hand began.
    private var length = 0
    private var textStart = 0
    private var citations: [Citation] = []
    /// The arguments of a function that stands for the caller's custom tool.
    private var wrapped: String?
    private var hasArguments = false
    private var hasSpoken = false
    /// Held until the finish chunk is out: the usage comes after it.
    private var usage: Usage?

    init(request: Request, id: String, created: Int) {
        self.request = request
        self.id = "chatcmpl-\(id)"
        self.created = created
        customs = Set(request.tools.lazy.filter(\.isCustom).map(\.name))
        isLegacy = request.extras.contains { $0.name == "functions" }
        hidesThoughts = request.thinking?.display == .omitted
        announcement = Array((request.wantsUsage ? #","usage":null}"# : "}").utf8) + AnswerWriter.blank
        ending = Array(#"},"finish_reason":null}]"#.utf8) + announcement
        opening = AnswerWriter.opening(
            id: self.id, created: created, model: request.model, session: request.session)
    }

    private static let blank = Array("\n\n".utf8)

    private static func opening(id: String, created: Int, model: String, session: String?) -> [UInt8] {
        var writer = Writer()
        writer.head(
            id: id, object: "chat.completion.chunk", created: created, model: model, session: session)
        return Array("data: ".utf8) + writer.bytes + Array(#","choices":[{"index":0,"delta":{"#.utf8)
    }

    mutating func write(_ event: Event, to bytes: inout [UInt8]) {
        switch event {
        case .begin: owesRole = true
        case .delta(let delta): write(delta, to: &bytes)
        case .open(let item): open(item, to: &bytes)
        case .close: close(to: &bytes)
        case .usage(let usage): self.usage = usage
        case .end(let ending): end(ending, to: &bytes)
        case .failure(let failure): Client().writeFailureEvent(failure, to: &bytes)
        }
    }

    private mutating func write(_ delta: Delta, to bytes: inout [UInt8]) {
        switch delta {
        case .text(let text): write(text, to: &bytes)
        case .citation(let citation): citations.append(citation)
        case .logprobs(let elements):
            bytes.append(contentsOf: opening)
            bytes.append(contentsOf: #"},"logprobs":{"content":["#.utf8)
            bytes.append(contentsOf: elements.utf8)
            bytes.append(contentsOf: #"],"refusal":null},"finish_reason":null}]"#.utf8)
            bytes.append(contentsOf: announcement)
        case .seal: break
        }
    }

    private mutating func write(_ text: String, to bytes: inout [UInt8]) {
        switch item {
        case .text?, nil:
            length += text.utf8.reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
            hasSpoken = true
            chunk(text, in: #""content":"#, to: &bytes)
        case .reasoning? where !hidesThoughts: chunk(text, in: #""reasoning_content":"#, to: &bytes)
        case .refusal?:
            hasSpoken = true
            chunk(text, in: #""refusal":"#, to: &bytes)
        case .call(_, _, let isCustom)?: write(arguments: text, isCustom: isCustom, to: &bytes)
        case .reasoning?, .redacted?: break
        }
    }

    /// A chunk whose delta is one string; `close` ends what the member's beginning has opened.
    private func chunk(
        _ text: String, in member: StaticString, _ close: StaticString = "", to bytes: inout [UInt8]
    ) {
        bytes.append(contentsOf: opening)
        bytes.append(member)
        Writer.append(text, to: &bytes)
        bytes.append(close)
        bytes.append(contentsOf: ending)
    }
}

// Items.
extension AnswerWriter {
    private mutating func open(_ item: Item, to bytes: inout [UInt8]) {
        var isCall = false
        if case .call = item { isCall = true }
        writeRole(hasContent: !isCall, to: &bytes)
        self.item = item
        textStart = length
        guard case .call(let id, let name, let isCustom) = item else { return }
        hasArguments = false
        let standsForCustom = !isCustom && customs.contains(name)
        wrapped = standsForCustom ? "" : nil
        hasSpoken = true
        begin(ToolCall(id: id, name: name, arguments: "", isCustom: isCustom || standsForCustom), to: &bytes)
    }

    /// The role stands in one chunk only; an answer that begins with a call has no content.
    private mutating func writeRole(hasContent: Bool, to bytes: inout [UInt8]) {
        guard owesRole else { return }
        owesRole = false
        bytes.append(contentsOf: opening)
        bytes.append(
            hasContent
                ? #""role":"assistant","content":"","refusal":null"#
                : #""role":"assistant","content":null,"refusal":null"#)
        bytes.append(contentsOf: ending)
    }

    /// Id, type and name of a call, which clients join when they see them again.
    private mutating func begin(_ call: ToolCall, to bytes: inout [UInt8]) {
        defer { calls += 1 }
        guard !isLegacy || calls == 0 else { return }
        var writer = Writer()
        if isLegacy {
            writer.beginObject()
            writer.member("name", call.name)
            writer.member("arguments", "")
            writer.endObject()
        } else {
            writer.call(call, index: calls)
        }
        bytes.append(contentsOf: opening)
        bytes.append(isLegacy ? #""function_call":"# : #""tool_calls":["#)
        bytes.append(contentsOf: writer.bytes)
        if !isLegacy { bytes.append(UInt8(ascii: "]")) }
        bytes.append(contentsOf: ending)
    }

    private mutating func write(arguments: String, isCustom: Bool, to bytes: inout [UInt8]) {
        hasArguments = true
        if wrapped != nil { wrapped? += arguments } else { piece(arguments, isCustom: isCustom, to: &bytes) }
    }

    private func piece(_ text: String, isCustom: Bool, to bytes: inout [UInt8]) {
        guard !isLegacy else {
            if calls == 1 { chunk(text, in: #""function_call":{"arguments":"#, "}", to: &bytes) }
            return
        }
        bytes.append(contentsOf: opening)
        bytes.append(#""tool_calls":[{"index":"#)
        bytes.append(contentsOf: String(calls - 1).utf8)
        bytes.append(isCustom ? #","custom":{"input":"# : #","function":{"arguments":"#)
        Writer.append(text, to: &bytes)
        bytes.append("}}]")
        bytes.append(contentsOf: ending)
    }

    private mutating func close(to bytes: inout [UInt8]) {
        if case .call(_, _, let isCustom)? = item {
            if let wrapped {
                piece(Arguments.freeText(wrapped), isCustom: true, to: &bytes)
            } else if !hasArguments, !isCustom {
                piece("{}", isCustom: false, to: &bytes)
            }
        }
        if !citations.isEmpty { writeCitations(to: &bytes) }
        (item, wrapped) = (nil, nil)
    }

    private mutating func writeCitations(to bytes: inout [UInt8]) {
        var writer = Writer()
        writer.annotations(citations, textStart..<length)
        bytes.append(contentsOf: opening)
        bytes.append(#""annotations":"#)
        bytes.append(contentsOf: writer.bytes)
        bytes.append(contentsOf: ending)
        citations.removeAll()
    }
}

// The end.
extension AnswerWriter {
    private mutating func end(_ end: Ending, to bytes: inout [UInt8]) {
        writeRole(hasContent: true, to: &bytes)
        if end.stop == .filtered, !hasSpoken, end.explanation != nil || calls == 0 {
            chunk(end.explanation ?? Names.refusal, in: #""refusal":"#, to: &bytes)
        }
        bytes.append(contentsOf: opening)
        bytes.append(#"},"finish_reason":"#)
        Writer.append(finish(end.stop), to: &bytes)
        bytes.append("}]")
        bytes.append(contentsOf: announcement)
        if request.wantsUsage, let usage { write(usage, to: &bytes) }
        Names.writeEnd(to: &bytes)
    }

    /// `finish_reason`; callers that speak of `functions` have a word of their own.
    func finish(_ stop: Stop) -> String {
        isLegacy && stop == .toolCall ? "function_call" : Names.finishReason(stop)
    }

    /// The last chunk, which has no choices.
    private func write(_ usage: Usage, to bytes: inout [UInt8]) {
        var writer = Writer()
        writer.head(
            id: id, object: "chat.completion.chunk", created: created, model: request.model,
            session: request.session)
        writer.name("choices")
        writer.beginArray()
        writer.endArray()
        writer.member(usage)
        writer.endObject()
        EventWriter.write(name: nil, data: writer.bytes.span, to: &bytes)
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ text: StaticString) {
        unsafe append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
