// SPDX-License-Identifier: MIT

import Glibc
import KeyLog
import Settings
import Unix

/// Exit codes: what the process that started us gets to know.
enum Exit {
    /// What was looked at is not as it should be.
    static let unsound: Int32 = 1
    static let usage: Int32 = 100
    static let configuration: Int32 = 102
    static let system: Int32 = 111
}

/// Only Main speaks and leaves: everything below throws.
@main
enum Edgefilter {
    static func main() {
        Signals.ignorePipe()
        do throws(Options.Wrong) {
            run(try Options(Array(CommandLine.arguments.dropFirst())))
        } catch {
            die(Exit.usage, "\(error.message); see edgefilter --help")
        }
    }

    private static func run(_ options: Options) {
        switch options.command {
        case .help: say(Options.help)
        case .version: say("edgefilter \(version)")
        case .check: Check.run(options, settings(options))
        case .users: UsersTool.run(options)
        case .keys: KeysTool.run(options)
        case .usage: UsageTool.run(options)
        case .log: LogTool.run(options)
        case .translate: TranslateTool.run(options)
        case .dialects: DialectsTool.run(options)
        case .listen: listen(options)
        case nil: serve(Handed.look(), options)
        }
    }

    /// Serves what whoever started us handed over.
    private static func serve(_ handed: Handed, _ options: Options) {
        hide()
        if case .listeners = handed, let handover = Handover() {
            let gateway = gateway(options, handover)
            return accept(
                gateway, handover.listeners, signals(), idleExit: gateway.settings.limits.idleExit,
                resuming: handover)
        }
        handed.closeStrays()
        switch handed {
        case .terminal:
            if options.config != nil {
                die(Exit.usage, "standard input is a terminal; to serve from here, add 'listen'")
            }
            say(Options.help)
        case .mixed:
            die(
                Exit.usage,
                "the descriptors handed over are neither listening sockets nor one connected socket")
        case .connection(let socket): serve(Client(socket: socket, peer: Peer(of: socket)), options)
        case .filter: serve(Client(), options)
        case .listeners(let sockets):
            let gateway = gateway(options)
            let admin = Handed.sockets(named: "admin")
            let listeners = sockets.map { Listener(inherited: $0, isAdmin: admin.contains($0)) }
            accept(
                gateway, listeners, signals(), idleExit: gateway.settings.limits.idleExit, resuming: nil)
        }
    }

    /// From here on our memory is our own.
    ///
    /// A process that hides has no links below /proc/self, and after an upgrade the link would lead to a
    /// deleted file, so where the program is comes first.
    private static func hide() {
        _ = Reload.program
        Confinement.hideMemory()
    }

    /// One connection, without an acceptor: the handler finds a slot for itself.
    private static func serve(_ client: consuming Client, _ options: Options) {
        let gateway = gateway(options)
        let slot = Handler.ownSlot(gateway)
        let connection = client.input
        if client.isSocket {
            Finishing.begin(connection: client.input)
            Handler.confineAlone(gateway)
        }
        var session = Session(gateway, client, slot, nil)
        session.run()
        // Nobody else does it in this form, and nobody waits for us any more.
        gateway.log?.sync(at: .now())
        Handler.tendKeys(gateway, connection)
        Processes.leave(0)
    }

    private static func listen(_ options: Options) {
        hide()
        let handover = Handover()
        // Else every handler would hold, for as long as it lives, what a shell or a supervisor left open.
        if handover == nil { Handed.closeAll() }
        let gateway = gateway(options, handover)
        // Before anybody can see us listen: who does may as well tell us to reload.
        let signals = signals()
        if let handover {
            accept(gateway, handover.listeners, signals, idleExit: 0, resuming: handover)
            return
        }
        let settings = gateway.settings
        let addresses = options.arguments.isEmpty ? settings.listen : options.arguments
        let admin = options.values["--admin"].map { [$0] } ?? settings.adminListen
        let listeners = open(addresses, isAdmin: false) + open(admin, isAdmin: true)
        accept(gateway, listeners, signals, idleExit: 0, resuming: nil)
    }

    /// From here on signals wait until they are read.
    private static func signals() -> Signals {
        do throws(Errno) { return try Signals() } catch { die(Exit.system, "\(error)") }
    }

    private static func open(_ addresses: [String], isAdmin: Bool) -> [Listener] {
        do throws(Errno) {
            var listeners: [Listener] = []
            for address in addresses {
                for var listener in try Listener.openAll(address) {
                    listener.isAdmin = isAdmin
                    listeners.append(listener)
                }
            }
            return listeners
        } catch {
            let advice = advice[error.number].map { ": \($0)" } ?? ""
            die(error.number == EINVAL ? Exit.usage : Exit.system, "\(error)\(advice)")
        }
    }

    /// What to do where an address cannot be listened on.
    private static let advice: [Int32: String] = [
        EINVAL: Settings.expectedAddress,
        EADDRINUSE: "another program listens there; 'ss -lnp' tells which",
        EADDRNOTAVAIL: "this machine has no such address; :PORT is all that it has",
        EACCES:
            "a port below 1024 is root's, or systemd's to hand over; a path needs a folder that you may write to",
        ENOENT: "the folder is not there",
    ]

    private static func accept(
        _ gateway: Gateway, _ listeners: [Listener], _ signals: consuming Signals, idleExit: Int,
        resuming handover: Handover?
    ) {
        do throws(Errno) {
            var acceptor = try Acceptor(gateway, listeners, signals, idleExit: idleExit, resuming: handover)
            let names = listeners.map { $0.isAdmin ? "\($0.name) (administration)" : $0.name }
                .joined(separator: ", ")
            announce(gateway, "edgefilter \(version) listens on \(names).")
            if handover != nil, let word = gateway.settings.unchanged {
                gateway.diagnostics.write(.notice, word)
            }
            acceptor.run()
        } catch {
            die(Exit.system, "\(error)")
        }
    }

    /// Who starts it by hand looks at standard error, wherever the log goes.
    private static func announce(_ gateway: Gateway, _ line: String) {
        gateway.diagnostics.write(.notice, line)
        guard let file = gateway.settings.log.file, gateway.diagnostics.isFile else { return }
        let console = Diagnostics(level: .notice)
        for text in gateway.settings.notices + ["\(line) Its log is \(file)."] {
            console.write(.notice, text)
        }
    }

    private static func gateway(_ options: Options, _ handover: Handover? = nil) -> Gateway {
        let state = options.values["--state"] ?? stateDirectory()
        let gateway = Gateway(settings(options), state: state) { () throws(Errno) in
            if let number = handover?.page, let page = try? LivePage(inherited: number) { return page }
            return try LivePage(in: runtimeDirectory())
        }
        for notice in gateway.settings.notices { gateway.diagnostics.write(.notice, notice) }
        return gateway
    }

    /// The settings, or the end: every complaint on a line of its own.
    private static func settings(_ options: Options) -> Settings {
        do throws(Complaints) {
            let settings = try Reading.settings(
                Sources(
                    file: options.config.map { ($0, true) }, environment: environment(),
                    credentialsDirectory: environment("CREDENTIALS_DIRECTORY"), sets: options.sets,
                    envFile: options.envFile))
            let faults = settings.quirkFaults
            if faults.isEmpty { return settings }
            for fault in faults { complain(fault) }
            Processes.leave(Exit.configuration)
        } catch {
            for complaint in error.all { complain("\(complaint)") }
            Processes.leave(Exit.configuration)
        }
    }
}

extension Settings {
    /// What a reload did not bring.
    ///
    /// systemd hands credentials over at the start alone. nil: nothing to say.
    fileprivate var unchanged: String? {
        let folder = environment("CREDENTIALS_DIRECTORY") ?? ""
        // Elsewhere, as in a container, they are files that can change.
        guard environment("INVOCATION_ID") != nil, folder.hasPrefix("/run/credentials/") else { return nil }
        var sources = upstreams.compactMap {
            if case .secret(let secret) = $0.key { secret.source } else { nil }
        }
        if let admin { sources.append(admin.source) }
        let prefix = "credential "
        var names = sources.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        if log.keyHash == .hmac { names.append("key-pepper") }
        guard !names.isEmpty else { return nil }
        return
            "Credentials are those of the start (\(names.joined(separator: ", "))): a new one takes a restart."
    }
}

/// A line for the person or program that asked.
func say(_ text: String) { write(line: text, to: 1) }

func complain(_ text: String) { write(line: text, to: 2) }

/// A text for the program that asked, as it is.
func write(_ text: String) {
    var buffer = Buffer()
    buffer.append(text.utf8)
    put(&buffer, to: 1)
}

private func write(line: String, to descriptor: Int32) {
    var buffer = Buffer()
    buffer.append((line + "\n").utf8)
    put(&buffer, to: descriptor)
}

/// Writes all of it, as far as somebody takes it.
func put(_ buffer: inout Buffer, to descriptor: Int32) {
    while !buffer.isEmpty, (try? buffer.send(to: descriptor, isSocket: false)) != nil {}
}

/// Says why, and leaves.
func die(_ status: Int32, _ text: String) -> Never {
    complain("edgefilter: \(text)")
    Processes.leave(status)
}
