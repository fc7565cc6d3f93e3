// SPDX-License-Identifier: MIT

package import JSON

/// What a model may call.
package struct Tool: Equatable, Sendable {
    /// What its argument is, and who runs it.
    package enum Kind: Equatable, Sendable {
        /// Arguments are a JSON object; nil: no schema was given.
        case function(schema: Value?)
        /// The argument is a free text, perhaps of a grammar: its syntax and definition.
        case custom(grammar: Grammar?)
        /// A tool that a provider runs itself, in the words of one dialect.
        case hosted(Foreign)
    }

    /// The grammar of a free text.
    package struct Grammar: Equatable, Sendable {
        /// Its language: `lark`, `regex`.
        package var syntax: String
        /// Its rules, in that language.
        package var definition: String

        package init(syntax: String, definition: String) {
            self.syntax = syntax
            self.definition = definition
        }
    }

    /// Unique in a request; of a tool in a namespace `NAMESPACE__NAME`.
    package var name: String
    /// The namespace and the name in it, where the caller's dialect has such.
    package var space: Space?
    /// What it is for, as the model is told; nil: the caller did not say.
    package var description: String?
    /// What its argument is, and who runs it.
    package var kind: Kind
    /// Whether the arguments must obey the schema; nil: the caller left it open.
    package var isStrict: Bool?
    /// Whether the model sees it only once it was referred to.
    package var isDeferred: Bool

    /// A name within a namespace.
    ///
    /// https://platform.openai.com/docs/guides/function-calling
    package struct Space: Equatable, Sendable {
        /// The namespace's name.
        package var space: String
        /// The tool's name in it, as the model knows it.
        package var name: String
        /// What the namespace is for.
        package var description: String?

        package init(space: String, name: String, description: String? = nil) {
            self.space = space
            self.name = name
            self.description = description
        }
    }

    package init(
        name: String, description: String? = nil, kind: Kind, isStrict: Bool? = nil, isDeferred: Bool = false
    ) {
        self.name = name
        self.description = description
        self.kind = kind
        self.isStrict = isStrict
        self.isDeferred = isDeferred
    }

    /// Whether its argument is a free text.
    package var isCustom: Bool { if case .custom = kind { true } else { false } }
    /// Whether its provider runs it.
    package var isHosted: Bool { if case .hosted = kind { true } else { false } }
}

/// Whether and what a model must call.
package enum ToolChoice: Equatable, Sendable {
    case automatic, none, required
    case named(String)
    /// One of these alone; whether one must be called.
    case among([String], isRequired: Bool)
}

extension Request {
    /// The tool of that name.
    package func tool(named name: String) -> Tool? { tools.first { $0.name == name } }
}
