// SPDX-License-Identifier: MIT

import JSON
import Model

/// The list of models, in OpenAI's form.
extension Client {
    func writeModels(_ names: [String], to bytes: inout [UInt8]) {
        var writer = Writer()
        writer.beginObject()
        writer.member("object", "list")
        writer.name("data")
        writer.beginArray()
        for name in names { writer.model(name) }
        writer.endArray()
        writer.endObject()
        bytes.append(contentsOf: writer.bytes)
    }

    func writeModel(_ name: String, to bytes: inout [UInt8]) {
        var writer = Writer()
        writer.model(name)
        bytes.append(contentsOf: writer.bytes)
    }
}

extension Writer {
    fileprivate mutating func model(_ id: String) {
        beginObject()
        member("id", id)
        member("object", "model")
        member("created", 0)
        member("owned_by", "edgefilter")
        endObject()
    }
}
