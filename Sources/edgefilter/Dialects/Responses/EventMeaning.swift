// SPDX-License-Identifier: MIT

/// What an event of a provider's stream means for its reader.
///
/// https://platform.openai.com/docs/api-reference/responses-streaming
enum EventMeaning: Equatable {
    /// What the words of an event are of.
    enum Words: Equatable {
        case text, refusal, summary, thought, arguments, input
    }

    case begin, added, done, ended, failed
    /// A piece of words; all of them, for those who left out the pieces; something about them.
    case delta(Words), whole(Words), annotation(Words)
    /// It repeats what others say.
    case nothing

    static let all: [String: EventMeaning] = [
        "response.created": .begin, "response.in_progress": .begin, "response.queued": .begin,
        "response.output_item.added": .added, "response.output_item.done": .done,
        "response.completed": .ended, "response.incomplete": .ended,
        "response.failed": .failed, "response.cancelled": .failed, "error": .failed,
        "response.content_part.added": .nothing, "response.content_part.done": .nothing,
        "response.reasoning_summary_part.added": .nothing, "response.reasoning_summary_part.done": .nothing,
        "response.output_text.delta": .delta(.text), "response.output_text.done": .whole(.text),
        "response.output_text.annotation.added": .annotation(.text),
        "response.refusal.delta": .delta(.refusal), "response.refusal.done": .whole(.refusal),
        "response.reasoning_summary_text.delta": .delta(.summary),
        "response.reasoning_summary_text.done": .whole(.summary),
        "response.reasoning_text.delta": .delta(.thought), "response.reasoning_text.done": .whole(.thought),
        "response.function_call_arguments.delta": .delta(.arguments),
        "response.function_call_arguments.done": .whole(.arguments),
        "response.custom_tool_call_input.delta": .delta(.input),
        "response.custom_tool_call_input.done": .whole(.input),
    ]
}

extension EventMeaning.Words {
    /// The member that holds all of them, and the one that numbers the part.
    var members: (whole: String, place: String) {
        switch self {
        case .text, .thought: ("text", "content_index")
        case .refusal: ("refusal", "content_index")
        case .summary: ("text", "summary_index")
        case .arguments: ("arguments", "")
        case .input: ("input", "")
        }
    }

    /// Whether nothing else has words of the same part.
    var isSaidOnce: Bool { self != .summary && self != .thought }

    /// The kind of item that has such words.
    var kind: Slot.Kind {
        switch self {
        case .text, .refusal: .message
        case .summary, .thought: .reasoning
        case .arguments: .unnamed(isCustom: false)
        case .input: .unnamed(isCustom: true)
        }
    }
}
