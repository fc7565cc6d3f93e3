// SPDX-License-Identifier: MIT

import Digest
import HTTP
import Model

/// OpenAI's spellings, and where they stand.
enum Names {
    static let dialect = "openai"

    static let chatPath = "/v1/chat/completions"

    static let embeddingsPath = "/v1/embeddings"

    /// What callers go on with a conversation by that the provider holds; no member of OpenAI's own.
    static let session = "session_id"

    /// The data of the event that ends a stream.
    static let endMark = Array("[DONE]".utf8)

    /// Appends the event that ends a stream.
    static func writeEnd(to bytes: inout [UInt8]) {
        let mark = endMark
        EventWriter.write(name: nil, data: mark.span, to: &bytes)
    }

    /// Endpoints that take an object (or a form) with a model's name.
    static let modelPaths: Set<String> = [
        chatPath, "/v1/completions", embeddingsPath, "/v1/responses", "/v1/moderations",
        "/v1/images/generations", "/v1/images/edits", "/v1/images/variations",
        "/v1/audio/speech", "/v1/audio/transcriptions", "/v1/audio/translations",
        // Of vendors that are almost OpenAI: Jina, Cohere, vLLM, llama.cpp; Mistral.
        "/v1/rerank", "/v1/reranking", "/v1/score", "/v1/fim/completions", "/v1/ocr",
    ]

    /// Those of them that take a form.
    static let formPaths: Set<String> = [
        "/v1/images/edits", "/v1/images/variations", "/v1/audio/transcriptions", "/v1/audio/translations",
    ]

    /// Files and sounds that are named by their ids, Mistral's documents, and what Azure looks up with the account's rights.
    static let kept = [
        ["messages", "*", "content", "*", "file", "file_id"], ["messages", "*", "content", "*", "file_id"],
        ["messages", "*", "audio", "id"], ["image", "*", "file_id"], ["images", "*", "file_id"],
        ["image", "file_id"], ["mask", "file_id"], ["document", "file_id"], ["data_sources"],
    ]

    /// Endpoints whose streams end in a stop reason or in `endMark`.
    static let textPaths: Set<String> = [
        chatPath, "/v1/completions", "/v1/responses", "/v1/fim/completions",
    ]

    static let modelsPath = "/v1/models"

    static let roles: [String: Turn.Role] = [
        "system": .system, "developer": .developer, "user": .user, "assistant": .assistant,
        "tool": .user, "function": .user,
    ]

    /// Members by which look-alikes carry thoughts, the first that has some counts.
    static let thoughts = ["reasoning_content", "reasoning"]

    /// The types of parts that stand in each place.
    static let parts: [ConversationReader.Place: [String]] = [
        .instruction: ["text"], .user: ["text", "image_url", "input_audio", "file"],
        .assistant: ["text", "refusal"],
    ]

    static let choices: [String: ToolChoice] = [
        "auto": .automatic, "none": .none, "required": .required, "any": .required,
    ]

    static let tiers: [String: Tier] = ["auto": .automatic, "default": .standard]

    /// What stood for tools before there were such; a caller that uses them is answered in their words.
    static let legacy: Set<String> = ["functions", "function_call"]

    /// The id of a call that has none.
    static func legacyID(_ name: String) -> String { Wire.callID("call_" + name) }

    /// Members of OpenAI's API that other dialects of its makers have too, under the same name.
    static let shared: Set<String> = [
        "metadata", "store", "verbosity", "safety_identifier", "prompt_cache_key", "prompt_cache_options",
        "prompt_cache_retention", "moderation", "prediction",
    ]

    /// Members that go with `top_k`.
    static let samplers: Set<String> = ["min_p", "repetition_penalty"]

    /// The id of a call to which its provider gave none, in the answer of that id.
    static func callID(of answer: String, _ place: Int) -> String {
        answer.isEmpty ? "call_\(place)" : "call_" + Hash.hex("\(answer)/\(place)", 24)
    }

    /// The signature of a call that has none, as JSON.
    static let noSignature = #""skip_thought_signature_validator""#

    /// What a refusal without words says.
    static let refusal = "The request was refused."

    /// More members than any request has.
    static let memberLimit = 1_000

    /// `finish_reason` of chat and completions, `status` of responses.
    static let stops: [String: Stop] = [
        "stop": .finished, "length": .length, "tool_calls": .toolCall, "function_call": .toolCall,
        "content_filter": .filtered, "completed": .finished, "incomplete": .length,
    ]

    static func finishReason(_ stop: Stop) -> String {
        switch stop {
        case .finished, .sequence: "stop"
        case .length: "length"
        case .toolCall: "tool_calls"
        case .filtered: "content_filter"
        }
    }
}

// How answers end.
extension Names {
    /// Why an answer ended, by the words of many.
    enum Finish {
        case finished, length, toolCall, filtered, failed

        var stop: Stop {
            switch self {
            case .finished, .failed: .finished
            case .length: .length
            case .toolCall: .toolCall
            case .filtered: .filtered
            }
        }
    }

    /// A word that nobody knows only says that the answer ended.
    static func finish(_ word: String) -> Finish {
        if word == "stop" { return .finished }
        return finishes[word.lowercased()] ?? .finished
    }

    private static let finishes: [String: Finish] = [
        "length": .length, "max_tokens": .length, "model_length": .length, "pause_turn": .length,
        "context_window_exceeded": .length, "model_context_window_exceeded": .length,
        "repetition_truncation": .length,
        "tool_calls": .toolCall, "tool_call": .toolCall, "tool_use": .toolCall, "function_call": .toolCall,
        "content_filter": .filtered, "content_filtered": .filtered, "safety": .filtered,
        "sensitive": .filtered, "refusal": .filtered, "guardrail_intervened": .filtered,
        "recitation": .filtered, "error_toxic": .filtered,
        "error": .failed, "network_error": .failed, "insufficient_system_resource": .failed, "abort": .failed,
    ]
}
