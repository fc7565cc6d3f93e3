// SPDX-License-Identifier: MIT

import KeyLog
import Settings
import Unix

/// `edgefilter log verify` and `edgefilter log prune`: the state directory is proven, and kept short.
enum LogTool {
    static func run(_ options: Options) {
        guard let state = options.values["--state"] ?? stateDirectory() else {
            die(Exit.system, "there is no state directory; set STATE_DIRECTORY")
        }
        do throws(Errno) {
            switch options.arguments.first {
            case "verify" where options.arguments.count == 1: try verify(state)
            case "prune" where options.arguments.count == 1: try prune(state, keep(options))
            default: die(Exit.usage, "log knows verify and prune")
            }
        } catch {
            die(Exit.system, "\(state): \(error)\(advice(error))")
        }
    }

    private static let head = ["day", "totals", "lines", "torn", "altered", "again", "twins"]

    private static func verify(_ state: String) throws(Errno) {
        var table = Table(head, numbers: Set(2..<head.count))
        var (rows, faults) = ([[String]](), [String]())
        let verification = Verification(directory: state)
        try verification.each { proof in
            let lines = proof.lines.map { [$0.all, $0.torn, $0.altered, $0.again, $0.twins] }
            let cells = lines?.map { "\($0)" } ?? [String](repeating: "-", count: 5)
            rows.append([proof.day.dashed, proof.totals.rawValue] + cells)
            table.fit(rows[rows.count - 1])
            faults += complaints(of: proof)
        }
        say(([table.head] + rows.map(table.row)).joined(separator: "\n"))
        faults += try verifyKeys(KeyStore(directory: state))
        faults += try verification.rootsOwn().map {
            "\($0) is root's, its directory is not: give it to the same user"
        }
        for fault in faults { complain(fault) }
        if !faults.isEmpty { Processes.leave(Exit.unsound) }
    }

    private static func verifyKeys(_ store: KeyStore) throws(Errno) -> [String] {
        guard store.exists else { return [] }
        let verdict = try store.verify()
        say(
            "keys.log: \(verdict.users) users, \(verdict.keys) keys, \(verdict.lines) lines, "
                + "\(verdict.broken) torn or altered; index: \(verdict.index.rawValue)")
        let altered =
            "keys.log: \(verdict.altered) lines were changed after they were written; what they said does not hold: "
            + "restore the file, or revoke and issue again"
        return (verdict.altered > 0 ? [altered] : []) + (verdict.index == .damaged ? [mend(store)] : [])
    }

    private static func mend(_ store: KeyStore) -> String {
        do throws(Errno) {
            try store.mend()
            return "keys.index or keys.recent was damaged; both are made anew"
        } catch {
            return
                "keys.index or keys.recent is damaged and cannot be made anew (\(error)); see to its directory's rights"
        }
    }

    private static func complaints(of proof: DayProof) -> [String] {
        let day = proof.day.dashed
        var faults: [String] = []
        if let altered = proof.lines?.altered, altered > 0 {
            faults.append("\(day): \(altered) lines were changed after they were written; they count nowhere")
        }
        switch proof.totals {
        case .none, .equal, .sealed: break
        case .damaged where proof.lines == nil:
            faults.append("\(day): the totals are damaged, and the segment is gone: restore them")
        case .damaged, .foreign:
            faults.append("\(day): the totals are \(proof.totals.rawValue); the next sum makes them anew")
        case .unequal:
            faults.append(
                "\(day): the totals are not the sum of their lines; remove the file and they are made anew")
        }
        return faults
    }

    /// How long records are kept: `--keep`, else the setting `log.keep`.
    private static func keep(_ options: Options) -> Milliseconds {
        let sets = options.sets + (options.values["--keep"].map { ["log.keep=\($0)"] } ?? [])
        do throws(Complaints) {
            return try Reading.keep(
                Sources(
                    file: options.config.map { ($0, true) }, environment: environment(), sets: sets,
                    envFile: options.envFile))
        } catch {
            let written = "--set log.keep"
            for text in error.all.map({ "\($0)" }) {
                let isOurs = options.values["--keep"] != nil && text.hasPrefix(written)
                complain(isOurs ? "--keep" + text.dropFirst(written.count) : text)
            }
            Processes.leave(Exit.configuration)
        }
    }

    private static func prune(_ state: String, _ keep: Milliseconds) throws(Errno) {
        let settled = try Orphans.settle(RequestLog(directory: state))
        let outcome = try Retention(directory: state, keep: keep, at: .now()).run()
        KeyStore(directory: state).tendEarly()
        say(
            "\(outcome.closed) days summed, \(outcome.removed) segments and \(outcome.budgets) budgets removed, "
                + "\(settled) records written for handlers that are gone")
    }
}

/// Slots of handlers that vanished with nobody to settle them.
private enum Orphans {
    /// Milliseconds after which what is not settled has no acceptor, since an acceptor settles its own at
    /// once.
    private static let patience = 2000
    /// So many are settled in one run: each holds a descriptor until its end.
    private static let limit = 512

    /// Writes the records they owe; says how many.
    static func settle(_ log: RequestLog) throws(Errno) -> Int {
        guard let directory = runtimeDirectory(), File.exists("\(directory)/live") else { return 0 }
        let page = try LivePage(in: directory)
        let owing = (0..<page.used).filter { page.slot($0).state != .closed && !page.isLocked($0) }
        guard !owing.isEmpty else { return 0 }
        var nothing = Poll()
        _ = nothing.wait(until: Deadline(in: patience))
        var settled = 0
        for index in owing.prefix(limit) where page.lock(index) {
            guard let (owed, reservation) = page.slot(index).settle("lost", at: .now()) else { continue }
            var record = owed
            if record.keyID != 0 {
                Budgets(directory: log.directory).settle(
                    reservation, used: record.input + record.output, of: record.keyID, at: .now())
            }
            page.add(.lost)
            // Should somebody else have settled it in the same instant, it counts once.
            record.isAgain = true
            do throws(Errno) {
                try log.append(record, at: .now())
                settled += 1
            } catch {
                complain("A request record is lost: \(error).")
            }
        }
        return settled
    }
}
