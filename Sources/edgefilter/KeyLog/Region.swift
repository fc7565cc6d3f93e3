// SPDX-License-Identifier: MIT

/// The parts of the live page, one behind the other, each at the beginning of a page of memory: what was
/// never used takes none.
enum Region {
    /// Words of 64 bits, as all below: what the page is, counters, gauges.
    static let header = range(after: 0, 512)
    /// Failures by their numbers.
    static let failures = range(after: header.upperBound, 1024)
    /// Histograms.
    static let times = range(after: failures.upperBound, 1024)
    /// Texts that stand in labels.
    static let names = range(after: times.upperBound, NameTable.count * NameTable.stride)
    /// Requests and tokens by labels.
    static let series = range(after: names.upperBound, SeriesTable.count * SeriesTable.stride)
    /// What each address used.
    static let addresses = range(after: series.upperBound, AddressTable.count * AddressTable.stride)
    /// What each issued key used in a minute, by its number.
    static let keys = range(after: addresses.upperBound, 1 << 22)
    /// What lets administrators in.
    static let signIns = range(after: keys.upperBound, SignIns.stride)
    /// Behind all others: `Slot`s.
    static let slots = range(after: signIns.upperBound, LivePage.count * Slot.size / 8)

    /// Bytes.
    static let size = slots.upperBound * 8

    private static let alignment = 512

    private static func range(after end: Int, _ count: Int) -> Range<Int> {
        let start = (end + alignment - 1) / alignment * alignment
        return start..<start + count
    }
}

/// The words of the header.
enum Header {
    /// What the page is: these words differ in a page of another version.
    static let mark: [UInt64] = [0x3267_6170_6C66_6565, 2, UInt64(Region.size)]
    /// No slot from this one on was ever used.
    static let used = 3
    /// A random number by which addresses are placed; 0: none yet.
    static let salt = 4
    /// The first counter.
    static let counts = 16
    /// The first gauge.
    static let gauges = 128
}
