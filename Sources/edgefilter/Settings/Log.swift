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
    /// How long request records are kept.
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
    /// Whether what looks like a secret is masked in logged headers and bodies; keys are, whatever this says.
    package var maskSensitive = true

    /// The defaults; change what differs.
    package init() {}
}

let logWords: [Keyword<Log>] = [
    .word("level", \.level),
    .word("key_hash", \.keyHash),
    .flag("bodies", \.bodies),
    .time("keep", \.keep),
    .text("file", \.file),
    .flag("request_headers", \.requestHeaders),
    .flag("request_body", \.requestBody),
    .flag("response_headers", \.responseHeaders),
    .flag("response_body", \.responseBody),
    .count("max_body_length", \.maxBodyLength, 0...(1 << 30)),
    .flag("mask_sensitive", \.maskSensitive),
]
