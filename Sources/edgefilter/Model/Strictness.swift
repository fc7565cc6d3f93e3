// SPDX-License-Identifier: MIT

package import JSON

/// Whether a schema can be obeyed strictly: each object names all it may hold, and all of it is required.
///
/// https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
package enum Strictness {
    /// Whether every object in it, all the way down, is closed; of the unions only `anyOf` is taken.
    package static func allows(_ schema: Value) -> Bool {
        guard let object = schema.object else { return schema.bool != nil || schema.kind == .array }
        if isObject(object), !isClosed(object) { return false }
        return object.members.allSatisfy { member in
            switch member.name {
            case "properties", "$defs", "definitions":
                member.value.object?.members.allSatisfy { allows($0.value) } ?? true
            case "items", "additionalProperties": allows(member.value)
            case "anyOf": member.value.elements.allSatisfy(allows)
            case "oneOf", "allOf", "not", "patternProperties": false
            default: true
            }
        }
    }

    private static func isObject(_ schema: Object) -> Bool {
        guard let type = schema["type"] else { return schema["properties"] != nil }
        return type.string == "object" || type.elements.contains { $0.string == "object" }
    }

    private static func isClosed(_ schema: Object) -> Bool {
        guard schema["additionalProperties"]?.bool == false else { return false }
        let required = Set((schema["required"]?.elements.compactMap(\.string)) ?? [])
        return schema["properties"]?.object?.members.allSatisfy { required.contains($0.name) } ?? true
    }
}
