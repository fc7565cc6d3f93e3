// SPDX-License-Identifier: MIT

import KeyLog
import Settings
import Unix

/// A process that serves one connection and leaves; its exit code says how the caller behaved.
enum Handler {
    /// Serves a connection of which `Finishing` knows.
    static func serve(
        _ gateway: Gateway, _ client: consuming Client, _ slot: Int, _ upstreams: Upstreams?
    ) -> Never {
        let connection = client.input
        let page = gateway.meter?.page
        let isOurs = page?.lock(slot) ?? false
        var session = Session(gateway, client, isOurs ? page?.slot(slot) : nil, upstreams)
        session.run()
        tendKeys(gateway, connection)
        Processes.leave(Int32(session.offence.rawValue))
    }

    /// Whoever met a missing or damaged index of keys, or left one behind, makes another, once its caller has
    /// all it waits for.
    static func tendKeys(_ gateway: Gateway, _ connection: Int32) {
        guard let keys = gateway.keys, keys.wantsTending else { return }
        Descriptor.close(connection)
        keys.tendUnlessBusy()
    }

    /// What every handler gives up by itself, before it has a connection; the rest it inherits from its
    /// acceptor.
    static func confine(_ gateway: Gateway) {
        Confinement.offerToKiller()
        Confinement.limit(descriptors: descriptors)
        do throws(Errno) {
            try Confinement.denyExec()
        } catch {
            gateway.diagnostics.write(.error, "The handler cannot be confined (\(error)); it does not serve.")
            Processes.leave(Exit.system)
        }
    }

    /// What an acceptor gives up once, for itself and all its handlers: the long filter would cost each of
    /// them a tenth of its start.
    ///
    /// Under a unit that filters already, nothing is left to take away. A filter outlives a reload.
    static func confineAcceptor(_ gateway: Gateway) {
        guard !Confinement.isConfined else { return }
        do throws(Errno) {
            try Confinement.denyCalls()
        } catch {
            gateway.diagnostics.write(.warning, "Handlers are not confined (\(error)); serving anyway.")
        }
    }

    /// The same for a handler that systemd or an inetd started alone: files too (design section 9).
    static func confineAlone(_ gateway: Gateway) {
        confineAcceptor(gateway)
        confine(gateway)
        let readable = [
            "/etc", "/usr", "/lib", "/lib64", "/run/systemd/resolve", "/dev/null", "/dev/urandom",
            environment("CREDENTIALS_DIRECTORY"), Authorities.directory, Authorities.file,
            // A link into a place of whoever manages the network.
            File.real("/etc/resolv.conf"),
        ]
        let writable = [gateway.log?.directory, runtimeDirectory(), gateway.settings.log.file]
        do throws(Errno) {
            let isClosed = try Confinement.denyFiles(
                butRead: readable.compactMap { $0 }, butWrite: writable.compactMap { $0 })
            if !isClosed {
                gateway.diagnostics.write(.debug, "This kernel has no Landlock: files are not closed off.")
            }
        } catch {
            gateway.diagnostics.write(.warning, "Files are not closed off (\(error)); serving anyway.")
        }
    }

    /// A caller, an upstream, a log, a resolver: a handful.
    private static let descriptors = 256

    /// A slot for a handler that no acceptor gave one: a free one, which whoever had it before has left
    /// settled.
    static func ownSlot(_ gateway: Gateway) -> Slot? {
        guard let page = gateway.meter?.page else { return nil }
        for index in 0..<tries where page.lock(index) {
            page.noteUse(of: index)
            page.add(.accepted)
            let slot = page.slot(index)
            gateway.settle(slot, "lost")
            return slot
        }
        return nil
    }

    private static let tries = 512
}
