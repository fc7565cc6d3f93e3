// SPDX-License-Identifier: MIT

// What is counted in the live page, and read from it for `/metrics`. Counters only grow, until the page is
// gone.
extension LivePage {
    /// Single counters.
    package enum Count: Int, CaseIterable, Sendable {
        /// Connections that were taken, and that were turned away: by limits, for misbehaving.
        case accepted, refused, penalized
        /// Handlers that a signal ended, and that vanished without closing their record.
        case killed, lost
        /// Records that could not be written.
        case unwritten
    }

    /// What goes up and down; told by the acceptor.
    package enum Gauge: Int, CaseIterable, Sendable { case connections, spares }

    private var header: Words { words(Region.header) }

    /// One more.
    package func add(_ count: Count) { header.add(1, at: Header.counts + count.rawValue) }

    /// How often it happened since the page was made.
    package subscript(_ count: Count) -> Int { sane(header[Header.counts + count.rawValue]) }

    /// How many there are now.
    package subscript(_ gauge: Gauge) -> Int {
        get { sane(header[Header.gauges + gauge.rawValue]) }
        nonmutating set { header[Header.gauges + gauge.rawValue] = UInt64(max(0, newValue)) }
    }

    /// Connections that a living handler holds now.
    package var active: Int {
        isNamed ? (0..<used).count { isLocked($0) } : self[.connections]
    }

    /// The number of a name for labels, of the operator's or our own; 0: there is no more room, it is
    /// another.
    package func number(of name: String) -> Int { name.isEmpty ? 0 : names.number(of: name) }

    /// The name of a number; nil: another.
    package func name(_ number: Int) -> String? { names.text(number) }

    private var names: NameTable { NameTable(words: words(Region.names)) }

    /// Requests that ended, and their tokens.
    package func add(_ sums: Sums, _ series: Series) {
        SeriesTable(words: words(Region.series)).add(sums, series)
    }

    /// Gives what was counted under each series, in no order.
    package func eachSeries(_ take: (Series, Sums) -> Void) {
        SeriesTable(words: words(Region.series)).each(take)
    }

    /// A failure by its stable number.
    package func addFailure(_ code: Int) { words(Region.failures).add(1, at: code) }

    /// The failures that there were, by their numbers.
    package var failures: [(code: Int, count: Int)] {
        let words = words(Region.failures)
        return (1..<words.count).map { ($0, sane(words[$0])) }.filter { $0.1 > 0 }
    }

    /// A loss by the number of its feature's name.
    package func addLoss(_ name: Int) { names.addLoss(name) }

    /// The losses that there were, by the names of features.
    package var losses: [(feature: String, count: Int)] {
        (1..<NameTable.count).compactMap { number in
            let count = names.losses(number)
            return count > 0 ? names.text(number).map { ($0, count) } : nil
        }
    }
}

// Histograms.
extension LivePage {
    /// What is measured of a request, in milliseconds.
    package enum Time: Int, CaseIterable, Sendable { case first, total }

    /// The upper bounds of all buckets but the last, which takes what is longer.
    package static let bounds = [
        5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000,
    ]

    /// Kinds of endpoints that are told apart.
    package static let kinds = 16

    private static let stride = 32
    private static let sumPlace = 31

    /// A time of a request to an endpoint of this kind, 0 ..< `kinds`.
    package func add(_ time: Time, _ milliseconds: Int, kind: Int) {
        guard (0..<LivePage.kinds).contains(kind) else { return }
        let words = words(Region.times)
        let at = LivePage.place(time, kind)
        let bucket = LivePage.bounds.firstIndex { milliseconds <= $0 } ?? LivePage.bounds.count
        words.add(1, at: at + bucket)
        words.add(milliseconds, at: at + LivePage.sumPlace)
    }

    /// How many fell into each bucket, the last included, and the sum of all in milliseconds.
    package func times(_ time: Time, kind: Int) -> (buckets: [Int], sum: Int) {
        let words = words(Region.times)
        let at = LivePage.place(time, kind)
        return ((0...LivePage.bounds.count).map { sane(words[at + $0]) }, sane(words[at + LivePage.sumPlace]))
    }

    private static func place(_ time: Time, _ kind: Int) -> Int {
        (kind * Time.allCases.count + time.rawValue) * stride
    }
}

// Windows.
extension LivePage {
    /// One request more of an issued key.
    ///
    /// `tenths`: now, in tenths of a second. Keys are told apart up to four million; beyond, some share what
    /// they may.
    package func take(key: Int, _ window: Window, at tenths: Int) -> Window.State {
        let words = words(Region.keys)
        return window.take(words, key & (words.count - 1), at: tenths)
    }

    /// One request more of an address; nil: no window has a limit.
    package func take(address: String, _ windows: [Window], at tenths: Int) -> Window.State? {
        AddressTable(words: words(Region.addresses), salt: header[Header.salt])
            .take(address, windows, at: tenths)
    }
}

/// A number as a counter can have it, whatever stands there.
private func sane(_ word: UInt64) -> Int { Int(min(word, 1 << 62)) }
