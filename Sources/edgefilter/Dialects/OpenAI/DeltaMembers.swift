// SPDX-License-Identifier: MIT

import JSON
import Model

/// What a delta or a message has of what we look for, whatever order it stands in.
struct DeltaMembers {
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

    /// Whether there are words and calls only, so that a chunk like it may bring others.
    var isPlain: Bool {
        details == nil && blocks == nil && refusal.isSilent && legacyCall == nil && annotations == nil
            && signature == nil && losses.isEmpty
    }

    /// The one string that says anything; nil: there is none, or more.
    var string: (string: Value, meaning: Template.Meaning)? {
        guard calls.isSilent else { return nil }
        let told: [(Value?, Template.Meaning)] = [
            (content, .text), (thoughts, .thoughts), (otherThoughts, .thoughts),
        ]
        var only: (Value, Template.Meaning)?
        for case (let value?, let meaning) in told where !Optional(value).isSilent {
            guard only == nil, value.kind == .string else { return nil }
            only = (value, meaning)
        }
        return only
    }

    /// Whether there is one call, and no words.
    var isCallAlone: Bool {
        guard content.isSilent, thoughts.isSilent, otherThoughts.isSilent, var all = calls?.elements else {
            return false
        }
        return all.next() != nil && all.next() == nil
    }

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

extension Value? {
    /// Whether it is absent, or an empty string or array.
    fileprivate var isSilent: Bool {
        guard let self else { return true }
        return (self.kind == .string || self.kind == .array) && self.verbatim.count == 2
    }
}
