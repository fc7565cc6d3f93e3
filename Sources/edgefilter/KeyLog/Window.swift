// SPDX-License-Identifier: MIT

/// How much of a number a time was used: a window that begins with the first use and is as long as the time.
///
///     word = when it began, in tenths of a second (36 bits), how often it was used since (28 bits)
///
/// A burst meets one window, whenever it comes: of 200 uses against 50 exactly 50 pass. A machine without a
/// clock.
package struct Window: Sendable {
    /// Tenths of a second.
    package let length: Int
    /// So often it may be used; 0: no limit.
    package let limit: Int

    /// `seconds`: how long it is.
    package init(seconds: Int, limit: Int) {
        length = seconds * 10
        self.limit = min(limit, Window.most)
    }

    private static let bits = 28
    private static let most = 1 << bits - 1

    /// Where a window stands after a use.
    package struct State: Equatable, Sendable {
        /// Whether the use was within the limit.
        package let passes: Bool
        /// Uses that a window allows.
        package let limit: Int
        /// How many are left.
        package let left: Int
        /// Seconds until all are there again, rounded up.
        package let reset: Int
    }

    /// One use more, where there is room for it.
    ///
    /// A window that begins in the future is garbage, or of a clock that was set back: a new one begins.
    func take(_ words: Words, _ index: Int, at moment: Int) -> State {
        words.update(index) { word in
            var (start, used) = Window.split(word)
            if used == 0 || !holds(start, moment) { (start, used) = (moment, 0) }
            let passes = used < limit
            if passes { used += 1 }
            let state = State(
                passes: passes, limit: limit, left: max(0, limit - used),
                reset: max(1, (start + length - moment + 9) / 10))
            return (passes ? Window.word(start, used) : nil, state)
        }
    }

    /// Takes a use back, unless its window is over.
    func giveBack(_ words: Words, _ index: Int, at moment: Int) {
        words.update(index) { word in
            let (start, used) = Window.split(word)
            return (holds(start, moment) && used > 0 ? Window.word(start, used - 1) : nil, ())
        }
    }

    /// How often it was used.
    func used(_ word: UInt64, at moment: Int) -> Int {
        let (start, used) = Window.split(word)
        return holds(start, moment) ? used : 0
    }

    private func holds(_ start: Int, _ moment: Int) -> Bool { start <= moment && moment < start + length }

    private static func split(_ word: UInt64) -> (start: Int, used: Int) {
        (Int(word >> UInt64(bits)), Int(word & UInt64(most)))
    }

    private static func word(_ start: Int, _ used: Int) -> UInt64 {
        UInt64(truncatingIfNeeded: start) << UInt64(bits) | UInt64(truncatingIfNeeded: used)
    }
}
