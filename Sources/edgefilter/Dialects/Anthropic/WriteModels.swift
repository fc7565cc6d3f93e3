// SPDX-License-Identifier: MIT

import JSON
import Model

/// The list of models, which OpenAI's clients read too.
extension Client {
    func writeModels(_ names: [String], by maker: Maker, to bytes: inout [UInt8]) {
        var writer = Writer()
        writer.beginObject()
        writer.member("object", "list")
        writer.name("data")
        writer.beginArray()
        for name in names { writer.model(name, by: maker) }
        writer.endArray()
        writer.member("has_more", false)
        writer.member("first_id", orNull: names.first)
        writer.member("last_id", orNull: names.last)
        writer.endObject()
        bytes.append(contentsOf: writer.bytes)
    }

    func writeModel(_ name: String, by maker: Maker, to bytes: inout [UInt8]) {
        var writer = Writer()
        writer.model(name, by: maker)
        bytes.append(contentsOf: writer.bytes)
    }
}

extension Writer {
    fileprivate mutating func model(_ id: String, by maker: Maker) {
        beginObject()
        member("type", "model")
        member("id", id)
        member("display_name", id)
        member("created_at", "1970-01-01T00:00:00Z")
        member("object", "model")
        member("created", maker.created)
        member("owned_by", maker.name)
        endObject()
    }
}
