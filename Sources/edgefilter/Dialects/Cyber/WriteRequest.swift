// SPDX-License-Identifier: MIT

import JSON
import Model

/// Writes one request as the one message that the engine takes.
///
/// The engine remembers conversations by itself, but a gateway without a state must not rely on that: each
/// request brings all that was said.
struct RequestWriter {
    let request: Request
    private var writer = Writer()
    private(set) var outgoing = Outgoing()

    init(_ request: Request) { self.request = request }

    var bytes: [UInt8] { writer.bytes }

    mutating func write() throws(Failure) {
        let content = try content()
        if !request.tools.isEmpty { outgoing.lose(.tools) }
        if request.outputLimit != nil { outgoing.lose(.outputLimit) }
        outgoing.cuts = request.stops
        writer.beginObject()
        writer.member(Names.content, content)
        if !request.model.isEmpty { writer.member(Names.modelMember, request.model) }
        writer.endObject()
    }

    private func content() throws(Failure) -> String {
        if let command { return command }
        let turns = ordered.filter { !$0.told.isBlank }
        if turns.count == 1, let only = turns.first, only.role == .user { return only.told }
        guard !turns.isEmpty else { throw RequestWriter.silent }
        return turns.map(\.announced).joined(separator: "\n\n")
    }

    private static let silent = Failure(
        .invalidMember, "The provider of this model takes texts alone, and there is none in this request.")

    /// The caller's last words, where they are a command of the engine's: that is no part of a conversation.
    ///
    ///     command = "/" 1*( ALPHA / "-" / "_" ) [ blank … ]
    private var command: String? {
        guard let last = request.turns.last, last.role == .user else { return nil }
        let text = last.told
        guard text.utf8.first == UInt8(ascii: "/") else { return nil }
        let word = text.utf8.dropFirst().prefix { !$0.isBlank }
        return !word.isEmpty && word.allSatisfy(\.isCommandLetter) ? text : nil
    }

    /// Instructions come first.
    private var ordered: [Turn] {
        request.turns.filter(\.isInstruction) + request.turns.filter { !$0.isInstruction }
    }
}

extension UInt8 {
    fileprivate var isCommandLetter: Bool {
        let letter = self | 0x20
        return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter) || self == UInt8(ascii: "-")
            || self == UInt8(ascii: "_")
    }
}
