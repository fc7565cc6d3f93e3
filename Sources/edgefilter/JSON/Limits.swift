// SPDX-License-Identifier: MIT

/// How much JSON is accepted.
package struct Limits: Sendable {
    /// The depth accepted unless told otherwise.
    package static let standardDepth = 128
    /// The size accepted unless told otherwise: 32 MiB.
    package static let standardSize = 32 << 20
    /// What is accepted unless told otherwise.
    package static let standard = Limits()

    /// How many arrays and objects may be open at once.
    package let depth: Int
    /// How many bytes a text may have.
    package let size: Int

    /// Accepts `depth` levels and `size` bytes.
    package init(depth: Int = standardDepth, size: Int = standardSize) {
        self.depth = depth
        self.size = size
    }
}
