// SPDX-License-Identifier: MIT

extension Watch {
    /// Follows a plan through a text and keeps what it asks for.
    struct Notes: Sink {
        private let plan: Plan
        private(set) var found: [Found] = []
        /// The step of each open array and object.
        private var steps: [Int] = []
        /// The step of the next value.
        private var next = Plan.start
        /// How much more of the token's text is kept.
        private var room = 0
        /// The token's text so far.
        private var text: [UInt8] = []
        /// What an escaped name means.
        private var meaning: [UInt8] = []
        /// Where the watched scalar begins that the text is in.
        private(set) var start: Int?

        init(_ plan: Plan) {
            self.plan = plan
            steps.reserveCapacity(Limits.standardDepth)
            text.reserveCapacity(nameLimit + 1)
        }

        mutating func reset() {
            found.removeAll(keepingCapacity: true)
            steps.removeAll(keepingCapacity: true)
            next = Plan.start
            room = 0
            start = nil
        }

        mutating func forget() { found.removeAll(keepingCapacity: true) }

        /// The longest source text of a watched name: each of its bytes may be written `\u00XX`.
        private var nameLimit: Int { plan.longestName * 6 + 2 }

        mutating func open(_ kind: Kind, at offset: Int) {
            if let path = plan.steps[next].path {
                found.append(
                    Found(path: path, kind: kind, range: offset..<offset, text: [], hasEscapes: false))
            }
            steps.append(next)
            next = plan.steps[next].element
        }

        mutating func close(at end: Int) {
            steps.removeLast()
            next = steps.last.map { plan.steps[$0].element } ?? Plan.nowhere
        }

        mutating func begin(_ token: Token) {
            if token.isName {
                let isWanted = steps.last.map { !plan.steps[$0].members.isEmpty } ?? false
                // One more than a watched name has, so that a longer one does not pass for it.
                room = isWanted ? nameLimit + 1 : 0
            } else if plan.steps[next].path != nil {
                room = Watch.textLimit
                start = token.start
            } else {
                room = 0
            }
            // To empty what is empty would cost as much as the rest.
            if !text.isEmpty { text.removeAll(keepingCapacity: true) }
        }

        mutating func text(_ part: Span<UInt8>) {
            guard room > 0 else { return }
            let kept = part.extracting(first: room)
            text.append(copying: kept)
            room -= kept.count
        }

        mutating func end(_ token: Token, at end: Int) {
            if token.isName {
                next = step(ofNameWith: token.hasEscapes)
            } else if start != nil, let path = plan.steps[next].path {
                found.append(
                    Found(
                        path: path, kind: token.kind, range: token.start..<end,
                        text: [UInt8](copying: text.span), hasEscapes: token.hasEscapes))
                start = nil
            }
        }

        mutating func take(_ token: Token, _ source: Span<UInt8>) {
            if token.isName {
                guard let parent = steps.last else { return next = Plan.nowhere }
                next = plan.member(of: parent, named: source.extracting(1..<source.count - 1))
            } else if let path = plan.steps[next].path {
                let kept = source.extracting(first: Watch.textLimit)
                found.append(
                    Found(
                        path: path, kind: token.kind, range: token.start..<token.start + source.count,
                        text: [UInt8](copying: kept), hasEscapes: false))
            }
        }

        /// The step of the value whose name is in `text`.
        private mutating func step(ofNameWith escapes: Bool) -> Int {
            guard text.count > 1, text.count <= nameLimit, let parent = steps.last else {
                return Plan.nowhere
            }
            let text = text
            let inside = text.span.extracting(1..<text.count - 1)
            guard escapes else { return plan.member(of: parent, named: inside) }
            meaning.removeAll(keepingCapacity: true)
            unescape(inside, to: &meaning)
            return plan.member(of: parent, named: meaning.span)
        }
    }
}
