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
        /// other letter case is the same name, as some readers have it (Go's); paths are then lower case and ASCII.
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
            var at = 0
            for letter in known {
                let width = Plan.width(of: letter, in: name, at: at)
                if width == 0 { return false }
                at += width
            }
            return at == name.count
        }

        /// How many bytes of `name` stand for a letter there; none: something else does.
        private static func width(of letter: UInt8, in name: Span<UInt8>, at place: Int) -> Int {
            guard place < name.count else { return 0 }
            let byte = name[place]
            if byte == letter || (0x41...0x5A).contains(byte) && byte | 0x20 == letter { return 1 }
            if byte < 0x80 { return 0 }
            for (twin, of) in twins where of == letter && name.holds(twin.span, at: place) {
                return twin.count
            }
            return 0
        }

        /// Letters beyond ASCII whose lower case is within it: the long s, and the sign of Kelvin.
        private static let twins: [([UInt8], UInt8)] = [
            (Array("\u{17F}".utf8), UInt8(ascii: "s")), (Array("\u{212A}".utf8), UInt8(ascii: "k")),
        ]
    }
}
