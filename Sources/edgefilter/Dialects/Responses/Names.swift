// SPDX-License-Identifier: MIT

import Model

/// The spellings of Responses, and where they stand.
enum Names {
    static let dialect = "responses"

    static let path = "/v1/responses"
    static let countPath = "/v1/responses/input_tokens"
    static let compactPath = "/v1/responses/compact"
    static let modelsPath = "/v1/models"

    /// Answers, conversations, files, stores of vectors, containers and prompts that are named by their ids; of items see
    /// `Client.keptItems`.
    static let kept =
        Members.stateful.map { [$0] } + [
            ["input", "*", "content", "*", "file_id"], ["input", "*", "output", "*", "file_id"],
            ["input", "*", "output", "file_id"], ["input", "*", "container_id"],
            ["tools", "*", "vector_store_ids", "*"], ["tools", "*", "container"],
            ["tools", "*", "container", "file_ids", "*"], ["tools", "*", "container", "skills", "*"],
            ["tools", "*", "environment", "container_id"], ["tools", "*", "environment", "file_ids", "*"],
            ["tools", "*", "environment", "skills", "*"], ["tools", "*", "input_image_mask", "file_id"],
        ]

    /// Endpoints whose body names a model.
    static let modelPaths: Set<String> = [path, countPath, compactPath]

    static let roles: [String: Turn.Role] = [
        "user": .user, "assistant": .assistant, "system": .system, "developer": .developer,
    ]

    /// What a caller may ask to have included, that we give anyway or know a place for.
    static let includeSeal = "reasoning.encrypted_content"
    static let includeLogprobs = "message.output_text.logprobs"

    /// Between texts that become one, by what they are.
    static let systemJoint = "\n\n"
    static let thoughtJoint = "\n\n"
    static let resultJoint = "\n"

    /// Between a namespace and a name, where one name must do for both.
    static let spaceJoint = "__"

    /// The name of a namespace's tool among all tools.
    static func flat(_ space: String, _ name: String) -> String {
        Wire.toolName(space + spaceJoint + name)
    }

    /// The least that `max_output_tokens` may be.
    static let leastOutput = 16
    /// The most characters of a user's name, and of a call's id.
    static let longestID = 64

    static func tier(_ word: String) -> Tier {
        switch word {
        case "auto": .automatic
        case "default": .standard
        default: .other(word)
        }
    }

    static func word(_ tier: Tier) -> String {
        switch tier {
        case .automatic: "auto"
        case .standard: "default"
        case .other(let word): word
        }
    }
}

/// Kinds of items, in requests and answers.
extension Names {
    enum Kind {
        static let message = "message"
        static let reasoning = "reasoning"
        static let call = "function_call"
        static let result = "function_call_output"
        static let customCall = "custom_tool_call"
        static let customResult = "custom_tool_call_output"
        static let reference = "item_reference"
        static let compaction = "compaction"
    }

    /// Items that only a provider of this dialect understands, and what they are.
    static let foreignItems: [String: Feature] = [
        Kind.reference: .itemReferences,
        Kind.compaction: .contextManagement, "compaction_trigger": .contextManagement,
        "configuration_update": .contextManagement, "additional_tools": .hostedTools,
        "program": .hostedCalls, "program_output": .hostedCalls,
        "mcp_list_tools": .hostedCalls, "mcp_approval_request": .hostedCalls,
        "mcp_approval_response": .hostedCalls, "tool_search_output": .hostedCalls,
    ]

    /// How every other item of a provider's own tools ends: `web_search_call`, `shell_call_output`.
    static let foreignEnds = ["_call", "_call_output"]

    /// What an item of the dialect's own is; nil: it is none.
    static func foreign(_ type: String) -> Feature? {
        foreignItems[type] ?? (foreignEnds.contains(where: type.hasSuffix) ? .hostedCalls : nil)
    }

    /// Kinds of parts.
    enum Part {
        static let input = "input_text"
        static let output = "output_text"
        static let refusal = "refusal"
        static let image = "input_image"
        static let file = "input_file"
        static let audio = "input_audio"
        static let summary = "summary_text"
        static let thought = "reasoning_text"
        /// All that hold nothing but a text.
        static let texts: Set<String> = [input, output, "text", summary]
    }

    /// Kinds of tools that a caller runs.
    enum Tool {
        static let function = "function"
        static let custom = "custom"
        static let space = "namespace"
        /// A provider's own, by which the model finds deferred ones.
        static let search = "tool_search"
        static let allowed = "allowed_tools"
    }
}

/// How answers end.
extension Names {
    /// Some servers end the stream as Chat Completions does.
    static let endMark = Array("[DONE]".utf8)

    /// `status` of a response, and why it is incomplete.
    static let stops: [String: Stop] = [
        "completed": .finished, "incomplete": .length,
        "max_output_tokens": .length, "content_filter": .filtered,
    ]
}
