// SPDX-License-Identifier: MIT

extension Value {
    /// Where it stands in its document: names and indexes from the root down, `messages.3.content.0.type`;
    /// empty for the root.
    ///
    /// Found by descending from the root when it is asked for, so that reading costs nothing for it.
    package var path: String {
        var steps: [String] = []
        var at = document.root
        while at.index != index, let (step, child) = at.child(holding: index) {
            steps.append(step)
            at = child
        }
        return steps.joined(separator: ".")
    }

    private func child(holding target: Int) -> (String, Value)? {
        if let object {
            for member in object.members where target < member.value.next {
                return (member.name, member.value)
            }
        }
        var place = 0
        for element in elements {
            if target < element.next { return (String(place), element) }
            place += 1
        }
        return nil
    }
}

extension Value: Equatable {
    /// Whether the source texts are the same, byte for byte.
    package static func == (left: Value, right: Value) -> Bool { left.verbatim == right.verbatim }
}
