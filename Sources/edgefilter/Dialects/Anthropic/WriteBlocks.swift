// SPDX-License-Identifier: MIT

import JSON

/// Blocks of content, whole or as they begin.
enum Blocks {
    static func text(_ writer: inout Writer) { block("text", [("text", "")], &writer) }

    static func thinking(_ writer: inout Writer) {
        block("thinking", [("thinking", ""), ("signature", "")], &writer)
    }

    static func redacted(_ seal: String, _ writer: inout Writer) {
        block("redacted_thinking", [("data", seal)], &writer)
    }

    static func call(id: String, name: String, _ writer: inout Writer) {
        writer.beginObject()
        writer.member("type", "tool_use")
        writer.member("id", id)
        writer.member("name", name)
        writer.name("input")
        writer.beginObject()
        writer.endObject()
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
