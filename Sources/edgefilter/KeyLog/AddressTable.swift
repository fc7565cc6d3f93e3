// SPDX-License-Identifier: MIT

/// What each client address used of a minute, an hour and a day.
///
///     entry = tag, minute, hour, day ; ways entries a set
///
/// The table is fixed in size. In a full set a newcomer takes the place of whoever used the least, and what
/// that one used counts against it from then on (the rule of Space-Saving, Metwally 2005): what stands for an
/// address is never less than what it used, so nobody escapes a limit by coming from many addresses until the
/// own entry is gone; when more addresses than fit are busy, some are told too early to wait. The place is by
/// a random number of the page, so that nobody can choose with whom to share a set.
struct AddressTable {
    static let count = 32768
    static let stride = 4

    private static let ways = 8

    let words: Words
    let salt: UInt64

    /// The windows of a minute, an hour and a day.
    struct Limits {
        let windows: [Window]
    }

    /// One use more, where all three have room; the answer is the first that has none, or the one with the
    /// least left.
    func take(_ address: String, _ windows: [Window], at moment: Int) -> Window.State? {
        let entry = entry(of: address, windows, at: moment)
        var least: Window.State?
        for (place, window) in windows.enumerated() where window.limit > 0 {
            let state = window.take(words, entry + 1 + place, at: moment)
            guard state.passes else {
                for (before, window) in windows.prefix(place).enumerated() where window.limit > 0 {
                    window.giveBack(words, entry + 1 + before, at: moment)
                }
                return state
            }
            if state.left < least?.left ?? .max { least = state }
        }
        return least
    }

    /// Where the entry of an address begins.
    private func entry(of address: String, _ windows: [Window], at moment: Int) -> Int {
        let tag = tag(of: address)
        let sets = AddressTable.count / AddressTable.ways
        let set = Int(mixed(tag ^ salt) % UInt64(sets)) * AddressTable.ways * AddressTable.stride
        let places = (0..<AddressTable.ways).map { set + $0 * AddressTable.stride }
        while true {
            if let place = places.first(where: { words[$0] == tag }) { return place }
            let place = places.min { weight($0, windows, moment) < weight($1, windows, moment) } ?? set
            let old = words[place]
            // Another of the same address may have been quicker, at another place.
            if old == tag || words.swap(old, for: tag, at: place) { return place }
        }
    }

    /// How much what stands there weighs: the longest window first.
    private func weight(_ place: Int, _ windows: [Window], _ moment: Int) -> UInt64 {
        guard words[place] != 0 else { return 0 }
        return windows.enumerated().reversed().reduce(1) { weight, each in
            let used = each.element.used(words[place + 1 + each.offset], at: moment)
            return weight << 21 | UInt64(min(used, 1 << 21 - 1))
        }
    }

    func tag(of address: String) -> UInt64 {
        var tag = salt
        for byte in address.utf8 { tag = mixed(tag ^ UInt64(byte)) &+ 1 }
        return tag == 0 ? 1 : tag
    }
}
