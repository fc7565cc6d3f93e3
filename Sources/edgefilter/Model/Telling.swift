// SPDX-License-Identifier: MIT

// A conversation in words, for models whose provider takes texts alone.

extension Turn {
    /// Whether it is an instruction, and no part of what is said.
    package var isInstruction: Bool { role == .system || role == .developer }

    /// All of it that can be told in words, a part a line; empty: nothing.
    package var told: String { parts.map(\.told).filter { !$0.isEmpty }.joined(separator: "\n") }

    /// The same behind who says it, where several turns are one text.
    package var announced: String { "\(role.label): \(told)" }
}

extension Turn.Role {
    fileprivate var label: String {
        switch self {
        case .system, .developer: "System"
        case .user: "User"
        case .assistant: "Assistant"
        }
    }
}

extension Part {
    /// Texts, what a tool was called with and what it answered; of all else nothing.
    package var told: String {
        switch self {
        case .text(let text), .refusal(let text): text
        case .call(let call): call.told
        case .result(let result):
            result.told(as: result.parts.map(\.told).filter { !$0.isEmpty }.joined(separator: "\n"))
        case .file(let media): if case .text(let text) = media.source { text } else { "" }
        case .image, .audio, .reasoning, .foreign: ""
        }
    }
}

extension ToolCall {
    /// The call, told to a model that knows no tools.
    package var told: String { "[\(name) \(arguments)]" }
}

extension ToolResult {
    /// What stands before the words of a tool that failed, where no member can say so.
    package static let errorMark = "[tool error] "

    /// Its words, marked where the tool failed.
    package func marked(_ words: String) -> String { isError ? ToolResult.errorMark + words : words }

    /// The result, told to a model that knows no tools.
    package func told(as words: String) -> String { "[tool result] " + marked(words) }
}
