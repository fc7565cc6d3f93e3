// SPDX-License-Identifier: MIT

/// What is written down, and for how long.
package struct Log: Equatable, Sendable {
    /// From the gravest on; a level shows itself and what is graver.
    package enum Level: String, CaseIterable, Sendable { case error, warning, notice, info, debug }

    /// How a caller's key appears in the request log.
    package enum KeyHash: String, CaseIterable, Sendable {
        /// The start of its SHA-256.
        case sha256
        /// The start of its HMAC-SHA-256 under the machine's pepper.
        case hmac
        /// The first 8 hex digits of its MD5, as the DashScope gateway writes it.
        case md5 = "md5-8"
    }

    /// The gravity from which diagnostics are written.
    package var level = Level.info
    /// How the request log names a caller's key.
    package var keyHash = KeyHash.sha256
    /// Whether bodies are logged, both ways.
    package var bodies = false
    /// How long request records are kept, at least `shortestKeep`.
    package var keep: Milliseconds = 90 * 86_400_000
    /// Where diagnostics go instead of standard error.
    package var file: String?

    // Relay Bartender's `logging`: each off unless the file asks for it.
    /// Whether a caller's header fields are logged.
    package var requestHeaders = false
    /// Whether a caller's body is logged.
    package var requestBody = false
    /// Whether an answer's header fields are logged.
    package var responseHeaders = false
    /// Whether an answer's body is logged.
    package var responseBody = false
    /// The bytes of a body that are logged at most.
    package var maxBodyLength = 2000

    /// A day: a record of a request that just ended may still be written to its day.
    package static let shortestKeep: Milliseconds = 86_400_000

    /// The defaults; change what differs.
    package init() {}
}

let logWords: [Keyword<Log>] = [
    .word("level", \.level),
    .word("key_hash", \.keyHash),
    .flag("bodies", \.bodies),
    Keyword("keep") { node, log, reader in
        if let keep = reader.keep(node) { log.keep = keep }
    } write: {
        Quantity.time.text($0.keep)
    },
    .text("file", \.file),
    .flag("request_headers", \.requestHeaders),
    .flag("request_body", \.requestBody),
    .flag("response_headers", \.responseHeaders),
    .flag("response_body", \.responseBody),
    .count("max_body_length", \.maxBodyLength, 0...(1 << 30)),
    // Relay Bartender's, which could log keys. It stands for what is done in any case, and no other word is taken.
    Keyword("mask_sensitive") { node, _, reader in
        guard reader.flag(node) == false else { return }
        reader.complain(
            node.place, "keys and secret fields are masked in any case: leave it out, or write true")
    } write: { _ in
        nil
    },
]

extension Reader {
    /// How long records are kept.
    mutating func keep(_ node: Node) -> Milliseconds? {
        guard let keep = time(node) else { return nil }
        if keep >= Log.shortestKeep { return keep }
        complain(node.place, "records are kept for a day at least: expected 1d or more")
        return nil
    }
}
