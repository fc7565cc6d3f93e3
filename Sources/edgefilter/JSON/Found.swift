// SPDX-License-Identifier: MIT

extension Watch {
    /// A watched value.
    package struct Found: Equatable, Sendable {
        /// Which path led to it: an index in the plan's `paths`.
        package let path: Int
        /// What it is.
        package let kind: Kind
        /// Where its source text is, quotes included, in bytes from the start of the text.
        ///
        /// Of arrays and objects only the start is known: the range is empty.
        package let range: Range<Int>
        /// Its source text, up to `Watch.textLimit` bytes; none of arrays and objects.
        package let text: [UInt8]
        let hasEscapes: Bool

        /// Whether `text` is only its beginning.
        package var isCut: Bool { text.count < range.count }

        /// What it means, if it is a string that is not cut.
        package var string: String? {
            guard kind == .string, !isCut else { return nil }
            let inside = text[1..<text.count - 1]
            return hasEscapes ? unescaped(inside.span) : String(decoding: inside, as: UTF8.self)
        }

        /// Its integer, if it is an integral number that fits and is not cut.
        package var int: Int? {
            kind == .number && !isCut ? Int(json: text[...]) : nil
        }
    }
}
