// SPDX-License-Identifier: MIT

import JSON
import Model

/// The members of a response that are the same in each event: its name, and what was asked for.
///
/// https://platform.openai.com/docs/api-reference/responses/object
struct Envelope: Sendable {
    /// What the ids of items are made of.
    let stem: String
    /// Members before those that change, as JSON, and those after.
    let first: [UInt8]
    let rest: [UInt8]

    init(of request: Request, id: String, created: Int) {
        stem = id
        first = Envelope.members {
            $0.member("id", "resp_\(id)")
            $0.member("object", "response")
            $0.member("created_at", created)
        }
        rest = Envelope.members { $0.echo(request) }
    }

    /// Members without the braces around them, on one line.
    private static func members(_ fill: (inout Writer) -> Void) -> [UInt8] {
        var writer = Writer()
        writer.beginObject()
        fill(&writer)
        writer.endObject()
        // Within a string a line's end is escaped, so what is left of them is white space.
        return writer.bytes.dropFirst().dropLast().map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
    }
}

/// How a response stands.
struct Outcome {
    let status: String
    var reason: String?
    var error: (code: String, message: String)?

    init(_ status: String, reason: String? = nil) {
        self.status = status
        self.reason = reason
    }

    /// A refusal in words is a complete answer.
    init(_ ending: Ending, isRefusal: Bool) {
        switch ending.stop {
        case .length: self.init("incomplete", reason: "max_output_tokens")
        case .filtered where !isRefusal: self.init("incomplete", reason: "content_filter")
        case .finished, .toolCall, .sequence, .filtered: self.init("completed")
        }
    }
}

extension Writer {
    /// The member `response`.
    mutating func response(_ head: Envelope, _ outcome: Outcome, output: [UInt8], usage: Usage?) {
        name("response")
        beginObject()
        responseMembers(head, outcome, output: output, usage: usage)
        endObject()
    }

    mutating func responseMembers(_ head: Envelope, _ outcome: Outcome, output: [UInt8], usage: Usage?) {
        verbatim(head.first.span)
        member("status", outcome.status)
        name("error")
        if let error = outcome.error {
            beginObject()
            member("code", error.code)
            member("message", error.message)
            endObject()
        } else {
            null()
        }
        name("incomplete_details")
        if let reason = outcome.reason {
            beginObject()
            member("reason", reason)
            endObject()
        } else {
            null()
        }
        name("output")
        beginArray()
        if !output.isEmpty { verbatim(output.span) }
        endArray()
        verbatim(head.rest.span)
        name("usage")
        if let usage { self.usage(usage) } else { null() }
    }

    private mutating func usage(_ usage: Usage) {
        beginObject()
        member("input_tokens", usage.input)
        name("input_tokens_details")
        beginObject()
        member("cached_tokens", usage.cached)
        member("cache_write_tokens", usage.written)
        endObject()
        member("output_tokens", usage.output)
        name("output_tokens_details")
        beginObject()
        member("reasoning_tokens", usage.reasoning)
        endObject()
        member("total_tokens", usage.input + usage.output)
        endObject()
    }

    /// What was asked for; null or the dialect's own default where the caller left it open.
    fileprivate mutating func echo(_ request: Request) {
        member("model", request.model)
        member("background", false)
        member("instructions", orNull: request.instructions)
        member("max_output_tokens", orNull: request.outputLimit)
        echo(request, "max_tool_calls", absent: "null")
        echo(request, "metadata", absent: "{}")
        member("parallel_tool_calls", request.allowsParallelCalls ?? true)
        name("previous_response_id")
        null()
        echo(request, "prompt_cache_key", absent: "null")
        echoThinking(request.thinking)
        echo(request, "safety_identifier", absent: "null")
        member("service_tier", request.tier.map(Names.word) ?? "default")
        member("store", false)
        name("temperature")
        number(request.sampling.temperature ?? "1")
        echoText(request)
        name("tool_choice")
        toolChoice(request.toolChoice ?? .automatic, request.tools)
        name("tools")
        tools(request.tools)
        member("top_logprobs", request.sampling.topLogprobs ?? 0)
        name("top_p")
        number(request.sampling.topP ?? "1")
        echo(request, "truncation", absent: #""disabled""#)
        member("user", orNull: request.mentions.contains(.user) ? request.user : nil)
    }

    private mutating func echo(_ request: Request, _ label: String, absent: String) {
        name(label)
        if let value = request.extra(label) { verbatim(value) } else { number(absent) }
    }

    private mutating func echoThinking(_ thinking: Thinking?) {
        name("reasoning")
        beginObject()
        member("effort", orNull: thinking?.effort?.rawValue)
        member("summary", orNull: thinking?.display == .summarized ? "auto" : nil)
        endObject()
    }

    private mutating func echoText(_ request: Request) {
        name("text")
        beginObject()
        name("format")
        if let format = request.format { self.format(format) } else { plainFormat() }
        if let verbosity = request.extra("verbosity") { member("verbosity", verbosity) }
        endObject()
    }

    private mutating func plainFormat() {
        beginObject()
        member("type", "text")
        endObject()
    }

    /// The form of an answer.
    mutating func format(_ format: Format) {
        beginObject()
        switch format {
        case .object: member("type", "json_object")
        case .schema(let schema):
            member("type", "json_schema")
            member("name", schema.name.map { Wire.toolName($0) } ?? "output")
            if let description = schema.description { member("description", description) }
            if let value = schema.schema { member("schema", value) }
            let isStrict = schema.isStrict ?? false
            member("strict", isStrict && schema.schema.map(Strictness.allows) ?? false)
        }
        endObject()
    }
}

extension Request {
    /// The texts of the first turn, if the system speaks there.
    var instructions: String? {
        guard let first = turns.first, first.role == .system else { return nil }
        return first.text(joinedBy: Names.systemJoint)
    }

    /// A member that has no place in the canonical form.
    func extra(_ name: String) -> Value? { extras.last { $0.name == name }?.value }
}
