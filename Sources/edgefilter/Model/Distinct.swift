// SPDX-License-Identifier: MIT

/// Tells names apart that came more than once: `a`, `a_2`, `a_3`.
package struct Distinct: Sendable {
    private var used: Set<String>
    /// How often each name came, so that the next of many alike is found at once.
    private var counts: [String: Int] = [:]

    /// Names that are taken from the beginning.
    package init(_ used: Set<String> = []) { self.used = used }

    /// How many names are taken.
    package var count: Int { used.count }

    /// The name, or the first of it with a number that is free; `form`: how a name must be written.
    package mutating func name(_ name: String, form: (String) -> String = { $0 }) -> String {
        var free = name
        var count = counts[name] ?? 1
        while !used.insert(free).inserted {
            count += 1
            free = form("\(name)_\(count)")
        }
        counts[name] = count
        return free
    }
}
