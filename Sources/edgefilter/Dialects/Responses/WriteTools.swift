// SPDX-License-Identifier: MIT

import JSON
import Model

// Tools, as a request declares them and an answer repeats them.
extension Writer {
    /// An array of tools; those of a namespace stand in it again.
    mutating func tools(_ tools: [Tool]) {
        beginArray()
        var at = 0
        while at < tools.count {
            guard let space = tools[at].space else {
                tool(tools[at])
                at += 1
                continue
            }
            let end = tools[at...].firstIndex { $0.space?.space != space.space } ?? tools.count
            self.space(space, tools[at..<end])
            at = end
        }
        endArray()
    }

    private mutating func space(_ space: Tool.Space, _ tools: ArraySlice<Tool>) {
        beginObject()
        member("type", Names.Tool.space)
        member("name", space.space)
        member("description", space.description ?? "")
        name("tools")
        beginArray()
        for tool in tools { self.tool(tool) }
        endArray()
        endObject()
    }

    private mutating func tool(_ tool: Tool) {
        switch tool.kind {
        case .function(let schema):
            beginTool(Names.Tool.function, tool)
            name("parameters")
            if let schema { self.schema(schema) } else { verbatim(Names.anything.utf8.span) }
            // Left out it would mean true (T140).
            member("strict", tool.isStrict ?? false)
        case .custom(let grammar):
            beginTool(Names.Tool.custom, tool)
            if let grammar { self.grammar(grammar) }
        case .hosted(let foreign):
            if foreign.dialect == Names.dialect { verbatim(foreign.value) }
            return
        }
        if tool.isDeferred { member("defer_loading", true) }
        endObject()
    }

    /// A schema of arguments, which OpenAI refuses without a type and properties.
    private mutating func schema(_ schema: Value) {
        guard let object = schema.object, object["type"] == nil || object["properties"] == nil else {
            return verbatim(schema)
        }
        beginObject()
        if object["type"] == nil { member("type", "object") }
        for member in object.members { self.member(member) }
        if object["properties"] == nil {
            name("properties")
            beginObject()
            endObject()
        }
        endObject()
    }

    private mutating func beginTool(_ type: String, _ tool: Tool) {
        beginObject()
        member("type", type)
        member("name", tool.space?.name ?? tool.name)
        if let description = tool.description { member("description", description) }
    }

    private mutating func grammar(_ grammar: Tool.Grammar) {
        name("format")
        beginObject()
        member("type", "grammar")
        member("syntax", grammar.syntax)
        member("definition", grammar.definition)
        endObject()
    }

    /// The choice among these tools.
    mutating func toolChoice(_ choice: ToolChoice, _ tools: [Tool]) {
        switch choice {
        case .automatic: string("auto")
        case .none: string("none")
        case .required: string("required")
        case .named(let name): chosen(name, tools.first { $0.name == name })
        case .among(let names, let isRequired):
            beginObject()
            member("type", Names.Tool.allowed)
            member("mode", isRequired ? "required" : "auto")
            name("tools")
            beginArray()
            let known = Dictionary(tools.map { ($0.name, $0) }) { first, _ in first }
            for name in names { chosen(name, known[name]) }
            endArray()
            endObject()
        }
    }

    private mutating func chosen(_ name: String, _ tool: Tool?) {
        beginObject()
        member("type", tool?.isCustom == true ? Names.Tool.custom : Names.Tool.function)
        member("name", tool?.space?.name ?? name)
        if let space = tool?.space { member("namespace", space.space) }
        endObject()
    }
}

extension Names {
    /// The schema of a tool that has none.
    static let anything = #"{"type":"object","properties":{}}"#
}
