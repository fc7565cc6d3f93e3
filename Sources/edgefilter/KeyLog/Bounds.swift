// SPDX-License-Identifier: MIT

package import Unix

/// From when to when, both included; nil: no bound.
package struct Bounds: Equatable, Sendable {
    /// The first moment; nil: of all time.
    package let from: Moment?
    /// The last moment; nil: without an end.
    package let to: Moment?

    package init(from: Moment?, to: Moment?) { (self.from, self.to) = (from, to) }

    func touches(_ day: Day) -> Bool {
        (from.map { Day(of: $0) <= day } ?? true) && (to.map { day <= Day(of: $0) } ?? true)
    }

    /// Whether the whole day lies within.
    func holds(_ day: Day) -> Bool {
        let start = day.start.seconds
        return (from.map { $0.seconds * 1000 + $0.milliseconds <= start * 1000 } ?? true)
            && (to.map { $0.seconds * 1000 + $0.milliseconds >= (start + 86400) * 1000 - 1 } ?? true)
    }

    /// Whether a record's time lies within: both are of the same width.
    func takes(_ time: String) -> Bool {
        (from.map { $0.iso8601 <= time } ?? true) && (to.map { time <= $0.iso8601 } ?? true)
    }
}
