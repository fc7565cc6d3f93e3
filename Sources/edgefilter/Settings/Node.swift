// SPDX-License-Identifier: MIT

/// A value as it was written, and where: a YAML tree without anchors, aliases and tags.
struct Node: Equatable, Sendable {
    enum Content: Equatable, Sendable {
        /// No text at all, `~` or `null`.
        case nothing
        case text(String)
        case list([Node])
        /// Keys are unique.
        case members([Member])
    }

    var place: Place
    var content: Content

    /// What it is, in the words of a complaint.
    var kind: String {
        switch content {
        case .nothing: "nothing"
        case .text: "text"
        case .list: "a list"
        case .members: "a mapping"
        }
    }

    static func text(_ text: String, at place: Place) -> Node {
        Node(place: place, content: .text(text))
    }

    static func members(_ members: [Member], at place: Place) -> Node {
        Node(place: place, content: .members(members))
    }
}

/// A key, its place and its value.
struct Member: Equatable, Sendable {
    var key: String
    var place: Place
    var value: Node
}

extension Node {
    var members: [Member] {
        if case .members(let members) = content { members } else { [] }
    }

    /// The value of a member.
    subscript(_ key: String) -> Node? {
        members.first { $0.key == key }?.value
    }

    /// The value at a path of keys.
    subscript(_ path: ArraySlice<String>) -> Node? {
        guard let key = path.first else { return self }
        return self[key]?[path.dropFirst()]
    }

    /// Puts a value at a path; mappings on the way are made, anything else on the way gives room.
    mutating func set(_ path: ArraySlice<String>, to value: Node) {
        guard let key = path.first else {
            self = value
            return
        }
        var all = members
        if let index = all.firstIndex(where: { $0.key == key }) {
            all[index].value.set(path.dropFirst(), to: value)
        } else {
            var child = Node(place: value.place, content: .nothing)
            child.set(path.dropFirst(), to: value)
            all.append(Member(key: key, place: value.place, value: child))
        }
        content = .members(all)
    }

    /// Adds what another tree has and this one has not: what is here wins.
    mutating func fill(from other: Node) {
        guard case .members(let theirs) = other.content else { return }
        if content == .nothing { content = .members([]) }
        guard case .members(var ours) = content else { return }
        for member in theirs {
            if let index = ours.firstIndex(where: { $0.key == member.key }) {
                ours[index].value.fill(from: member.value)
            } else {
                ours.append(member)
            }
        }
        content = .members(ours)
    }

    /// The same tree without some of its members.
    func without(_ keys: [String]) -> Node {
        guard case .members(let all) = content else { return self }
        return .members(all.filter { !keys.contains($0.key) }, at: place)
    }

    /// The same tree, all of it at one place.
    func moved(to place: Place) -> Node {
        switch content {
        case .nothing, .text:
            Node(place: place, content: content)
        case .list(let items):
            Node(place: place, content: .list(items.map { $0.moved(to: place) }))
        case .members(let all):
            .members(
                all.map { Member(key: $0.key, place: place, value: $0.value.moved(to: place)) }, at: place)
        }
    }
}
