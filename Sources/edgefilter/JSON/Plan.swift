// SPDX-License-Identifier: MIT

extension Watch {
    /// Which values to watch for: made once, shared by many watches.
    package struct Plan: Sendable {
        /// A step down the paths: where the paths that agree so far go next.
        struct Step {
            /// The path that ends here.
            var path: Int?
            /// The step of an array's elements.
            var element = Plan.nowhere
            /// The steps of an object's members, by name.
            var members: [(name: [UInt8], step: Int)] = []
        }

        /// The step before all; it comes first.
        static let start = 0
        /// The step off all paths: it leads to itself.
        static let nowhere = 1

        /// The paths, as given.
        package let paths: [[String]]
        private let foldsCase: Bool
        private(set) var steps = [Step(), Step()]
        /// The length of the longest name in a path, in bytes.
        private(set) var longestName = 0

        /// Plans for the values at `paths`.
        ///
        /// Each is a list of names from the text's value down; `*` stands for any element of an array, the
        /// empty list for the text's value itself. Of equal paths the first counts. With `foldsCase` a name of
        /// other letter case (ASCII) is the same name, as some readers have it (Go's); paths are then lower case.
        package init(paths: [[String]], foldsCase: Bool = false) {
            self.paths = paths
            self.foldsCase = foldsCase
            for (index, path) in paths.enumerated() {
                var step = Plan.start
                for name in path { step = name == "*" ? elementStep(of: step) : memberStep(of: step, name) }
                steps[step].path = steps[step].path ?? index
            }
        }

        private mutating func elementStep(of step: Int) -> Int {
            if steps[step].element == Plan.nowhere {
                steps[step].element = add()
            }
            return steps[step].element
        }

        private mutating func memberStep(of step: Int, _ name: String) -> Int {
            let name = Array(name.utf8)
            if let known = steps[step].members.first(where: { $0.name == name }) { return known.step }
            longestName = max(longestName, name.count)
            let new = add()
            steps[step].members.append((name, new))
            return new
        }

        private mutating func add() -> Int {
            steps.append(Step())
            return steps.count - 1
        }

        /// The step of the member called `name` of an object at `step`.
        func member(of step: Int, named name: Span<UInt8>) -> Int {
            for member in steps[step].members where member.name.count == name.count {
                if name.holds(member.name.span, at: 0) { return member.step }
            }
            guard foldsCase else { return Plan.nowhere }
            for member in steps[step].members where isFolded(name, member.name) { return member.step }
            return Plan.nowhere
        }

        private func isFolded(_ name: Span<UInt8>, _ known: [UInt8]) -> Bool {
            guard name.count == known.count else { return false }
            return known.indices.allSatisfy {
                (0x41...0x5A).contains(name[$0]) ? name[$0] | 0x20 == known[$0] : name[$0] == known[$0]
            }
        }
    }
}
