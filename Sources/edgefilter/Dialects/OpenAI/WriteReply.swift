// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model

/// Writes a reply as `chat.completion.chunk` events, or whole as one `chat.completion`.
struct Chunks: ReplyWriter {
    private let request: Request
    private let id: String
    private let created: Int

    init(request: Request, id: String, created: Int) {
        self.request = request
        self.id = "chatcmpl-\(id)"
        self.created = created
    }

    mutating func write(_ event: Event, to bytes: inout [UInt8]) {
        switch event {
        case .begin:
            chunk(to: &bytes) {
                $0.choice {
                    $0.member("role", "assistant")
                    $0.member("content", "")
                    $0.name("refusal")
                    $0.null()
                }
            }
        case .delta(.text(let text)): chunk(to: &bytes) { $0.choice { $0.member("content", text) } }
        case .end(let ending):
            chunk(to: &bytes) { $0.choice(finish: Names.finishReason(ending.stop)) { _ in } }
            done(to: &bytes)
        case .usage(let usage): self.usage = usage
        case .failure(let failure): Client().writeFailureEvent(failure, to: &bytes)
        case .open, .close, .delta: break
        }
    }

    /// Held until the finish chunk is out: the usage comes after it.
    private var usage: Usage?

    private func done(to bytes: inout [UInt8]) {
        if request.wantsUsage, let usage {
            lastChunk(to: &bytes) { writer in
                writer.name("choices")
                writer.beginArray()
                writer.endArray()
                writer.member(usage)
            }
        }
        Names.writeEnd(to: &bytes)
    }

    mutating func write(_ reply: Reply, to bytes: inout [UInt8]) {
        var writer = Writer()
        head(of: &writer, object: "chat.completion")
        writer.name("choices")
        writer.beginArray()
        writer.beginObject()
        writer.member("index", 0)
        writer.name("message")
        writer.beginObject()
        writer.member("role", "assistant")
        writer.member("content", reply.text)
        writer.name("refusal")
        writer.null()
        writer.endObject()
        writer.name("logprobs")
        writer.null()
        writer.member("finish_reason", Names.finishReason(reply.ending?.stop ?? .finished))
        writer.endObject()
        writer.endArray()
        if let usage = reply.usage { writer.member(usage) }
        writer.endObject()
        bytes.append(contentsOf: writer.bytes)
    }

    private func chunk(to bytes: inout [UInt8], _ fill: (inout Writer) -> Void) {
        lastChunk(to: &bytes) { writer in
            fill(&writer)
            // Announced on every chunk before the one that has it.
            guard request.wantsUsage else { return }
            writer.name("usage")
            writer.null()
        }
    }

    private func lastChunk(to bytes: inout [UInt8], _ fill: (inout Writer) -> Void) {
        var writer = Writer()
        head(of: &writer, object: "chat.completion.chunk")
        fill(&writer)
        writer.endObject()
        let data = writer.bytes
        EventWriter.write(name: nil, data: data.span, to: &bytes)
    }

    private func head(of writer: inout Writer, object: String) {
        writer.beginObject()
        writer.member("id", id)
        writer.member("object", object)
        writer.member("created", created)
        writer.member("model", request.model)
    }
}

extension Writer {
    /// `choices` with the one choice there is, around its delta.
    fileprivate mutating func choice(finish: String? = nil, _ delta: (inout Writer) -> Void) {
        name("choices")
        beginArray()
        beginObject()
        member("index", 0)
        name("delta")
        beginObject()
        delta(&self)
        endObject()
        name("finish_reason")
        if let finish { string(finish) } else { null() }
        endObject()
        endArray()
    }

    fileprivate mutating func member(_ usage: Usage) {
        name("usage")
        beginObject()
        member("prompt_tokens", usage.input)
        member("completion_tokens", usage.output)
        member("total_tokens", usage.input + usage.output)
        endObject()
    }
}
