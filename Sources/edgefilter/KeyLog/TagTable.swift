// SPDX-License-Identifier: MIT

import Glibc
import Unix

/// Numbers of tags, from 0 in the order in which they came.
///
///     slot = upper half of the tag's hash, its number + 1 ; 0: free
///
/// Who looks for a tag goes to memory once for the slot and once for the tag: halves of hashes are alike by
/// chance alone. The hash begins with a random number, so that no caller can choose names that meet.
struct TagTable: Sendable {
    /// By their numbers.
    private(set) var tags: [Tag] = []
    private var slots = [UInt64](repeating: 0, count: 1024)
    private let salt = randomBytes(8).reduce(0) { $0 << 8 | UInt64($1) }

    private static let half: UInt64 = 0xFFFF_FFFF

    /// The number of a tag; nil: it is new.
    func find(_ tag: Tag) -> Int? {
        let hash = tag.hash(salt)
        var place = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[place] != 0 {
            if slots[place] ^ hash <= TagTable.half {
                let number = Int(slots[place] & TagTable.half) - 1
                if tags[number] == tag { return number }
            }
            place = (place + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Adds a tag that is new; the answer is its number.
    mutating func insert(_ tag: Tag) -> Int {
        tags.append(tag)
        if tags.count * 2 > slots.count { grow() } else { place(tags.count - 1) }
        return tags.count - 1
    }

    private mutating func place(_ number: Int) {
        let hash = tags[number].hash(salt)
        var place = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[place] != 0 { place = (place + 1) & (slots.count - 1) }
        slots[place] = hash & ~TagTable.half | UInt64(number + 1)
    }

    private mutating func grow() {
        slots = [UInt64](repeating: 0, count: 2 * slots.count)
        for number in tags.indices { place(number) }
    }
}
