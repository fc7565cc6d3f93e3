// SPDX-License-Identifier: MIT

import KeyLog
import Unix

/// A process that serves one connection and leaves; its exit code says how the caller behaved.
enum Handler {
    static func serve(
        _ gateway: Gateway, _ connection: consuming Descriptor, _ page: LivePage?, _ slot: Int, _ upstreams: Upstreams?
    ) -> Never {
        let number = connection.release()
        Finishing.begin(connection: number)
        let isOurs = page?.lock(slot) ?? false
        let client = Client(socket: number, peer: Peer(of: number))
        var session = Session(gateway, client, isOurs ? page?.slot(slot) : nil, upstreams)
        session.run()
        Processes.leave(Int32(session.offence.rawValue))
    }

    /// A slot for a handler that no acceptor gave one: a free one, which whoever had it before has left settled.
    static func ownSlot(_ gateway: Gateway) -> Slot? {
        guard let directory = runtimeDirectory(), let page = try? LivePage(in: directory) else { return nil }
        let first = Int(Processes.own) * 7919 % LivePage.count
        for step in 0..<tries {
            let index = (first + step) % LivePage.count
            guard page.lock(index) else { continue }
            let slot = page.slot(index)
            if let record = slot.settle("lost", at: .now()) { try? gateway.log?.append(record, at: .now()) }
            return slot
        }
        return nil
    }

    private static let tries = 64
}
