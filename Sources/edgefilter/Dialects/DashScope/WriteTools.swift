// SPDX-License-Identifier: MIT

import JSON
import Model

// Tools stand among the parameters; anywhere else they would be ignored.
extension RequestWriter {
    mutating func writeTools() {
        for tool in request.tools where !tool.isHosted { _ = sentName(of: tool.name) }
        guard !order.tools.isEmpty else { return loseTools() }
        writer.name("tools")
        writer.beginArray()
        for tool in order.tools { write(tool) }
        writer.endArray()
        if let choice = request.toolChoice { write(choice) }
        // Left out it would mean that there is one call at a time.
        writer.member("parallel_tool_calls", request.allowsParallelCalls ?? true)
    }

    /// A model without tools.
    private mutating func loseTools() {
        guard request.tools.contains(where: { !$0.isHosted }), !(request.toolChoice == ToolChoice.none) else {
            return
        }
        outgoing.lose(.tools)
    }

    /// A tool's name as this provider allows it, to be turned back in the reply.
    mutating func sentName(of name: String) -> String {
        guard name == Names.forbiddenTool else { return outgoing.sentName(of: name) }
        outgoing.names[insteadOfForbidden] = name
        return insteadOfForbidden
    }

    private mutating func write(_ tool: Tool) {
        writer.beginObject()
        writer.member("type", "function")
        writer.name("function")
        writer.beginObject()
        writer.member("name", sentName(of: tool.name))
        let description = description(of: tool)
        if !description.isEmpty { writer.member("description", description) }
        writer.name("parameters")
        switch tool.kind {
        case .function(let schema?): writer.verbatim(schema)
        case .custom: writer.verbatim(Array(Arguments.freeTextSchema.utf8).span)
        case .function(nil), .hosted: writer.verbatim(Array(RequestWriter.noParameters.utf8).span)
        }
        writer.endObject()
        writer.endObject()
        if tool.isStrict == true { outgoing.lose(.strictTools) }
    }

    private static let noParameters = #"{"type":"object","properties":{}}"#

    /// A free text's grammar can only be told.
    private mutating func description(of tool: Tool) -> String {
        let told = tool.description ?? ""
        guard case .custom(let grammar?) = tool.kind else { return told }
        outgoing.lose(.grammar)
        let rules = "The input obeys this \(grammar.syntax) grammar:\n\(grammar.definition)"
        return told.isEmpty ? rules : "\(told)\n\n\(rules)"
    }

    /// To call something cannot be demanded, one tool only by a model that does not think.
    private mutating func write(_ choice: ToolChoice) {
        switch choice {
        case .none: writer.member("tool_choice", "none")
        case .named(let name) where !order.isThinking && order.tools.contains { $0.name == name }:
            writer.name("tool_choice")
            writer.beginObject()
            writer.member("type", "function")
            writer.name("function")
            writer.beginObject()
            writer.member("name", sentName(of: name))
            writer.endObject()
            writer.endObject()
        case .automatic, .required, .named, .among: writer.member("tool_choice", "auto")
        }
    }
}
