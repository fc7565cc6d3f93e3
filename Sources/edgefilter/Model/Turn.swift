// SPDX-License-Identifier: MIT

package import JSON

/// One contribution to the conversation.
package struct Turn: Equatable, Sendable {
    /// Who speaks; results of tools are the user's parts.
    package enum Role: String, Sendable { case system, developer, user, assistant }

    /// Who speaks.
    package var role: Role
    /// What is said and done, in order.
    package var parts: [Part]

    package init(role: Role, parts: [Part]) {
        self.role = role
        self.parts = parts
    }

    /// A turn of one text.
    package init(role: Role, text: String) {
        self.init(role: role, parts: [.text(text)])
    }

    /// Its texts, joined.
    package func text(joinedBy separator: String = "") -> String { parts.text(joinedBy: separator) }
}

/// A piece of a turn.
package enum Part: Equatable, Sendable {
    case text(String)
    case image(Media)
    case audio(Media)
    /// A document: PDF, plain text, or what a URL or a file's id leads to.
    case file(Media)
    /// The assistant called a tool.
    case call(ToolCall)
    /// What a tool answered.
    case result(ToolResult)
    /// The assistant's thoughts.
    case reasoning(Reasoning)
    /// The assistant's refusal, in words.
    case refusal(String)
    /// A piece of one dialect alone, which it gets back byte for byte.
    case foreign(Foreign)
}

extension [Part] {
    /// The texts among them, joined.
    package func text(joinedBy separator: String = "") -> String {
        var whole = ""
        var isFirst = true
        for case .text(let text) in self {
            if !isFirst { whole += separator }
            isFirst = false
            whole += text
        }
        return whole
    }
}

/// Something that is no text, or a text with a title.
package struct Media: Equatable, Sendable {
    /// Where it is.
    package enum Source: Equatable, Sendable {
        /// Base64, without white space; `type` is a media type in lower case.
        case data(type: String, base64: String)
        /// An address that the provider may fetch; we never do.
        case url(String)
        /// A file kept at one provider.
        case id(String)
        /// Plain text.
        case text(String)
    }

    /// Where it is.
    package var source: Source
    /// `low`, `high`, `auto` … for images; the format of audio (`wav`, `mp3`).
    package var detail: String?
    /// A document's file name or title.
    package var title: String?
    /// What a document is about.
    package var context: String?

    package init(_ source: Source, detail: String? = nil, title: String? = nil, context: String? = nil) {
        self.source = source
        self.detail = detail
        self.title = title
        self.context = context
    }
}

/// A call of a tool.
package struct ToolCall: Equatable, Sendable {
    /// By which its result is told; unique in a request that was read, see `Pairing`.
    package var id: String
    /// The tool's name in `Request.tools`.
    package var name: String
    /// JSON text as the model wrote it, which may be none; of a custom tool the free text.
    package var arguments: String
    /// Whether it is a custom tool's.
    package var isCustom: Bool

    package init(id: String, name: String, arguments: String, isCustom: Bool = false) {
        self.id = id
        self.name = name
        self.arguments = arguments
        self.isCustom = isCustom
    }
}

/// What a tool answered.
package struct ToolResult: Equatable, Sendable {
    /// The call's.
    package var id: String
    /// Texts, images, files; empty: the tool said nothing.
    package var parts: [Part]
    /// Whether the tool failed; the parts say how.
    package var isError: Bool
    /// Whether the call is a custom tool's.
    package var isCustom: Bool

    package init(id: String, parts: [Part], isError: Bool = false, isCustom: Bool = false) {
        self.id = id
        self.parts = parts
        self.isError = isError
        self.isCustom = isCustom
    }
}

/// Thoughts of an assistant, in words, sealed, or both.
package struct Reasoning: Equatable, Sendable {
    /// The words; empty: there are none, or they are in the seal.
    package var text: String
    /// What its maker wants back byte for byte: a signature, or sealed thoughts; nil: none.
    package var seal: String?
    /// Whether the thoughts are in the seal alone.
    package var isRedacted: Bool

    package init(text: String = "", seal: String? = nil, isRedacted: Bool = false) {
        self.text = text
        self.seal = seal
        self.isRedacted = isRedacted
    }
}

/// A piece in the words of one dialect.
package struct Foreign: Equatable, Sendable {
    /// The only dialect that understands it.
    package var dialect: String
    /// Its own name for the kind of piece.
    package var type: String
    /// The whole piece, its type included.
    package var value: Value

    package init(dialect: String, type: String, value: Value) {
        self.dialect = dialect
        self.type = type
        self.value = value
    }
}
