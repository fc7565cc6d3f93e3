// SPDX-License-Identifier: MIT

import KeyLog
import Model
import Settings
import Unix

/// What is constant over the life of the process: the settings and where things are written.
///
/// A class, since it is passed on for every request and never changes.
final class Gateway: Sendable {
    let settings: Settings
    let diagnostics: Diagnostics
    /// nil: there is no directory for it, which was said at the start.
    let log: RequestLog?
    let keyHash: KeyHash
    /// The mark of its pepper, where it has one.
    let pepper: String
    /// What callers see of the system that we stand in for.
    let guise: Guise
    /// The keys that were issued, and what they used of their day; nil: there is no directory for them.
    let keys: KeyStore?
    let budgets: Budgets?
    /// What all processes share; nil: there is none.
    let meter: Meter?
    /// Whether the model's name decides where a request goes or is replaced on the way.
    let isRouted: Bool
    /// What the dialects must know of the upstreams, by their names.
    let providers: [String: Provider]
    /// The model of a conversation that names none, in the place of a system that asks for no name; nil: it
    /// is refused.
    let usualModel: String?
    /// Whether any provider holds conversations itself.
    let holdsDialogues: Bool
    /// What is remembered of these; nil: nothing.
    let dialogues: Dialogues?

    /// `page`: opens the live page.
    init(_ settings: Settings, state: String?, page: () throws(Errno) -> LivePage) {
        self.settings = settings
        guise = Guise.of(settings.profile)
        diagnostics = Gateway.diagnostics(settings.log)
        holdsDialogues = settings.upstreams.contains(where: \.holdsDialogues)
        dialogues = holdsDialogues ? Gateway.dialogues(settings, diagnostics) : nil
        log = Gateway.log(in: state, diagnostics)
        keys = log.map { KeyStore(directory: $0.directory) }
        budgets = log.map { Budgets(directory: $0.directory) }
        meter = Gateway.page(page, diagnostics).map { Meter($0, settings) }
        keyHash = Gateway.keyHash(settings.log.keyHash)
        pepper = keyHash.generation
        let only = settings.routes.count == 1 ? settings.routes.first : nil
        isRouted = only?.pattern != "*" || only?.targets.contains { $0.model != nil } ?? true
        providers = Gateway.providers(settings)
        usualModel = Gateway.usualModel(settings, providers)
    }

    /// One whose lines and records go nowhere, but are made.
    init(rehearsing settings: Settings) {
        self.settings = settings
        guise = Guise.of(settings.profile)
        diagnostics = Diagnostics.none
        log = RequestLog.none
        (keys, budgets, meter) = (nil, nil, nil)
        (keyHash, pepper) = (.sha256, "")
        isRouted = true
        providers = Gateway.providers(settings)
        usualModel = Gateway.usualModel(settings, providers)
        holdsDialogues = false
        dialogues = nil
    }

    private static func providers(_ settings: Settings) -> [String: Provider] {
        let all = settings.upstreams.map { ($0.name, $0.provider.provider) }
        return Dictionary(all) { first, _ in first }
    }

    /// The operator's own choice for the upstream counts more than the system's; one that no route leads there is none.
    private static func usualModel(_ settings: Settings, _ providers: [String: Provider]) -> String? {
        guard let usual = settings.profile.model,
            let upstream = settings.upstreams.first(where: { $0.dialect == usual.dialect }),
            let provider = providers[upstream.name],
            case .http(let side)? = builtIn(upstream.dialect)?.upstream
        else { return nil }
        let name = side.provider.ownModels(provider)?.first ?? usual.name
        let targets = settings.route(for: name)?.targets ?? []
        return targets.contains { $0.upstream == upstream.name } ? name : nil
    }

    private static func dialogues(_ settings: Settings, _ diagnostics: Diagnostics) -> Dialogues? {
        guard let directory = runtimeDirectory() else {
            diagnostics.write(
                .notice, "No directory for sessions (see RUNTIME_DIRECTORY): each request begins a new one.")
            return nil
        }
        do throws(Errno) {
            return try Dialogues(in: directory, settings.limits)
        } catch {
            diagnostics.write(
                .notice, "No sessions in \(directory) (\(error)): each request begins a new one.")
            return nil
        }
    }

    /// Writes a record, where there is a log.
    func keep(_ record: Record) {
        do throws(Errno) {
            try log?.append(record, at: .now())
        } catch {
            meter?.page.add(.unwritten)
            diagnostics.write(.error, "A request record is lost: \(error).")
        }
    }

    /// Writes the record that a dead handler owes, counts it, and gives back what its key had reserved.
    func settle(_ slot: Slot, _ ended: String, signal: Int = 0) {
        guard let (settled, reservation) = slot.settle(ended, at: .now()) else { return }
        var record = settled
        record.signal = signal
        if !record.key.isEmpty { record.pepper = pepper }
        settle(record, reservation)
        meter?.page.add(signal == 0 ? .lost : .killed)
        meter?.count(record)
        keep(record)
    }

    /// Puts what a request of an issued key came to in the place of what it reserved.
    func settle(_ record: Record, _ reservation: Reservation?) {
        guard record.keyID != 0 else { return }
        budgets?.settle(reservation, used: record.input + record.output, of: record.keyID, at: .now())
    }

    private static func page(_ open: () throws(Errno) -> LivePage, _ diagnostics: Diagnostics) -> LivePage? {
        do throws(Errno) { return try open() } catch {
            diagnostics.write(
                .warning,
                "No live page (\(error)): a killed handler leaves no record, and nothing is counted; serving anyway."
            )
            return nil
        }
    }

    private static func diagnostics(_ log: Log) -> Diagnostics {
        let level = levels[log.level] ?? .info
        guard let file = log.file else { return Diagnostics(level: level) }
        do throws(Errno) {
            // Those of the replaced systems made the folder of theirs.
            if let slash = file.lastIndex(of: "/") { try? File.makeDirectory(String(file[..<slash])) }
            return try Diagnostics(level: level, file: file)
        } catch {
            let fallback = Diagnostics(level: level)
            fallback.write(
                .warning, "The log file \(file) cannot be written (\(error)); using standard error instead.")
            return fallback
        }
    }

    private static let levels: [Log.Level: Diagnostics.Level] = [
        .error: .error, .warning: .warning, .notice: .notice, .info: .info, .debug: .debug,
    ]

    private static func log(in state: String?, _ diagnostics: Diagnostics) -> RequestLog? {
        guard let state else { return nil }
        do throws(Errno) {
            try File.makeDirectory(state)
            if !File.isWritable(state) {
                diagnostics.write(
                    .warning,
                    "\(state) cannot be written: no record is kept and no key can be issued; serving anyway.")
            }
            return RequestLog(directory: state)
        } catch {
            diagnostics.write(.warning, "No request log: \(state) cannot be made (\(error)); serving anyway.")
            return nil
        }
    }

    /// The pepper is a credential; without one the plain hash is used, which `check` says.
    private static func keyHash(_ form: Log.KeyHash) -> KeyHash {
        switch form {
        case .sha256: .sha256
        case .md5: .md5
        case .hmac: pepper().map { .hmac(pepper: $0) } ?? .sha256
        }
    }

    static func pepper() -> [UInt8]? {
        let places = environment("CREDENTIALS_DIRECTORY").map { ["\($0)/"] } ?? Sources.usualStores
        return places.lazy.compactMap { try? File.read("\($0)key-pepper", limit: 4096) }.first
    }
}

/// Where the request log lives: `$STATE_DIRECTORY`, or the user's own state directory.
func stateDirectory() -> String? {
    if let handed = environment("STATE_DIRECTORY") { return String(handed.prefix { $0 != ":" }) }
    if let home = environment("XDG_STATE_HOME") { return "\(home)/edgefilter" }
    if File.exists("/var/lib/edgefilter") { return "/var/lib/edgefilter" }
    return environment("HOME").map { "\($0)/.local/state/edgefilter" }
}

/// Where the live page is: a directory on a tmpfs that we may write to; nil: there is none.
func runtimeDirectory() -> String? {
    let named = environment("RUNTIME_DIRECTORY").map { String($0.prefix { $0 != ":" }) }
    return [named, "/run/edgefilter"].compactMap { $0 }.first(where: File.isWritable)
}
