// SPDX-License-Identifier: MIT

import JSON
import Model

/// The conversation: items that become turns.
///
/// What an assistant did between two words of others is one turn, as are results in a row (T145).
extension RequestReader {
    mutating func readInput() throws(Failure) {
        guard let input = root.given("input") else { throw Failure.missing("input", in: root) }
        if let text = input.string {
            request.turns.append(Turn(role: .user, text: text))
        } else {
            guard input.kind == .array else { throw Failure.wrong(input, expected: "a string or an array") }
            for item in input.elements { try read(item) }
        }
        endTurn()
        if request.turns.isEmpty {
            throw Failure.invalid(input, "at least one item is needed")
        }
    }

    private mutating func read(_ item: Value) throws(Failure) {
        try item.checkObject()
        switch try kind(of: item) {
        case Names.Kind.message: try readMessage(item)
        case Names.Kind.reasoning: try readReasoning(item)
        case Names.Kind.call: try readCall(item, isCustom: false)
        case Names.Kind.customCall: try readCall(item, isCustom: true)
        case Names.Kind.result: try readResult(item, isCustom: false)
        case Names.Kind.customResult: try readResult(item, isCustom: true)
        case let type: try readForeign(item, type)
        }
    }

    /// What an item is; messages and references may leave it out.
    private func kind(of item: Value) throws(Failure) -> String {
        if let type = try item.optionalString("type") { return type }
        if item.given("role") != nil { return Names.Kind.message }
        if item.given("id") != nil { return Names.Kind.reference }
        throw Failure.missing("type", in: item)
    }

    private mutating func readForeign(_ item: Value, _ type: String) throws(Failure) {
        guard let feature = Names.foreign(type) else {
            throw Failure.invalid(item["type"] ?? item, "no item is called '\(type)'")
        }
        request.mentions.note(feature, as: "input[]", at: item.path)
        appendAssistant(.foreign(Foreign(dialect: Names.dialect, type: type, value: item)))
    }
}

// What items say.
extension RequestReader {
    private mutating func readMessage(_ item: Value) throws(Failure) {
        let word = try item.requiredString("role")
        guard let role = Names.roles[word] else {
            throw Failure.invalid(item["role"] ?? item, "expected user, assistant, system or developer")
        }
        if item.given("phase") != nil {
            request.mentions.note(.phases, as: "input[].phase", at: "\(item.path).phase")
        }
        let parts = try content(of: item)
        if role == .assistant {
            for part in parts where part != .text("") { appendAssistant(part) }
        } else {
            endTurn()
            request.turns.append(Turn(role: role, parts: parts))
        }
    }

    private mutating func content(of item: Value) throws(Failure) -> [Part] {
        guard let content = item.given("content") else { throw Failure.missing("content", in: item) }
        if let text = content.string { return [.text(text)] }
        guard content.kind == .array else { throw Failure.wrong(content, expected: "a string or an array") }
        var parts: [Part] = []
        for value in content.elements {
            guard let part = try part(value, .prompt) else {
                throw Failure.invalid(value["type"] ?? value, "no part is called so")
            }
            parts.append(part)
        }
        return parts
    }

    private mutating func readReasoning(_ item: Value) throws(Failure) {
        let summary = try texts(item, "summary")
        let text = summary.isEmpty ? try texts(item, "content") : summary
        let seal = try item.optionalString("encrypted_content")
        if !text.isEmpty { request.mentions.note(.thoughts, as: "input[].summary", at: item.path) }
        if seal != nil {
            request.mentions.note(.redactedThoughts, as: "input[].encrypted_content", at: item.path)
        }
        guard !text.isEmpty || seal != nil else { return }
        // A part without words says that there are some which are not shown.
        let isRedacted =
            text.isEmpty
            && ["summary", "content"].allSatisfy { item[$0]?.elements.isEmpty ?? true }
        appendAssistant(.reasoning(Reasoning(text: text, seal: seal, isRedacted: isRedacted)))
    }

    private func texts(_ item: Value, _ name: String) throws(Failure) -> String {
        guard let parts = try item.optionalArray(name) else { return "" }
        return parts.compactMap { $0["text"]?.string }.joined(separator: Names.thoughtJoint)
    }

    private mutating func readCall(_ item: Value, isCustom: Bool) throws(Failure) {
        let id = try item.requiredWord("call_id")
        let space = try item.optionalString("namespace")
        if space != nil { request.mentions.note(.namespaces, as: "input[].namespace", at: item.path) }
        if isCustom { request.mentions.note(.customTools, as: "input[].input", at: item.path) }
        let name = try item.requiredWord("name")
        let call = ToolCall(
            id: pairing.call(id, at: item["call_id"] ?? item), name: flatName(name, in: space),
            arguments: try arguments(item, isCustom ? "input" : "arguments"), isCustom: isCustom)
        appendAssistant(.call(call))
    }

    /// A call's words: a text, or, of careless clients, the object itself.
    private func arguments(_ item: Value, _ name: String) throws(Failure) -> String {
        guard let value = item.given(name) else { return "" }
        if let text = value.string { return text }
        guard value.object != nil else { throw Failure.wrong(value, expected: "a string") }
        return Arguments.text(value)
    }

    private mutating func readResult(_ item: Value, isCustom: Bool) throws(Failure) {
        let id = pairing.result(try item.requiredWord("call_id"), at: item["call_id"] ?? item)
        let parts = try output(of: item)
        noteResult(parts, item)
        let result = Part.result(ToolResult(id: id, parts: parts, isCustom: isCustom))
        if let last = request.turns.indices.last, request.turns[last].isResults {
            request.turns[last].parts.append(result)
        } else {
            endTurn()
            request.turns.append(Turn(role: .user, parts: [result]))
        }
    }

    private mutating func noteResult(_ parts: [Part], _ item: Value) {
        for part in parts {
            switch part {
            case .image: request.mentions.note(.resultImages, as: "input[].output", at: item.path)
            case .file: request.mentions.note(.resultDocuments, as: "input[].output", at: item.path)
            default: continue
            }
        }
    }

    /// What a tool said: a text, parts, or parts as the text of their JSON (T146).
    private mutating func output(of item: Value) throws(Failure) -> [Part] {
        guard let output = item.given("output") else { return [] }
        if let text = output.string {
            if let parts = encodedParts(text) { return parts }
            return text.isEmpty ? [] : [.text(text)]
        }
        guard output.kind == .array else { throw Failure.wrong(output, expected: "a string or an array") }
        var parts: [Part] = []
        for value in output.elements {
            if let part = try part(value, .result) { parts.append(part) }
        }
        return parts
    }

    /// The parts that a text encodes; nil: it is a text.
    private mutating func encodedParts(_ text: String) -> [Part]? {
        guard text.utf8.first == UInt8(ascii: "["), let root = (try? Document(Array(text.utf8)))?.root,
            root.elements.contains(where: { $0["type"]?.string == Names.Part.image }),
            root.elements.allSatisfy({ Names.isResultPart($0["type"]?.string ?? "") })
        else { return nil }
        // A part that is damaged was never meant as one; and what it uses is told by the item's place.
        let mentions = request.mentions
        defer { request.mentions = mentions }
        var parts: [Part] = []
        for value in root.elements {
            guard let part = try? part(value, .result) else { return nil }
            parts.append(part)
        }
        return parts
    }
}

// How they are put into turns.
extension RequestReader {
    private mutating func appendAssistant(_ part: Part) {
        if let last = request.turns.indices.last, request.turns[last].role == .assistant {
            request.turns[last].parts.append(part)
        } else {
            endTurn()
            request.turns.append(Turn(role: .assistant, parts: [part]))
        }
    }

    /// Thoughts that nothing of the assistant's follows are thoughts about nothing.
    private mutating func endTurn() {
        guard let last = request.turns.indices.last, request.turns[last].role == .assistant else { return }
        while case .reasoning? = request.turns[last].parts.last { request.turns[last].parts.removeLast() }
        if request.turns[last].parts.isEmpty { request.turns.removeLast() }
    }
}

extension Turn {
    /// Whether it holds the results of tools alone.
    fileprivate var isResults: Bool {
        if role == .user, case .result? = parts.last { true } else { false }
    }
}
