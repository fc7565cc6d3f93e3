// SPDX-License-Identifier: MIT

package import JSON

/// What a model is told in words where its provider has no member for it.
package enum Instruction {
    /// To answer in JSON.
    package static let json = "Answer with JSON only, without any text around it."

    /// To answer in JSON of this schema.
    package static func json(obeying schema: Value) -> String {
        "\(json) It must obey this JSON Schema:\n" + String(decoding: schema.verbatim, as: UTF8.self)
    }
}

extension Request {
    /// Turns a schema whose root is no object, which OpenAI's providers refuse, into an instruction; whether
    /// it did.
    ///
    /// https://platform.openai.com/docs/guides/structured-outputs#root-objects-must-not-be-anyof-and-must-be-an-object
    package mutating func instructSchema() -> Bool {
        guard case .schema(let schema)? = format, let value = schema.schema, let type = value["type"],
            type.string != "object"
        else { return false }
        let text = Instruction.json(obeying: value)
        if turns.first?.role == .system {
            turns[0].parts.append(.text(text))
        } else {
            turns.insert(Turn(role: .system, text: text), at: 0)
        }
        format = nil
        return true
    }
}
