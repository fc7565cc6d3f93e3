// SPDX-License-Identifier: MIT

import KeyLog
import Settings
import Unix

/// Who is being served: handlers, the source and the slot of each, within the limits.
struct Crowd {
    /// A handler's place.
    struct Seat: Equatable {
        let source: String
        let slot: Int
        /// Its faults are not its source's.
        var isExempt = false
    }

    private(set) var seats: [Int32: Seat] = [:]
    private var perSource: [String: Int] = [:]
    private var free: [Int] = []
    private var unused = 0
    private let limit: Int
    private let sourceLimit: Int

    init(_ limits: Limits) {
        limit = min(limits.connections, LivePage.count)
        sourceLimit = limits.perSource
    }

    /// The crowd that the image before us left.
    init(_ limits: Limits, resuming seats: [Int32: Seat]) {
        self.init(limits)
        for (pid, seat) in seats { add(pid, seat) }
        let taken = Set(seats.values.map(\.slot))
        free = (0..<unused).filter { !taken.contains($0) }
    }

    var count: Int { seats.count }

    /// Whether one more of this source may be served; nil: of one that is not counted.
    ///
    /// An operator gets in also when callers fill the house.
    func hasRoom(for source: String?, isAdmin: Bool = false) -> Bool {
        guard isAdmin || seats.count < limit else { return false }
        return source.map { perSource[$0, default: 0] < sourceLimit } ?? true
    }

    /// The number of a slot that nobody has.
    ///
    /// `isTaken`: held by somebody that is not ours.
    mutating func takeSlot(isTaken: (Int) -> Bool) -> Int? {
        while let slot = free.popLast() {
            if !isTaken(slot) { return slot }
        }
        while unused < LivePage.count {
            unused += 1
            if !isTaken(unused - 1) { return unused - 1 }
        }
        return nil
    }

    /// A slot that was not used after all.
    mutating func giveBack(_ slot: Int) { free.append(slot) }

    mutating func add(_ pid: Int32, _ seat: Seat) {
        seats[pid] = seat
        perSource[seat.source, default: 0] += 1
        unused = max(unused, seat.slot + 1)
    }

    /// The place of a handler that has ended; its slot is free again.
    mutating func remove(_ pid: Int32) -> Seat? {
        guard let seat = seats.removeValue(forKey: pid) else { return nil }
        let left = perSource[seat.source, default: 1] - 1
        perSource[seat.source] = left > 0 ? left : nil
        free.append(seat.slot)
        return seat
    }
}

extension Acceptor {
    /// Whether one more connection of this peer may be served.
    ///
    /// Those of a listed proxy are its clients', whom handlers count when they know them (`Exchange.admit`).
    func hasRoom(for peer: Peer) -> Bool {
        let isCounted = !gateway.settings.trusts(proxy: peer.address)
        return crowd.hasRoom(for: isCounted ? peer.source : nil, isAdmin: peer.isAdmin)
    }
}
