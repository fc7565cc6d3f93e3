// SPDX-License-Identifier: MIT

import JSON
import Model

/// Writes a request as the one text that the site takes.
///
/// Where the site knows what was said before, the text is that of the last user turn. Where it does not, a
/// lone user turn goes as it is, behind the system's text; more than one turn is told in full, each behind
/// its role.
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
            return ([request.turns[last].told] + format).joined(separator: "\n\n")
        }
        // What an assistant says behind the last user is the beginning of an answer, which the site cannot go
        // on with.
        let turns = request.turns[...last]
        let system = turns.filter(\.isInstruction).map(\.told)
        let others = turns.filter { !$0.isInstruction && $0.speaks }
        guard others.count > 1 else {
            return (system + others.map(\.told) + format).filter { !$0.isEmpty }.joined(separator: "\n\n")
        }
        let lines = turns.filter(\.speaks).map(\.announced)
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
    /// Whether anything of it can be told in words.
    fileprivate var speaks: Bool { !told.isEmpty }
}
