// SPDX-License-Identifier: MIT

/// Sees one JSON text go by in pieces of any size, checks it as `Document` does, remembers a few values.
///
/// It holds no text but the watched scalars' first bytes, so its memory is bounded however long the text.
package struct Watch {
    /// How much of a watched value's source text is kept, in bytes.
    package static let textLimit = 1024
    /// How many watched values may be found before a piece that finds more throws `tooMany`.
    package static let foundLimit = 4096

    private var scanner: Scanner
    private var notes: Notes

    /// Awaits a text, to find what `plan` says.
    package init(_ plan: Plan, limits: Limits = .standard) {
        scanner = Scanner(limits: limits)
        notes = Notes(plan)
    }

    /// Awaits another text with the same plan; what was found is forgotten, the memory kept.
    package mutating func reset() {
        scanner.reset()
        notes.reset()
    }

    /// Reads the next piece; throws if the text cannot be JSON within the limits.
    ///
    /// A throw is final until `reset`.
    package mutating func feed(_ bytes: Span<UInt8>) throws(Malformed) {
        try scanner.feed(bytes, into: &notes)
        try checkCount()
    }

    /// Ends the text; throws `truncated` if its value is not over.
    package mutating func finish() throws(Malformed) {
        try scanner.finish(into: &notes)
        try checkCount()
    }

    private func checkCount() throws(Malformed) {
        guard notes.found.count <= Watch.foundLimit else { throw Malformed(.tooMany, at: scanner.offset) }
    }

    /// Forgets what was found so far, which its reader has taken note of.
    package mutating func forget() { notes.forget() }

    /// Whether a whole value went by; a number that nothing follows needs `finish` to know.
    package var isComplete: Bool { scanner.isComplete }

    /// The watched values that are over, and the watched arrays and objects that are open or over, in order.
    package var found: [Found] { notes.found }

    /// The offset below which the text is decided: all that was fed, or, within a watched scalar, its start.
    ///
    /// Bytes below it may be passed on; a value found at or after it can still be exchanged for another.
    package var settled: Int { notes.start ?? scanner.offset }
}
