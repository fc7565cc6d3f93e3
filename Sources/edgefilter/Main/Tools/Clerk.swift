// SPDX-License-Identifier: MIT

import Glibc
import JSON
import KeyLog
import Unix

/// What the tools `users` and `keys` have in common: the store, the command line, and how things are said.
struct Clerk {
    let options: Options
    let store: KeyStore
    let now = Moment.now().seconds
    var isJSON: Bool { options.flags.contains("--json") }

    init(_ options: Options) {
        guard let state = options.values["--state"] ?? stateDirectory() else {
            die(Exit.system, "there is no state directory; set STATE_DIRECTORY, or name one with --state")
        }
        self.options = options
        store = KeyStore(directory: state)
    }

    /// Sees that a command got what it takes: so many words, and no other option.
    func expect(_ words: ClosedRange<Int>, _ usage: String, _ allowed: Set<String> = []) {
        let given = options.flags.union(options.values.keys).subtracting(allowed)
            .subtracting(["--json", "--state"])
        if let stray = given.min() { die(Exit.usage, "\(stray) does not belong here; usage: \(usage)") }
        guard words.contains(options.arguments.count - 1) else { die(Exit.usage, "usage: \(usage)") }
    }

    /// A user by name or else by number.
    func user(_ word: String) throws(KeyLogError) -> User {
        let found = try look { () throws(Errno) -> User? in
            if let user = try store.user(named: word) { return user }
            return try Int(word).flatMap { id throws(Errno) in try store.user(id) }
        }
        guard let found, !found.isRemoved else {
            die(Exit.usage, "there is no user \(shown(word)); add one with: edgefilter users add NAME")
        }
        return found
    }

    /// A key by number.
    func grant(_ word: String) throws(KeyLogError) -> Grant {
        guard let id = Int(word) else {
            die(Exit.usage, "\(shown(word)) is no key's number; see edgefilter keys list")
        }
        guard let grant = try look({ () throws(Errno) -> Grant? in try store.grant(id) }) else {
            die(Exit.usage, "there is no key \(id); see edgefilter keys list")
        }
        return grant
    }

    func look<T>(_ look: () throws(Errno) -> T) throws(KeyLogError) -> T {
        do throws(Errno) { return try look() } catch { throw .system(error) }
    }

    /// Does it, or says why not, and what to do.
    func run(_ work: () throws(KeyLogError) -> Void) {
        do throws(KeyLogError) {
            try work()
            // Whoever asked has the answer; this may take a while.
            store.tend()
        } catch {
            if case .system(let cause) = error {
                die(Exit.system, "\(store.directory): \(cause)\(advice(cause))")
            }
            let isFull = error == .noRoom
            die(isFull ? Exit.system : Exit.usage, isFull ? "\(store.directory): \(error)" : "\(error)")
        }
    }
}

/// What to do where a state directory refuses, as the end of a sentence to whoever called a tool.
func advice(_ cause: Errno) -> String {
    switch cause.number {
    case EACCES, EPERM: "; run it as root or as the user of the service"
    case ENOENT, ENOTDIR: "; name the service's state directory with --state"
    case EROFS: "; the directory must be writable"
    case EINVAL, ELOOP, EISDIR: "; a plain file belongs there"
    default: ""
    }
}

/// Standard output, for what may be long.
struct Printer {
    private var buffer = Buffer()
    /// Whether all of it was taken so far.
    private(set) var isTaken = true

    mutating func line(_ text: String) {
        buffer.append(text.utf8)
        buffer.append("\n".utf8)
        if buffer.count > 1 << 16 { flush() }
    }

    mutating func line(_ writer: Writer) { line(String(decoding: writer.bytes, as: UTF8.self)) }

    mutating func flush() {
        put(&buffer, to: 1)
        isTaken = isTaken && buffer.isEmpty
        buffer.drop(buffer.count)
    }
}

/// A text without what would move a terminal's cursor.
func shown(_ text: String) -> String {
    String(
        String.UnicodeScalarView(
            text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
}
