// SPDX-License-Identifier: MIT

import JSON
import Model

/// What a writer must know of a request's tools to name their calls as the caller did.
struct Toolbox: Sendable {
    private var customs: Set<String> = []
    private var spaces: [String: Tool.Space] = [:]

    init(_ tools: [Tool]) {
        for tool in tools {
            if tool.isCustom { customs.insert(tool.name) }
            if let space = tool.space { spaces[tool.name] = space }
        }
    }

    func isCustom(_ name: String) -> Bool { customs.contains(name) }
    func space(of name: String) -> Tool.Space? { spaces[name] }
}

/// One item of an answer in the making.
struct OutputItem: Sendable {
    enum Kind: Sendable {
        case message, refusal, reasoning
        case function(Call)
        case custom(Call)
    }

    /// A call, as the caller knows it.
    struct Call: Sendable {
        let id: String
        let name: String
        let space: String?
    }

    let kind: Kind
    let id: String
    let index: Int
    /// Whether it is a custom tool's call that came as a function's: its words are known at its end alone.
    let isWrapped: Bool
    /// What came of it so far.
    var text = ""
    var seal: String?
    /// Citations, each with the place where the text ended then, in Unicode scalars.
    var citations: [(citation: Citation, end: Int)] = []
    /// Elements of an array of probabilities.
    var logprobs = ""
    /// How many Unicode scalars the text has.
    var length = 0
    /// Whether the part for thoughts was announced.
    var hasPart = false
    /// Whether its thoughts are in the seal alone.
    var isRedacted = false
    /// Whether the answer broke off within it.
    var isCut = false

    init(_ item: Item, stem: String, index: Int, _ tools: Toolbox) {
        self.index = index
        var isWrapped = false
        switch item {
        case .text: (kind, id) = (.message, "msg_\(stem)_\(index)")
        case .refusal: (kind, id) = (.refusal, "msg_\(stem)_\(index)")
        case .reasoning: (kind, id) = (.reasoning, "rs_\(stem)_\(index)")
        case .redacted(let seal):
            (kind, id) = (.reasoning, "rs_\(stem)_\(index)")
            (self.seal, isRedacted) = (seal, true)
        case .call(let callID, let name, let isCustom):
            let space = tools.space(of: name)
            let call = Call(id: callID, name: space?.name ?? name, space: space?.space)
            let standsForCustom = isCustom || tools.isCustom(name)
            isWrapped = standsForCustom && !isCustom
            (kind, id) =
                standsForCustom
                ? (.custom(call), "ctc_\(stem)_\(index)") : (.function(call), "fc_\(stem)_\(index)")
        }
        self.isWrapped = isWrapped
    }

    /// The words of a call that is over: free text is unwrapped, no arguments are an empty object.
    var finalText: String {
        switch kind {
        case .custom where isWrapped: Arguments.freeText(text)
        case .function: text.allSatisfy(\.isWhitespace) ? "{}" : text
        default: text
        }
    }

    /// Who runs tools runs a call that is completed, also where the answer around it is not.
    var finalStatus: String { isCut ? "incomplete" : "completed" }

    /// Whether it cannot have been cut: arguments are an object, which ends by itself, as text does not.
    var isWhole: Bool {
        switch kind {
        case .function: break
        case .custom where isWrapped: break
        case .message, .refusal, .reasoning, .custom: return false
        }
        var arguments = Arguments()
        arguments.feed(text)
        return arguments.isComplete
    }

    /// Whether it has a part for thoughts: one without words says that the seal is that of thoughts which are
    /// not shown, none that there are no words for them.
    var hasThoughts: Bool {
        if case .reasoning = kind { !text.isEmpty || seal != nil && !isRedacted } else { false }
    }

    mutating func add(_ more: String) {
        text += more
        if case .message = kind { length += more.utf8.count { $0 & 0xC0 != 0x80 } }
    }
}

extension Writer {
    /// An item; `isDone`: with all that came of it, else as it is announced.
    mutating func item(_ draft: OutputItem, isDone: Bool, words: String) {
        beginObject()
        switch draft.kind {
        case .message, .refusal: message(draft, isDone: isDone)
        case .reasoning: reasoning(draft, isDone: isDone)
        case .function(let call): self.call(call, draft, ("function_call", "arguments"), isDone ? words : nil)
        case .custom(let call): self.call(call, draft, ("custom_tool_call", "input"), isDone ? words : nil)
        }
        endObject()
    }

    private mutating func message(_ draft: OutputItem, isDone: Bool) {
        member("type", Names.Kind.message)
        member("id", draft.id)
        member("status", isDone ? draft.finalStatus : "in_progress")
        member("role", "assistant")
        name("content")
        beginArray()
        if isDone { part(draft) }
        endArray()
    }

    private mutating func reasoning(_ draft: OutputItem, isDone: Bool) {
        member("type", Names.Kind.reasoning)
        member("id", draft.id)
        name("summary")
        beginArray()
        if isDone, draft.hasThoughts { summary(draft.text) }
        endArray()
        if isDone, let seal = draft.seal { member("encrypted_content", seal) }
    }

    private mutating func call(
        _ call: OutputItem.Call, _ draft: OutputItem, _ words: (type: String, text: String), _ text: String?
    ) {
        member("type", words.type)
        member("id", draft.id)
        member("call_id", call.id)
        member("name", call.name)
        if let space = call.space { member("namespace", space) }
        member(words.text, text ?? "")
        member("status", text == nil ? "in_progress" : draft.finalStatus)
    }

    /// The part that a message's item holds, with what came of it so far.
    mutating func part(_ draft: OutputItem) {
        beginObject()
        if case .refusal = draft.kind {
            member("type", Names.Part.refusal)
            member("refusal", draft.text)
        } else {
            member("type", Names.Part.output)
            member("text", draft.text)
            name("annotations")
            beginArray()
            for (citation, end) in draft.citations { annotation(citation, end: end) }
            endArray()
            logprobs(draft.logprobs)
        }
        endObject()
    }

    mutating func logprobs(_ elements: String) {
        name("logprobs")
        beginArray()
        if !elements.isEmpty { verbatim(elements.utf8.span) }
        endArray()
    }

    /// A citation of all the text before it.
    mutating func annotation(_ citation: Citation, end: Int) {
        beginObject()
        member("type", "url_citation")
        member("start_index", 0)
        member("end_index", end)
        member("url", citation.url)
        member("title", citation.title)
        endObject()
    }

    mutating func summary(_ text: String) {
        beginObject()
        member("type", Names.Part.summary)
        member("text", text)
        endObject()
    }
}
