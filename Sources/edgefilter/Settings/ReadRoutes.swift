// SPDX-License-Identifier: MIT

// models  = *( pattern ":" goal )
// goal    = target | "[" target, ... "]" in order | "{" target ":" weight, ... "}" by weight
// target  = upstream [ "/" model ]
extension Reader {
    /// Reads `models`; each upstream in it must be one of those named.
    mutating func routes(_ node: Node, upstreams: [String]) -> [Route] {
        members(node).compactMap { member in
            guard !member.key.isEmpty else {
                complain(member.place, "expected a model's name or a pattern")
                return nil
            }
            return route(member, upstreams)
        }
    }

    private mutating func route(_ member: Member, _ upstreams: [String]) -> Route? {
        let node = member.value
        switch node.content {
        case .text:
            return target(node, upstreams).map { Route(pattern: member.key, targets: [$0]) }
        case .list(let items) where !items.isEmpty:
            return Route(pattern: member.key, targets: items.compactMap { target($0, upstreams) })
        case .members(let shares) where !shares.isEmpty:
            let targets = shares.compactMap { weighted($0, upstreams) }
            return Route(pattern: member.key, targets: targets, isWeighted: true)
        default:
            complain(node.place, "expected \(expected), found \(node.kind)")
            return nil
        }
    }

    private mutating func weighted(_ share: Member, _ upstreams: [String]) -> Target? {
        let weight = count(share.value, 1...1_000_000)
        guard var target = target(.text(share.key, at: share.place), upstreams), let weight else {
            return nil
        }
        target.weight = weight
        return target
    }

    private mutating func target(_ node: Node, _ upstreams: [String]) -> Target? {
        guard let text = text(node, expected: expected) else { return nil }
        guard let target = Target(text) else {
            complain(node.place, "expected a model's name behind the slash")
            return nil
        }
        // Without any the file's are wrong, which is a complaint already.
        guard upstreams.isEmpty || upstreams.contains(target.upstream) else {
            let hint = suggestion(for: target.upstream, among: upstreams).map { "did you mean \(shown($0))?" }
            let choice = hint ?? "there is \(upstreams.joined(separator: ", "))"
            complain(node.place, "unknown upstream \(shown(target.upstream)): \(choice)")
            return nil
        }
        return target
    }
}

private let expected = "upstream/model or upstream"

/// The routes as a block of the operator's file.
func written(_ routes: [Route]) -> String? {
    routes.map { route in
        let goal =
            if route.isWeighted {
                flow(route.targets.map { (scalar($0.text), "\($0.weight)") })
            } else if let only = route.targets.first, route.targets.count == 1 {
                scalar(only.text)
            } else {
                list(route.targets.map(\.text))
            }
        return "\n  \(scalar(route.pattern)): \(goal)"
    }.joined()
}
