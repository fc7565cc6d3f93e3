// SPDX-License-Identifier: MIT

import JSON

/// JSON Schemas in the form that Anthropic takes.
enum Schema {
    private static let unions = ["oneOf", "anyOf", "allOf"]

    /// Writes the schema of a tool's input: an object at the root, without a choice there.
    ///
    /// Of alternatives the properties are joined, and none of theirs is required.
    static func writeRoot(_ schema: Value?, to writer: inout Writer) {
        guard let schema, let object = schema.object else {
            return writer.verbatim(Array(#"{"type":"object","properties":{}}"#.utf8).span)
        }
        let hasUnion = object.members.contains { member in unions.contains(where: member.isNamed) }
        guard hasUnion || schema["type"]?.string != "object" else { return writer.verbatim(schema) }
        writer.beginObject()
        writer.member("type", "object")
        for member in object.members where !isRewritten(member, hasUnion: hasUnion) { writer.member(member) }
        if hasUnion {
            writeProperties(of: schema, to: &writer)
            writeRequired(of: schema, to: &writer)
        } else if schema["properties"] == nil {
            writer.name("properties")
            writer.beginObject()
            writer.endObject()
        }
        writer.endObject()
    }

    private static func isRewritten(_ member: Member, hasUnion: Bool) -> Bool {
        let names = hasUnion ? unions + ["type", "properties", "required"] : ["type"]
        return names.contains(where: member.isNamed)
    }

    private static func branches(_ schema: Value, _ unions: [String]) -> [Value] {
        [schema] + unions.flatMap { Array((schema[$0] ?? schema).elements) }
    }

    private static func writeProperties(of schema: Value, to writer: inout Writer) {
        var names: Set<String> = []
        writer.name("properties")
        writer.beginObject()
        for branch in branches(schema, unions) {
            guard let properties = branch["properties"]?.object else { continue }
            for member in properties.members where names.insert(member.name).inserted {
                writer.member(member)
            }
        }
        writer.endObject()
    }

    private static func writeRequired(of schema: Value, to writer: inout Writer) {
        var names: Set<String> = []
        let all = branches(schema, ["allOf"]).flatMap { branch in
            (branch["required"] ?? branch).elements.compactMap(\.string)
        }
        let required = all.filter { names.insert($0).inserted }
        guard !required.isEmpty else { return }
        writer.name("required")
        writer.beginArray()
        for name in required { writer.string(name) }
        writer.endArray()
    }

    /// Writes the schema of an answer.
    ///
    /// Its objects admit no further properties unless they say so themselves: Anthropic insists on it.
    static func writeClosed(_ schema: Value, to writer: inout Writer) {
        guard let object = schema.object else {
            guard schema.kind == .array else { return writer.verbatim(schema) }
            writer.beginArray()
            for element in schema.elements { writeClosed(element, to: &writer) }
            writer.endArray()
            return
        }
        writer.beginObject()
        for member in object.members {
            writer.name(member.name)
            if literals.contains(where: member.isNamed) {
                writer.verbatim(member.value)
            } else {
                writeClosed(member.value, to: &writer)
            }
        }
        if schema["type"]?.string == "object", schema["additionalProperties"] == nil {
            writer.member("additionalProperties", false)
        }
        writer.endObject()
    }

    /// Members whose values are no schemas.
    private static let literals = ["enum", "const", "default", "examples", "required"]
}
