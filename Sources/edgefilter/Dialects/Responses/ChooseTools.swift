// SPDX-License-Identifier: MIT

import JSON
import Model

// Which tools go out, and what they are called there.
extension RequestWriter {
    mutating func chooseTools() {
        let isSearching = request.tools.contains { $0.isOwn(Names.Tool.search) }
        let referred = isSearching ? [] : self.referred
        for tool in request.tools {
            if case .hosted(let foreign) = tool.kind, foreign.dialect != Names.dialect {
                lose(.hostedTools)
                continue
            }
            var tool = tool
            if tool.isDeferred, !isSearching {
                guard referred.contains(tool.name) else {
                    lose(.deferredTools)
                    continue
                }
                tool.isDeferred = false
            }
            tools.append(adapted(tool))
        }
    }

    /// Without a tool to search with, deferred tools are of use only where they were spoken of already.
    private var referred: Set<String> {
        guard request.tools.contains(where: \.isDeferred) else { return [] }
        var names = Set(request.turns.lazy.flatMap { $0.calls.map(\.name) })
        if case .named(let name)? = request.toolChoice { names.insert(name) }
        return names
    }

    private mutating func adapted(_ tool: Tool) -> Tool {
        var tool = tool
        if provider.has(.noSpaces) { tool.space = nil }
        if case .custom(let grammar) = tool.kind, provider.has(.noCustom) {
            tool.kind = .function(schema: RequestWriter.freeText)
            if let grammar {
                lose(.grammar)
                tool.description = [tool.description, grammar.definition].compactMap { $0 }
                    .joined(separator: "\n\n")
            }
        }
        // In a namespace the name that is sent is the short one; the reader puts both together again.
        if tool.space == nil, !tool.isHosted { tool.name = rename(tool.name) }
        return tool
    }

    private mutating func rename(_ name: String) -> String {
        let wire = outgoing.sentName(of: name)
        if wire != name { sent[name] = wire }
        return wire
    }

    private static let freeText = (try? Document(Array(Arguments.freeTextSchema.utf8)))?.root

    func sentName(_ name: String) -> String { sent[name] ?? name }
}

extension Tool {
    /// Whether it is a provider's own of this dialect and type.
    func isOwn(_ type: String) -> Bool {
        if case .hosted(let foreign) = kind {
            return foreign.dialect == Names.dialect && foreign.type == type
        }
        return false
    }
}
