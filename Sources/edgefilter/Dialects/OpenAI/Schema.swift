// SPDX-License-Identifier: MIT

import JSON

extension Writer {
    /// A tool's parameters: an object with properties, since some providers refuse one without.
    mutating func parameters(_ schema: Value?) {
        guard let schema, let object = schema.object else { return emptyParameters() }
        let isBare = object.members.allSatisfy { $0.isNamed("type") || $0.isNamed("$schema") }
        let isObject = schema["type"]?.string == "object" || isBare && schema["type"] == nil
        guard isObject, schema["properties"] == nil else { return verbatim(schema) }
        beginObject()
        if schema["type"] == nil { member("type", "object") }
        for each in object.members { member(each) }
        name("properties")
        beginObject()
        endObject()
        endObject()
    }

    private mutating func emptyParameters() {
        beginObject()
        member("type", "object")
        name("properties")
        beginObject()
        endObject()
        endObject()
    }
}
