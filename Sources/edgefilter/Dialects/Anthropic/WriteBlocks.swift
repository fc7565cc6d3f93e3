// SPDX-License-Identifier: MIT

import JSON
import Model

/// Blocks of content, whole or as they begin.
enum Blocks {
    static func text(_ writer: inout Writer) { block("text", [("text", "")], &writer) }

    static func thinking(_ writer: inout Writer) {
        block("thinking", [("thinking", ""), ("signature", "")], &writer)
    }

    static func redacted(_ seal: String, _ writer: inout Writer) {
        block("redacted_thinking", [("data", seal)], &writer)
    }

    /// A call; its input is JSON text, `{}` where it is still to come.
    static func call(
        id: String, name: String, input: [UInt8] = Array("{}".utf8), _ writer: inout Writer
    ) {
        writer.beginObject()
        writer.member("type", "tool_use")
        writer.member("id", id)
        writer.member("name", name)
        writer.name("input")
        writer.verbatim(input.span)
        writer.endObject()
    }

    /// A block of strings.
    static func block(_ type: String, _ members: [(String, String)], _ writer: inout Writer) {
        writer.beginObject()
        writer.member("type", type)
        for (name, value) in members { writer.member(name, value) }
        writer.endObject()
    }
}

extension ToolCall {
    /// Its arguments as an object, which is all that Anthropic takes.
    var input: [UInt8] {
        isCustom ? Array(Arguments.wrapped(freeText: arguments).utf8) : Arguments.object(arguments)
    }
}
