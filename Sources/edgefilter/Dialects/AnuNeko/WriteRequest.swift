// SPDX-License-Identifier: MIT

import JSON
import Model

/// Writes a request as the one text that the site takes.
///
/// Where the site knows what was said before, the text is that of the last user turn. Where it does not, a lone
/// user turn goes as it is, behind the system's text; more than one turn is told in full, each behind its role.
struct RequestWriter {
    private let request: Request
    private(set) var outgoing = Outgoing()

    init(_ request: Request) {
        self.request = request
        outgoing.cuts = request.stops
    }

    /// `{"contents":["…"]}`; throws when no user says anything.
    mutating func write(to bytes: inout [UInt8]) throws(Failure) {
        noteLosses()
        let text = try text()
        var writer = Writer(into: bytes)
        writer.beginObject()
        writer.name("contents")
        writer.beginArray()
        writer.string(text)
        writer.endArray()
        writer.endObject()
        bytes = writer.bytes
    }

    private func text() throws(Failure) -> String {
        guard let last = request.turns.lastIndex(where: { $0.role == .user && $0.speaks }) else {
            throw Failure(
                .noUserText,
                "No message of the role 'user' has a text; the provider of this model needs one.",
                param: "messages")
        }
        let format = instruction
        if request.dialogue?.isResumed ?? false {
            return ([request.turns[last].words] + format).joined(separator: "\n\n")
        }
        // What an assistant says behind the last user is the beginning of an answer, which the site cannot go on with.
        let told = request.turns[...last]
        let system = told.filter(\.isSystem).map(\.words)
        let others = told.filter { !$0.isSystem && $0.speaks }
        guard others.count > 1 else {
            return (system + others.map(\.words) + format).filter { !$0.isEmpty }.joined(separator: "\n\n")
        }
        let lines = told.filter(\.speaks).map { "\(Names.label($0.role)): \($0.words)" }
        return (lines + format).joined(separator: "\n\n")
    }

    /// How JSON is asked for in words.
    private var instruction: [String] {
        switch request.format {
        case nil: []
        case .object?: [Instruction.json]
        case .schema(let schema)?: [schema.schema.map { Instruction.json(obeying: $0) } ?? Instruction.json]
        }
    }

    /// What every other dialect carries, and this one does not.
    private mutating func noteLosses() {
        if !request.tools.isEmpty { outgoing.lose(.tools) }
        if request.outputLimit != nil { outgoing.lose(.outputLimit) }
    }
}

extension Turn {
    fileprivate var isSystem: Bool { role == .system || role == .developer }
    /// Whether anything of it can be told in words.
    fileprivate var speaks: Bool { parts.contains { !$0.words.isEmpty } }
    /// All that can be told in words.
    fileprivate var words: String { parts.map(\.words).filter { !$0.isEmpty }.joined(separator: "\n") }
}

extension Part {
    /// Texts, what a tool was called with and what it answered; of all else nothing.
    fileprivate var words: String {
        switch self {
        case .text(let text), .refusal(let text): text
        case .call(let call): "[\(call.name) \(call.arguments)]"
        case .result(let result): result.parts.map(\.words).filter { !$0.isEmpty }.joined(separator: "\n")
        case .file(let media): if case .text(let text) = media.source { text } else { "" }
        case .image, .audio, .reasoning, .foreign: ""
        }
    }
}
