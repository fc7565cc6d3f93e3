// SPDX-License-Identifier: MIT

import JSON
import Model

extension RequestWriter {
    /// Deferred tools wait until someone refers to them; a provider's own tools are another's business; of
    /// some that are allowed the others stay away.
    static func tools(of request: Request, isOwn: Bool) -> [Tool] {
        var allowed: Set<String>?
        if case .among(let names, _)? = request.toolChoice { allowed = Set(names) }
        return request.tools.filter { tool in
            if case .hosted(let foreign) = tool.kind { return isOwn && foreign.dialect == Names.dialect }
            if tool.isDeferred, request.toolChoice != .named(tool.name) { return false }
            return allowed?.contains(tool.name) ?? true
        }
    }

    mutating func writeTools() {
        for tool in request.tools where !tool.isHosted { _ = outgoing.sentName(of: tool.name) }
        guard !tools.isEmpty else { return }
        writer.name("tools")
        writer.beginArray()
        for tool in tools { write(tool) }
        writer.endArray()
        if let choice = request.toolChoice { write(choice) }
        guard let isParallel = request.allowsParallelCalls, !provider.has(.noParallel) else { return }
        if !isParallel || isOwn { writer.member("parallel_tool_calls", isParallel) }
    }

    private mutating func write(_ tool: Tool) {
        switch tool.kind {
        case .hosted(let foreign): writer.verbatim(foreign.value)
        case .custom(let grammar) where provider.has(.customTools): write(custom: tool, grammar)
        case .custom(let grammar): write(asFunction: tool, grammar)
        case .function(let schema): write(function: tool, schema)
        }
    }

    private mutating func write(function tool: Tool, _ schema: Value?) {
        begin("function", tool, tool.description)
        writer.name("parameters")
        writer.parameters(schema)
        if tool.isStrict == true { writeStrict(schema) }
        end()
    }

    /// Strict mode refuses schemas that leave anything open.
    private mutating func writeStrict(_ schema: Value?) {
        if isOwn || !provider.has(.noStrict) && schema.map(Strictness.allows) == true {
            writer.member("strict", true)
        } else {
            outgoing.lose(.strictTools)
        }
    }

    private mutating func write(custom tool: Tool, _ grammar: Tool.Grammar?) {
        begin("custom", tool, tool.description)
        if let grammar {
            writer.name("format")
            writer.beginObject()
            writer.member("type", "grammar")
            writer.name("grammar")
            writer.beginObject()
            writer.member("syntax", grammar.syntax)
            writer.member("definition", grammar.definition)
            writer.endObject()
            writer.endObject()
        }
        end()
    }

    /// The free text becomes the one argument of a function; the grammar can only be told.
    private mutating func write(asFunction tool: Tool, _ grammar: Tool.Grammar?) {
        var description = tool.description ?? ""
        if let grammar {
            outgoing.lose(.grammar)
            if !description.isEmpty { description += "\n\n" }
            description += "The input obeys this \(grammar.syntax) grammar:\n\(grammar.definition)"
        }
        begin("function", tool, description)
        writer.name("parameters")
        writer.verbatim(Array(Arguments.freeTextSchema.utf8).span)
        end()
    }

    /// An empty description is none: some templates print it, some providers refuse it.
    private mutating func begin(_ type: String, _ tool: Tool, _ description: String?) {
        writer.beginObject()
        writer.member("type", type)
        writer.name(type)
        writer.beginObject()
        writer.member("name", Wire.toolName(tool.name))
        if let description, !description.isEmpty { writer.member("description", description) }
    }

    private mutating func end() {
        writer.endObject()
        writer.endObject()
    }
}

// Whether and what is called.
extension RequestWriter {
    private mutating func write(_ choice: ToolChoice) {
        switch choice {
        case .automatic: writer.member("tool_choice", "auto")
        case .none: writer.member("tool_choice", "none")
        case .required: writeRequired()
        case .among(_, let isRequired):
            if isRequired { writeRequired() } else { writer.member("tool_choice", "auto") }
        case .named(let name): write(named: name)
        }
    }

    private mutating func writeRequired() {
        writer.member("tool_choice", provider.has(.noRequiredChoice) ? "auto" : "required")
    }

    private mutating func write(named name: String) {
        guard let tool = tools.first(where: { $0.name == name }), !tool.isHosted else { return }
        guard !provider.has(.noNamedChoice) else { return writeRequired() }
        let type = tool.isCustom && provider.has(.customTools) ? "custom" : "function"
        writer.name("tool_choice")
        writer.beginObject()
        writer.member("type", type)
        writer.name(type)
        writer.beginObject()
        writer.member("name", Wire.toolName(name))
        writer.endObject()
        writer.endObject()
    }
}

extension Writer {
    /// A tool's parameters: an object with properties, since some providers refuse one without.
    mutating func parameters(_ schema: Value?) {
        guard let schema, let object = schema.object else { return emptyParameters() }
        let isBare = object.members.allSatisfy { $0.isNamed("type") || $0.isNamed("$schema") }
        let isObject = schema["type"]?.string == "object" || isBare && schema["type"] == nil
        guard isObject, schema["properties"] == nil else { return verbatim(schema) }
        beginObject()
        if schema["type"] == nil { member("type", "object") }
        for each in object.members { member(each) }
        name("properties")
        beginObject()
        endObject()
        endObject()
    }

    private mutating func emptyParameters() {
        beginObject()
        member("type", "object")
        name("properties")
        beginObject()
        endObject()
        endObject()
    }
}
