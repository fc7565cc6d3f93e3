// SPDX-License-Identifier: MIT

/// What one request is counted by: numbers of names, and its status.
package struct Series: Hashable, Sendable {
    /// Which kind of endpoint, as the caller of this floor numbers them; below 32.
    package var endpoint = 0
    /// The caller's dialect, as a number of its name; 0: another.
    package var client = 0
    /// The upstream, likewise.
    package var upstream = 0
    /// The class of its model, likewise.
    package var model = 0
    /// The status sent; 0: none was.
    package var status = 0

    package init() {}

    /// One word; never 0.
    var word: UInt64 {
        let parts = [(endpoint, 32), (client, 1024), (upstream, 1024), (model, 1024), (status, 1024)]
        return parts.reduce(1) { word, part in
            word * UInt64(part.1) + UInt64((0..<part.1).contains(part.0) ? part.0 : 0)
        }
    }

    init?(word: UInt64) {
        guard word >> 45 == 1 else { return nil }
        let part = { (shift: UInt64, mask: UInt64) in Int(word >> shift & mask) }
        endpoint = part(40, 31)
        client = part(30, 1023)
        upstream = part(20, 1023)
        model = part(10, 1023)
        status = part(0, 1023)
    }
}

/// Requests and their tokens.
package struct Sums: Equatable, Sendable {
    /// Requests that ended.
    package var requests = 0
    /// Tokens in.
    package var input = 0
    /// Tokens out.
    package var output = 0
    /// Of the input: read from a cache.
    package var cached = 0
    /// Of the input: written to a cache.
    package var written = 0
    /// Of the output: thoughts.
    package var reasoning = 0

    package init() {}
}

/// Sums by labels, each in one line of the processor's cache.
///
/// A table of fixed size; what finds no place is summed under labels that all are `other`.
struct SeriesTable {
    static let count = 2048
    static let stride = 8

    private static let tries = 32
    /// What a sum of all series cannot overflow from, whoever wrote it there.
    private static let most: UInt64 = 1 << 48

    let words: Words

    func add(_ sums: Sums, _ series: Series) {
        let at = place(of: series) * SeriesTable.stride
        words.add(sums.requests, at: at + 1)
        words.add(sums.input, at: at + 2)
        words.add(sums.output, at: at + 3)
        words.add(sums.cached, at: at + 4)
        words.add(sums.written, at: at + 5)
        words.add(sums.reasoning, at: at + 6)
    }

    func each(_ take: (Series, Sums) -> Void) {
        for index in 0..<SeriesTable.count {
            let at = index * SeriesTable.stride
            let series = index == 0 ? Series() : Series(word: words[at])
            guard let series, words[at + 1] != 0 else { continue }
            var sums = Sums()
            let number = { (offset: Int) in Int(min(words[at + offset], SeriesTable.most)) }
            (sums.requests, sums.input, sums.output) = (number(1), number(2), number(3))
            (sums.cached, sums.written, sums.reasoning) = (number(4), number(5), number(6))
            take(series, sums)
        }
    }

    private func place(of series: Series) -> Int {
        let word = series.word
        var place = Int(truncatingIfNeeded: mixed(word) >> 2)
        for _ in 0..<SeriesTable.tries {
            place = place % (SeriesTable.count - 1) + 1
            let at = place * SeriesTable.stride
            if words[at] == word || words.swap(0, for: word, at: at) || words[at] == word { return place }
        }
        return 0
    }
}
