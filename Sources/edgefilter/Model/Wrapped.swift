// SPDX-License-Identifier: MIT

import JSON

/// Calls that a model wrapped in one, a habit from its training (T197).
///
///     arguments = { "tool_uses": [ { "recipient_name": "functions.NAME", "parameters": … } … ] }
package enum Wrapped {
    private static let names: Set<String> = ["parallel", "multi_tool_use.parallel"]
    private static let prefix = "functions."
    /// More calls than any answer has.
    private static let limit = 1_024

    /// Whether a call of that name wraps others, given the names of the tools that there are.
    package static func isMeant(_ name: String, _ declared: Set<String>) -> Bool {
        names.contains(name) && !declared.contains(name)
    }

    /// The calls within, with their arguments as JSON text; nil: it is something else.
    package static func calls(
        in arguments: String, _ declared: Set<String>
    ) -> [(name: String, arguments: String)]? {
        guard let uses = Document.lenient(Array(arguments.utf8))?.root["tool_uses"], !uses.elements.isEmpty
        else { return nil }
        var calls: [(name: String, arguments: String)] = []
        for use in uses.elements {
            let told = use["recipient_name"]?.string ?? ""
            let name = told.hasPrefix(prefix) ? String(told.dropFirst(prefix.count)) : told
            guard declared.contains(name), let parameters = use["parameters"], calls.count < limit else {
                return nil
            }
            calls.append((name, parameters.source))
        }
        return calls
    }
}
