// SPDX-License-Identifier: MIT

/// A set of names of fields, and of what names begin with, whatever their case.
package struct Names: Sendable {
    /// By length.
    private var names: [[[UInt8]]] = []
    private let prefixes: [[UInt8]]

    /// All are given in lower case.
    package init(_ all: Set<String>, prefixes: [String] = []) {
        self.prefixes = prefixes.map { Array($0.utf8) }
        for name in all.sorted().map({ Array($0.utf8) }) {
            while names.count <= name.count { names.append([]) }
            names[name.count].append(name)
        }
    }

    /// Whether it has the name, or a beginning of it.
    package func contains(_ name: String) -> Bool {
        let name = name.utf8.span
        if name.count < names.count {
            for one in names[name.count] where name.begins(with: one) { return true }
        }
        for prefix in prefixes where name.begins(with: prefix) { return true }
        return false
    }
}

extension Span<UInt8> {
    fileprivate func begins(with prefix: [UInt8]) -> Bool {
        let prefix = prefix.span
        guard count >= prefix.count else { return false }
        for index in prefix.indices where self[index].lowered != prefix[index] { return false }
        return true
    }
}
