// SPDX-License-Identifier: MIT

import JSON
import Model

// The events of each kind of item.
extension OutputItem.Kind {
    struct Words {
        /// The event of a piece, and the event that repeats all of them, in this member.
        let delta: String
        let done: String
        let text: String
        /// The member that numbers the item's part, and the event that ends it; nil: it has none.
        var place: String?
        var partDone: String?
    }

    var words: Words {
        switch self {
        case .message: OutputItem.Kind.text
        case .refusal: OutputItem.Kind.refused
        case .reasoning: OutputItem.Kind.thought
        case .function: OutputItem.Kind.arguments
        case .custom: OutputItem.Kind.input
        }
    }

    private static let text = Words(
        delta: "response.output_text.delta", done: "response.output_text.done", text: "text",
        place: "content_index", partDone: "response.content_part.done")
    private static let refused = Words(
        delta: "response.refusal.delta", done: "response.refusal.done", text: "refusal",
        place: "content_index", partDone: "response.content_part.done")
    private static let thought = Words(
        delta: "response.reasoning_summary_text.delta", done: "response.reasoning_summary_text.done",
        text: "text", place: "summary_index", partDone: "response.reasoning_summary_part.done")
    private static let arguments = Words(
        delta: "response.function_call_arguments.delta", done: "response.function_call_arguments.done",
        text: "arguments")
    private static let input = Words(
        delta: "response.custom_tool_call_input.delta", done: "response.custom_tool_call_input.done",
        text: "input")
}

extension OutputItem {
    /// Whether it is a message, whose one part is announced with it.
    var hasContent: Bool {
        switch kind {
        case .message, .refusal: true
        case .reasoning, .function, .custom: false
        }
    }

    /// A whole item.
    init(_ item: Reply.Item, stem: String, index: Int, _ tools: Toolbox) {
        switch item {
        case .text(let text):
            self.init(.text, stem: stem, index: index, tools)
            add(text.text)
            citations = text.citations.map { ($0, length) }
            logprobs = text.logprobs
        case .reasoning(let reasoning):
            self.init(.reasoning, stem: stem, index: index, tools)
            (text, seal, isRedacted) = (reasoning.text, reasoning.seal, reasoning.isRedacted)
        case .call(let call):
            let item = Item.call(id: call.id, name: call.name, isCustom: call.isCustom)
            self.init(item, stem: stem, index: index, tools)
            self.text = call.arguments
        case .refusal(let words):
            self.init(.refusal, stem: stem, index: index, tools)
            self.text = words
        }
    }
}

extension Writer {
    /// Which part of which item an event is about.
    mutating func place(_ draft: OutputItem) {
        member("item_id", draft.id)
        member("output_index", draft.index)
        if let place = draft.kind.words.place { member(place, 0) }
    }
}
