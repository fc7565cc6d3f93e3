// SPDX-License-Identifier: MIT

/// How much JSON is accepted.
package struct Limits: Sendable {
    /// The depth accepted unless told otherwise.
    package static let standardDepth = 128
    /// The size accepted unless told otherwise: 32 MiB.
    package static let standardSize = 32 << 20
    /// The number of values and names accepted unless told otherwise: one in eight bytes of the size.
    package static let standardElements = standardSize / 8
    /// The number of values and names accepted of a request that is understood.
    package static let requestElements = 1 << 20
    /// What is accepted unless told otherwise.
    package static let standard = Limits()
    /// What is accepted of a request that is understood.
    package static let request = Limits(elements: requestElements)

    /// How many arrays and objects may be open at once.
    package let depth: Int
    /// How many bytes a text may have.
    package let size: Int
    /// How many values and names a `Document` may have, about; who holds no values, such as `Watch`, counts none.
    package let elements: Int

    /// Accepts `depth` levels, `size` bytes and `elements` values and names.
    package init(
        depth: Int = standardDepth, size: Int = standardSize, elements: Int = standardElements
    ) {
        self.depth = depth
        self.size = size
        self.elements = elements
    }
}
