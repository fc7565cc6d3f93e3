// SPDX-License-Identifier: MIT

import JSON

/// What is asked of a JSON Schema.
enum Schema {
    /// Whether strict mode takes it: every object closed, every property required, all the way down.
    /// https://platform.openai.com/docs/guides/structured-outputs
    static func isStrict(_ schema: Value) -> Bool {
        guard schema.object != nil else { return true }
        if isObject(schema) {
            guard schema["additionalProperties"]?.bool == false, requiresAll(schema) else { return false }
        }
        for name in ["properties", "$defs", "definitions"] {
            guard let members = schema[name]?.object?.members else { continue }
            for member in members where !isStrict(member.value) { return false }
        }
        for name in ["anyOf", "allOf", "oneOf"] {
            guard let branches = schema[name] else { continue }
            for branch in branches.elements where !isStrict(branch) { return false }
        }
        return schema["items"].map(isStrict) ?? true
    }

    private static func isObject(_ schema: Value) -> Bool {
        guard let type = schema["type"] else { return schema["properties"] != nil }
        return type.string == "object" || type.elements.contains { $0.string == "object" }
    }

    private static func requiresAll(_ schema: Value) -> Bool {
        let required = Set((schema["required"]?.elements).map { $0.compactMap(\.string) } ?? [])
        guard let properties = schema["properties"]?.object?.members else { return true }
        return properties.allSatisfy { required.contains($0.name) }
    }
}

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
