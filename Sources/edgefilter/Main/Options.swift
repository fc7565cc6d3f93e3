// SPDX-License-Identifier: MIT

import Settings

/// The command line.
///
/// Flags come before the subcommand or after it, in any order.
struct Options {
    var config: String?
    var sets: [String] = []
    var quirks: [String] = []
    var envFile: String?
    var command: Command?
    /// What follows the subcommand.
    var arguments: [String] = []
    var flags: Set<String> = []
    var values: [String: String] = [:]

    /// The subcommands.
    enum Command: String, CaseIterable {
        case listen, check, users, keys, usage, log, translate, dialects, help, version
    }

    /// A mistake on the command line.
    struct Wrong: Error {
        let message: String
    }

    /// Flags that stand alone, and flags that take a value.
    private static let alone: Set<String> = [
        "--connect", "--json", "--csv", "--reply", "--stream", "--explain", "--strict", "--mdoc", "--all",
    ]
    private static let valued: Set<String> = [
        "--by", "--from", "--to", "--state", "--request", "--email", "--user", "--name", "--expires",
        "--models", "--default-model", "--rpm", "--tpd", "--count", "--key", "--keep", "--admin",
    ]

    init(_ arguments: [String]) throws(Wrong) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "-h", "--help": command = .help
            case "-V", "--version": command = .version
            case "-c", "--config": config = try Options.value(of: argument, &rest)
            case "--set": sets.append(try Options.value(of: argument, &rest))
            case "--quirk": quirks.append(try Options.value(of: argument, &rest))
            case "--env": envFile = try Options.value(of: argument, &rest)
            // Relay Bartender's own flags.
            case "-p", "--port": sets.append("server.port=" + (try Options.value(of: argument, &rest)))
            case "--host": sets.append("server.host=" + (try Options.value(of: argument, &rest)))
            default: try take(argument, &rest)
            }
        }
        try checkStrays()
    }

    /// What a subcommand takes beside the options of all, and whether words follow it.
    ///
    /// `users` and `keys` see to that themselves.
    private static let taken: [Command?: (options: Set<String>, isWordy: Bool)] = [
        nil: ([], false),
        .listen: (["--admin"], true),
        .check: (["--connect"], false),
        .usage: (["--by", "--from", "--to", "--key", "--user", "--all", "--json", "--csv"], false),
        .log: (["--keep"], true),
        .translate: (
            ["--from", "--to", "--quirk", "--reply", "--stream", "--request", "--explain", "--strict"], false
        ),
        .dialects: (["--from", "--to", "--quirk", "--mdoc"], false),
    ]

    /// What would not be heeded is a mistake: a person who filters by a word that is not looked at is misled.
    private func checkStrays() throws(Wrong) {
        guard let (options, isWordy) = Options.taken[command] else { return }
        let given = flags.union(values.keys).union(quirks.isEmpty ? [] : ["--quirk"])
        let place = command.map { "to \($0.rawValue)" } ?? "here"
        if let stray = given.subtracting(options).subtracting(["--state"]).min() {
            throw Wrong(message: "\(stray) does not belong \(place)")
        }
        if flags.isSuperset(of: ["--json", "--csv"]) {
            throw Wrong(message: "--json and --csv exclude each other")
        }
        if !isWordy, let word = arguments.first, let command {
            throw Wrong(message: "\(command.rawValue) takes no word such as '\(word)'")
        }
    }

    /// What was probably meant by a word that is none of the known.
    private static func hint(_ word: String, _ known: some Sequence<String>) -> String {
        suggestion(for: word, among: Array(known)).map { ": did you mean \($0)?" } ?? ""
    }

    private mutating func take(_ argument: String, _ rest: inout ArraySlice<String>) throws(Wrong) {
        if Options.alone.contains(argument) {
            flags.insert(argument)
        } else if Options.valued.contains(argument) {
            values[argument] = try Options.value(of: argument, &rest)
        } else if argument.hasPrefix("-"), argument != "-" {
            let hint = Options.hint(argument, Options.alone.union(Options.valued))
            throw Wrong(message: "unknown option \(argument)\(hint)")
        } else if command == nil {
            guard let known = Command(rawValue: argument) else {
                throw Wrong(
                    message:
                        "unknown command \(argument)\(Options.hint(argument, Command.allCases.map(\.rawValue)))"
                )
            }
            command = known
        } else {
            self.arguments.append(argument)
        }
    }

    private static func value(of flag: String, _ rest: inout ArraySlice<String>) throws(Wrong) -> String {
        guard let value = rest.popFirst() else { throw Wrong(message: "\(flag) needs a value") }
        return value
    }

    /// The command line under which another image looks at the configuration that this one serves with.
    var forCheck: [String] {
        (config.map { ["-c", $0] } ?? []) + sets.flatMap { ["--set", $0] }
            + (envFile.map { ["--env", $0] } ?? [])
            + [Command.check.rawValue]
    }

    static let help = """
        edgefilter - lets any LLM client talk to any LLM provider

        usage: edgefilter [OPTION]...                                  serve what was handed over:
                   a connected socket, listening sockets (LISTEN_FDS), or a pipe on standard input
               edgefilter listen [--admin ADDRESS:PORT | /PATH] [ADDRESS:PORT | /PATH]...
                                                                       listen ourselves
               edgefilter check [--connect]                            show the effective configuration
               edgefilter users add NAME [--email E] | list [--all] | remove NAME
               edgefilter keys issue --user NAME --name LABEL [--expires 90d] [--models A,B*] [--rpm N]
                   [--tpd N] [--default-model M] [--count N] | list [--user NAME] [--all]
                   | revoke ID... | limit ID ...                       users and keys: also --json
               edgefilter usage [--by key|user|model|endpoint|upstream|day[,...]] [--from DAY] [--to DAY]
                   [--key ID] [--user NAME] [--all] [--json | --csv]    what was used
               edgefilter log verify | log prune [--keep 90d]          prove the log, keep it short
               edgefilter translate --from DIALECT --to DIALECT [--quirk NAME]... [--strict] [--explain]
                   < request          what an upstream would be sent, and on standard error what is lost
               edgefilter translate --reply [--stream] [--request FILE] ... < answer      what the caller gets
               edgefilter dialects [--from DIALECT] [--to DIALECT [--quirk NAME]...]  what arrives where
               edgefilter -h, --help | -V, --version

        Options, before a command or behind it:
          -c, --config FILE    the configuration        --set KEY=VALUE   one setting of it
          --env FILE           variables from a file    --state DIR       where the records and keys are
          -p, --port PORT, --host HOST                  where to listen, with Relay Bartender's file

        Try it:  edgefilter listen 127.0.0.1:8000
                 curl -N http://127.0.0.1:8000/v1/chat/completions -d \\
                   '{"model":"echo","stream":true,"messages":[{"role":"user","content":"hello there"}]}'
        Manual:  man 8 edgefilter, edgefilter-keys, edgefilter-log; man 5 edgefilter.yaml
        """
}
