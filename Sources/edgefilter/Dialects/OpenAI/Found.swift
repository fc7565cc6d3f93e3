// SPDX-License-Identifier: MIT

import JSON
import Model

/// What a delta or a message has of what we look for, whatever order it stands in.
struct Found {
    var content: Value?
    var thoughts: Value?
    var otherThoughts: Value?
    var details: Value?
    var blocks: Value?
    var refusal: Value?
    var calls: Value?
    var legacyCall: Value?
    var annotations: Value?
    var signature: Value?
    var losses: [Feature] = []

    mutating func take(_ member: Member) {
        if member.isNamed("content") {
            content = member.value
        } else if !member.isNamed("role") {
            takeRare(member)
        }
    }

    private mutating func takeRare(_ member: Member) {
        let value = member.value
        switch member.name {
        case "reasoning_content": thoughts = value
        case "reasoning": otherThoughts = value
        case "tool_calls": calls = value
        case "refusal": refusal = value
        case "reasoning_details": details = value
        case "thinking_blocks": blocks = value
        case "function_call": legacyCall = value
        case "annotations": annotations = value
        case "extra_content": signature = value["google"]?["thought_signature"]
        case "thought_signature": signature = value
        case "images": losses.append(.images)
        case "audio": losses.append(.audioOutput)
        case "executed_tools": losses.append(.hostedCalls)
        default: break
        }
    }
}

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

    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0D ~= byte }
}
