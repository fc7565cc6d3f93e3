// SPDX-License-Identifier: MIT

// Whose requests run now: what a mark in each connection's slot says, so that nobody's death holds a place.
extension LivePage {
    /// Counts a request among those of its source until its record is closed, and says how many of these run
    /// now, this one with it.
    ///
    /// Each counts itself before it looks at the others: never more than a limit find themselves within it;
    /// of those that come to its edge together all may find themselves beyond.
    /// Two sources in four thousand million are taken for one.
    package func enter(_ slot: Slot, from source: String) -> Int {
        let mark = mark(of: source)
        slot.source = mark
        return (0..<used).count { index in
            let slot = self.slot(index)
            // Who died with its request open has left its lock.
            return slot.source == mark && slot.state != .closed && (!isNamed || isLocked(index))
        }
    }

    /// The request counts no longer.
    package func leave(_ slot: Slot) {
        if slot.source != 0 { slot.source = 0 }
    }

    private func mark(of source: String) -> UInt32 {
        let table = AddressTable(words: words(Region.addresses), salt: words(Region.header)[Header.salt])
        return UInt32(truncatingIfNeeded: table.tag(of: source)) | 1
    }
}
