// SPDX-License-Identifier: MIT

/// How much of a head is read, in bytes but for `fields`.
package struct Limits: Sendable {
    /// The request line, without its line end; beyond it 414.
    package var requestLine = 8 << 10
    /// One field line, without its line end; beyond it 431.
    package var fieldLine = 8 << 10
    /// All lines up to the empty one, with their line ends; beyond it 431.
    package var head = 32 << 10
    /// The number of fields; beyond it 431.
    package var fields = 100

    /// The usual limits.
    package init() {}
}

/// How much is spent on the parts of a chunked body that are not its content.
enum ChunkLimits {
    /// The hexadecimal digits of a size: what 64 bits hold.
    static let digits = 16
    /// The extensions of one chunk, and of all chunks of a body.
    static let extensions = 256
    static let allExtensions = 4 << 10
    /// The trailer's lines with their line ends, and their number.
    static let trailer = 4 << 10
    static let trailerFields = 20
}
