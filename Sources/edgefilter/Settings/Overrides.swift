// SPDX-License-Identifier: MIT

// set  = path "=" value ; path = key *( "." key ) ; key = text without "." and "=" | DQUOTE text DQUOTE
// The key below "models" and "model.mapping" is a model's name, of which points are a part: gpt-4.1.
// The value is YAML: a scalar, or a list or mapping in flow form.

/// Settings that have a flag of their own, Relay Bartender's.
private let flags = ["server.port": "--port", "server.host": "--host"]

/// A setting of the command line.
struct Override {
    let path: [String]
    let value: Node

    /// Reads `limits.body=64MiB`; nil with a complaint when it is none.
    init?(_ text: String, complaints: inout [Complaint]) {
        guard let (path, rest) = Self.split(text) else {
            complaints.append(
                Complaint(file: "--set", message: "expected KEY=VALUE, such as limits.body=64MiB"))
            return nil
        }
        let name = path.joined(separator: ".")
        let place = Place(origin: flags[name] ?? "--set \(name)")
        var faults: [Complaint] = []
        let tree = YAML.tree(Array(rest.utf8), origin: place.origin, complaints: &faults)
        complaints += faults.map { Complaint(place, $0.message) }
        guard let tree else { return nil }
        self.path = path
        self.value = tree.moved(to: place)
    }

    /// Where models are named.
    private static let named = [["models"], ["model", "mapping"]]

    private static func split(_ text: String) -> ([String], Substring)? {
        var path: [String] = []
        var rest = text[...]
        while true {
            let isQuoted = rest.hasPrefix("\"")
            if isQuoted { rest.removeFirst() }
            let ends: String = isQuoted ? "\"" : named.contains(path) ? "=" : ".="
            guard let end = rest.firstIndex(where: { ends.contains($0) }) else { return nil }
            path.append(String(rest[..<end]))
            rest = rest[(isQuoted ? rest.index(after: end) : end)...]
            guard let mark = rest.popFirst(), path.last?.isEmpty == false else { return nil }
            if mark == "=" { return (path, rest) }
            guard mark == "." else { return nil }
        }
    }
}
