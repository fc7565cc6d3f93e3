// SPDX-License-Identifier: MIT

import JSON
import Model

/// `tools` and `tool_choice`.
extension RequestWriter {
    mutating func planTools() {
        let canSearch = canSearch
        tools = request.tools.filter { isSent($0, canSearch) }
        if case .among(let list, let isRequired)? = request.toolChoice {
            let names = Set(list)
            tools = tools.filter { names.contains($0.name) }
            choice = isRequired ? .required : .automatic
        } else {
            choice = request.toolChoice
        }
        if case .named(let name)? = choice, !tools.contains(where: { $0.name == name }) { choice = nil }
    }

    /// Whether the provider is told of a tool: not of what only another could run, or is not to be seen yet.
    private mutating func isSent(_ tool: Tool, _ canSearch: Bool) -> Bool {
        if case .hosted(let foreign) = tool.kind, foreign.dialect != Names.dialect {
            lose(.hostedTools)
            return false
        }
        if tool.isDeferred, !tool.isHosted, !canSearch {
            lose(.deferredTools)
            return false
        }
        return true
    }

    /// Whether the model can find tools that it does not see.
    private var canSearch: Bool {
        request.tools.contains {
            if case .hosted(let foreign) = $0.kind {
                foreign.type.hasPrefix("tool_search_tool")
            } else {
                false
            }
        }
    }

    /// Whether the model must call.
    var isForced: Bool {
        switch choice {
        case .required, .named: true
        default: false
        }
    }

    mutating func writeTools() {
        if case .answerTool(let schema) = format { return writeAnswerTool(schema) }
        guard !tools.isEmpty else { return }
        writer.name("tools")
        writer.beginArray()
        for tool in tools { write(tool) }
        writer.endArray()
        writeChoice()
    }

    private mutating func write(_ tool: Tool) {
        if case .hosted(let foreign) = tool.kind { return writer.verbatim(foreign.value) }
        writer.beginObject()
        writer.member("name", outgoing.sentName(of: tool.name))
        if let description = description(of: tool) { writer.member("description", description) }
        writer.name("input_schema")
        switch tool.kind {
        case .function(let schema): Schema.writeRoot(schema, to: &writer)
        case .custom: writer.verbatim(Array(Arguments.freeTextSchema.utf8).span)
        case .hosted: break
        }
        if tool.isStrict == true {
            if family.takesFormat { writer.member("strict", true) } else { lose(.strictTools) }
        }
        if tool.isDeferred { writer.member("defer_loading", true) }
        writer.endObject()
    }

    /// The grammar of a free text is told in words.
    private mutating func description(of tool: Tool) -> String? {
        guard case .custom(let grammar?) = tool.kind else {
            return tool.description?.isEmpty == true ? nil : tool.description
        }
        lose(.grammar)
        let rule = "The input must obey this grammar (\(grammar.syntax)):\n\(grammar.definition)"
        return tool.description.map { "\($0)\n\n\(rule)" } ?? rule
    }

    private mutating func writeChoice() {
        let isSerial = request.allowsParallelCalls == false && choice != ToolChoice.none
        guard let choice = choice ?? (isSerial ? .automatic : nil) else { return }
        writer.name("tool_choice")
        writer.beginObject()
        switch choice {
        case .automatic, .among: writer.member("type", "auto")
        case .none: writer.member("type", "none")
        case .required: writer.member("type", "any")
        case .named(let name):
            writer.member("type", "tool")
            writer.member("name", outgoing.sentName(of: name))
        }
        if isSerial { writer.member("disable_parallel_tool_use", true) }
        writer.endObject()
    }

    /// A tool whose input is the answer: the way to a schema for models that know no other.
    private mutating func writeAnswerTool(_ schema: Value) {
        outgoing.answerTool = RequestWriter.answerTool
        writer.name("tools")
        writer.beginArray()
        writer.beginObject()
        writer.member("name", RequestWriter.answerTool)
        writer.member("description", "Gives the answer to the user.")
        writer.name("input_schema")
        Schema.writeRoot(schema, to: &writer)
        writer.endObject()
        writer.endArray()
        writer.name("tool_choice")
        writer.beginObject()
        writer.member("type", "tool")
        writer.member("name", RequestWriter.answerTool)
        writer.member("disable_parallel_tool_use", true)
        writer.endObject()
    }

    static let answerTool = "answer"
}
