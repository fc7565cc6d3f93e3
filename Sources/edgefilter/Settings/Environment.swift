// SPDX-License-Identifier: MIT

/// What the environment says, as a tree of our own form: it fills in what the file leaves out.
struct Environment {
    /// A setting and the variables that it was made of.
    private struct Made {
        var path: [String] = []
        let node: Node
        let names: [String]

        func made(_ path: [String]) -> Made { Made(path: path, node: node, names: names) }
    }

    private let surroundings: Surroundings
    private let file: Node
    private var made: [Made] = []
    private var timeout: Made?
    /// The one that the file names, else that of the family which makes the upstream, else the usual.
    private(set) var profile: Profile

    /// Reads the variables of settings that the file lacks; the others may hold anything.
    init(beneath file: Node, named: Profile?, usual: Profile, _ reader: inout Reader) {
        profile = named ?? usual
        self.file = file
        surroundings = reader.surroundings
        let set = families.filter { family in
            family.bindings.contains { surroundings.variable($0.name) != nil }
        }
        if file.namesUpstreams {
            unused(set, &reader)
        } else {
            family(among: set, named: named, &reader)
        }
        for binding in everywhere where !made.contains(where: { $0.path == binding.path }) {
            make(binding, &reader)
        }
        logFile()
        listen(&reader)
        if let variable = surroundings.first(of: Names.timeout), let node = reader.seconds(.text(variable)) {
            timeout = Made(node: node, names: [variable.name])
        }
        unknown(&reader)
    }

    /// Fills a tree, and tells which variables are in it now.
    func fill(_ tree: inout Node, _ reader: inout Reader) {
        add(made, to: &tree)
        // One time for every upstream, whoever named it.
        let names = tree["upstreams"]?.members.map(\.key) ?? []
        let times = names.flatMap { name in
            ["first_byte", "silence"].compactMap { timeout?.made(["upstreams", name, "timeout", $0]) }
        }
        add(times, to: &tree)
        var taken: [String] = []
        for one in made + times where tree[one.path[...]]?.place == one.node.place {
            taken += one.names.filter { !taken.contains($0) }
        }
        if !taken.isEmpty {
            reader.notices.append("taken from the environment: \(taken.joined(separator: ", "))")
        }
    }

    private func add(_ made: [Made], to tree: inout Node) {
        var ours = Node(place: tree.place, content: .nothing)
        for one in made { ours.set(one.path[...], to: one.node) }
        tree.fill(from: ours)
    }

    /// `host:port`, with an IPv6 address in brackets.
    static func address(_ host: String, _ port: Int) -> String {
        host.utf8.contains(UInt8(ascii: ":")) && !host.hasPrefix("[")
            ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    private mutating func make(_ binding: Binding, _ reader: inout Reader) {
        guard file[binding.path[...]] == nil, let variable = surroundings.variable(binding.name),
            let node = binding.convert(variable, &reader)
        else { return }
        made.append(Made(path: binding.path, node: node, names: [binding.name]))
    }

    private mutating func family(among set: [Family], named: Profile?, _ reader: inout Reader) {
        let set = meant(set, by: named)
        guard let family = set.first else { return }
        let marks = set.map { surroundings.first(of: $0.bindings.map(\.name)) }
        guard set.count == 1 else {
            let names = zip(set, marks).map { "\($0.dialect) (\($1?.name ?? ""))" }.joined(separator: ", ")
            reader.complain(
                Place(origin: "environment"), "more than one upstream is named, \(names): name them in a file"
            )
            return
        }
        profile = named ?? family.profile
        for binding in family.bindings { make(binding, &reader) }
        if family.profile == .cyber { engine(&reader) }
        let place = marks.first??.place ?? file.place
        let dialect = Node.text(family.dialect, at: place)
        made.append(Made(path: ["upstreams", family.dialect, "dialect"], node: dialect, names: []))
        guard !family.quirks.isEmpty else { return }
        let quirks = Node(
            place: place, content: .list(family.quirks.map { Node.text($0, at: place) }))
        made.append(Made(path: ["upstreams", family.dialect, "quirks"], node: quirks, names: []))
    }

    /// A profile that is named decides among several families, and one of them needs no variable then.
    private func meant(_ set: [Family], by profile: Profile?) -> [Family] {
        guard set.count != 1, let profile, profile != .edgefilter,
            let family = families.first(where: { $0.profile == profile })
        else { return set }
        if set.isEmpty { return family.needsVariable ? [] : [family] }
        let theirs = set.filter { $0.profile == profile }
        return theirs.isEmpty ? set : theirs
    }

    /// Cyber-OpenAI names its engine in two variables, and its secret in a third; it always spoke to it in
    /// plain.
    private mutating func engine(_ reader: inout Reader) {
        let (host, port) = (
            surroundings.variable(Names.engine.host), surroundings.variable(Names.engine.port)
        )
        guard let place = (host ?? port)?.place else { return }
        if let host, host.text.contains("/") {
            return reader.complain(
                host.place, "expected a host alone, such as 127.0.0.1, without ws:// and path")
        }
        let number = port.flatMap { reader.count(.text($0), 1...65535) } ?? Names.engine.usualPort
        let url = "ws://" + Self.address(host?.text ?? Names.engine.usualHost, number)
        let secret = surroundings.variable(Names.engine.secret)
        if secret == nil {
            reader.notices.append(
                "no \(Names.engine.secret): whoever knows a caller's key can work out its conversation at the engine"
            )
        }
        let names = [host, port].compactMap { $0?.name }
        add("base_url", .text(url, at: place), names)
        add("plain", .text("true", at: place), [])
        add(
            "key", .text(secret.map { "${env:\($0.name)}" } ?? "none", at: secret?.place ?? place),
            [secret?.name].compactMap(\.self))
    }

    private mutating func add(_ member: String, _ node: Node, _ names: [String]) {
        made.append(Made(path: ["upstreams", "cyber", member], node: node, names: names))
    }

    private func unused(_ set: [Family], _ reader: inout Reader) {
        let names = set.flatMap(\.bindings).map(\.name).filter { surroundings.variable($0) != nil }
        guard !names.isEmpty else { return }
        reader.notices.append("not used, since the file names upstreams: \(names.joined(separator: ", "))")
    }

    /// Tells of names in a file of variables that are almost ones that count.
    private func unknown(_ reader: inout Reader) {
        guard !file.namesUpstreams else { return }
        let own = surroundings.variables.values.filter { $0.place.line > 0 && !Names.all.contains($0.name) }
        for variable in own.sorted(by: { $0.place.line < $1.place.line }) {
            guard let meant = suggestion(for: variable.name, among: Names.all) else { continue }
            let fault = "\(shown(variable.name)) is no variable that counts here: did you mean \(meant)?"
            reader.notices.append("\(Complaint(variable.place, fault))")
        }
    }

    /// AnuNeko's two variables, where there is no `LOG_FILE`.
    private mutating func logFile() {
        let variables = Names.log.compactMap(surroundings.variable)
        let path = ["log", "file"]
        guard let first = variables.first, file[path[...]] == nil, !made.contains(where: { $0.path == path })
        else { return }
        let folder = surroundings.variable("LOG_PATH").map { "\($0.text)/" } ?? ""
        let name = "\(folder)\(surroundings.variable("LOG_NAME")?.text ?? "edgefilter").log"
        made.append(
            Made(path: path, node: .text(name, at: first.place), names: variables.map(\.name)))
    }

    private mutating func listen(_ reader: inout Reader) {
        let (host, port) = (surroundings.first(of: Names.host), surroundings.first(of: Names.port))
        guard let place = (host ?? port)?.place, file["listen"] == nil else { return }
        let number = port.flatMap { reader.count(.text($0), 0...65535) } ?? profile.port
        let address = Node.text(Self.address(host?.text ?? profile.host, number), at: place)
        let names = [host, port].compactMap { $0?.name }
        made.append(Made(path: ["listen"], node: Node(place: place, content: .list([address])), names: names))
    }
}
