// SPDX-License-Identifier: MIT

import Unix

/// Makes settings of everything the operator said.
///
/// Each source becomes a tree of the file's own form, and one reader reads the one tree that they make
/// together:
/// the command line over the file over the environment over the defaults.
package enum Reading {
    /// The longest file that is read.
    package static var longest: Int { 1 << 20 }

    /// Reads all sources; throws every complaint, not only the first.
    package static func settings(_ sources: Sources) throws(Complaints) -> Settings {
        var faults: [Complaint] = []
        var reader = Reader(surroundings(sources, &faults))
        let overrides = sources.sets.compactMap { Override($0, complaints: &faults) }
        guard var tree = file(sources, reader.surroundings, &faults) else {
            throw Complaints(all: sorted(faults))
        }
        reader.complaints = faults
        tree = .members(reader.members(tree), at: tree.place)

        // What decides how all the rest is read.
        let first = Bartender.keys + ["profile"]
        for one in overrides where first.contains(one.path[0]) {
            tree.set(one.path[...], to: one.value)
        }
        let named: Profile? = tree["profile"].flatMap { reader.word($0) }
        tree = tree.without(["profile"])
        let isBartender = Bartender.isForm(tree)
        if isBartender { tree = Bartender.translate(tree, &reader) }
        let environment = Environment(
            beneath: tree, named: named, usual: isBartender ? .bartender : .edgefilter, &reader)
        environment.fill(&tree, &reader)
        for (path, text) in environment.profile.defaults where tree[path[...]] == nil {
            tree.set(path[...], to: .text(text, at: tree.place))
        }
        for one in overrides where !first.contains(one.path[0]) {
            tree.set(one.path[...], to: one.value)
        }
        let settings = settings(tree, profile: environment.profile, &reader)
        guard reader.complaints.isEmpty else { throw Complaints(all: sorted(reader.complaints)) }
        return settings
    }

    /// `log.keep` alone, for who removes old records and needs none of the rest, least of all keys.
    ///
    /// What is wrong elsewhere is no complaint here, unless the file cannot be read as a tree at all.
    package static func keep(_ sources: Sources) throws(Complaints) -> Milliseconds {
        var faults: [Complaint] = []
        var reader = Reader(surroundings(sources, &faults))
        let overrides = sources.sets.compactMap { Override($0, complaints: &faults) }
        guard faults.isEmpty, var tree = file(sources, reader.surroundings, &faults), faults.isEmpty else {
            throw Complaints(all: sorted(faults))
        }
        tree = .members(reader.members(tree), at: tree.place)
        for one in overrides where one.path == ["log", "keep"] { tree.set(one.path[...], to: one.value) }
        guard let node = tree[["log", "keep"][...]] else { return Log().keep }
        reader.complaints = []
        let keep = reader.keep(node)
        guard let keep, reader.complaints.isEmpty else { throw Complaints(all: sorted(reader.complaints)) }
        return keep
    }

    private static func settings(_ tree: Node, profile: Profile, _ reader: inout Reader) -> Settings {
        var tree = tree
        if !tree.namesUpstreams {
            tree.set(["upstreams", "echo", "dialect"], to: .text("echo", at: tree.place))
            reader.notices.append("no upstream configured: the embedded echo answers")
        }
        var settings = Settings(profile: profile)
        reader.read(tree, into: &settings, by: settingsWords)
        if settings.routes.isEmpty, let first = settings.upstreams.first {
            settings.routes = [Route(pattern: "*", targets: [Target(upstream: first.name)])]
        }
        if settings.listen.isEmpty { settings.listen = [Environment.address(profile.host, profile.port)] }
        settings.notices = reader.notices
        return settings
    }

    private static func surroundings(_ sources: Sources, _ faults: inout [Complaint]) -> Surroundings {
        var variables: [String: Variable] = [:]
        for (name, text) in sources.environment {
            variables[name] = Variable(name: name, text: text, place: Place(origin: name))
        }
        if let path = sources.envFile, let bytes = bytes(of: path, &faults) {
            let more = EnvironmentFile.variables(bytes, origin: path, complaints: &faults)
            variables.merge(more) { $1 }
        }
        return Surroundings(
            variables: variables, credentials: sources.credentialsDirectory, stores: sources.stores)
    }

    /// The tree of the file, or of none; nil: a file that cannot be read, of which only false alarms could
    /// come.
    private static func file(
        _ sources: Sources, _ surroundings: Surroundings, _ faults: inout [Complaint]
    ) -> Node? {
        let named = surroundings.variable("EDGEFILTER_CONFIG").map { (path: $0.text, mustExist: true) }
        let file = sources.file ?? named ?? (path: Sources.usualFile, mustExist: false)
        var fault: [Complaint] = []
        if let bytes = bytes(of: file.path, isNeeded: file.mustExist, &fault) {
            return YAML.tree(bytes, origin: file.path, complaints: &faults)
        }
        faults += fault
        return fault.isEmpty ? Node(place: Place(origin: file.path), content: .nothing) : nil
    }

    private static func bytes(
        of path: String, isNeeded: Bool = true, _ faults: inout [Complaint]
    ) -> [UInt8]? {
        do throws(Errno) {
            return try File.read(path, limit: longest)
        } catch {
            if !isNeeded, error.number == missing { return nil }
            faults.append(Complaint(file: path, message: "cannot be read: \(error)"))
            return nil
        }
    }

    /// Those without a position first, in the order of finding; then file by file, from top to bottom.
    private static func sorted(_ complaints: [Complaint]) -> [Complaint] {
        let keyed = complaints.enumerated().map { index, complaint in
            (complaint.line == 0 ? "" : complaint.file, complaint.line, complaint.column, index, complaint)
        }
        return keyed.sorted { ($0.0, $0.1, $0.2, $0.3) < ($1.0, $1.1, $1.2, $1.3) }.map(\.4)
    }
}

// ENOENT, on Linux. Whatever else keeps us from a file is no reason to go on without it.
private let missing: Int32 = 2

extension Node {
    /// Whether there is anything under `upstreams`.
    var namesUpstreams: Bool {
        switch self["upstreams"]?.content {
        case nil, .nothing: false
        case .members(let members): !members.isEmpty
        default: true
        }
    }
}
