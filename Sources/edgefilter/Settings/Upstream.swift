// SPDX-License-Identifier: MIT

/// A provider, or a look-alike of one, and how to call it.
package struct Upstream: Equatable, Sendable {
    /// The operator's name for it.
    package var name: String
    /// A name of the table of dialects.
    package var dialect: String
    /// What a call's path is appended to; nil for `echo` alone.
    ///
    /// For `openai` and `responses` its path is never empty: `/v1` where the operator wrote none. For
    /// `anthropic` it ends in `/v1`, for `dashscope` in `/api/v1`.
    package var base: URL?
    /// What authorises a call.
    package var key: Key
    /// Who may look into the account that the key opens.
    package var account: Account
    /// Names of presets and single flags, unchecked: the dialect knows them.
    package var quirks: [String]
    /// Added to every call, in the order of the file.
    package var headers: [Header]
    /// How long each phase of a call may take.
    package var timeout: Timeout
    /// Further tries when nothing of an answer was seen.
    package var retries: Int
    /// Whether `http` to a public host was asked for.
    package var plain: Bool

    /// An upstream of values that are taken as they are.
    package init(
        name: String,
        dialect: String = "openai",
        base: URL? = nil,
        key: Key = .caller,
        account: Account = .local,
        quirks: [String] = [],
        headers: [Header] = [],
        timeout: Timeout = Timeout(),
        retries: Int = 1,
        plain: Bool = false
    ) {
        self.name = name
        self.dialect = dialect
        self.base = base
        self.key = key
        self.account = account
        self.quirks = quirks
        self.headers = headers
        self.timeout = timeout
        self.retries = retries
        self.plain = plain
    }
}

/// Who may look into the account that an upstream's key of the operator's opens: files, batches, stored answers, and
/// whatever else does not go by the model that a request names.
package enum Account: String, CaseIterable, Sendable {
    /// Nobody.
    case closed
    /// Callers without a key whom promise 8 serves because they are on this machine.
    case local
    /// Whoever may use the upstream.
    case open
}

/// How long a call may take; 0 is without end.
package struct Timeout: Equatable, Sendable {
    /// Name, connection and TLS.
    package var connect: Milliseconds
    /// From the request's last byte to the answer's first.
    package var firstByte: Milliseconds
    /// Between two bytes of the answer.
    package var silence: Milliseconds
    /// From beginning to end.
    package var total: Milliseconds

    /// Times that are taken as they are.
    package init(
        connect: Milliseconds = 10_000,
        firstByte: Milliseconds = 600_000,
        silence: Milliseconds = 300_000,
        total: Milliseconds = 0
    ) {
        self.connect = connect
        self.firstByte = firstByte
        self.silence = silence
        self.total = total
    }
}

let timeoutWords: [Keyword<Timeout>] = [
    .time("connect", \.connect),
    .time("first_byte", \.firstByte),
    .time("silence", \.silence),
    .time("total", \.total),
]

/// A header field of the operator's; prints its name alone, since the value may be a secret.
package struct Header: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
    /// A token of RFC 9110, section 5.6.2.
    package var name: String
    /// Without control characters.
    package var value: String
    /// Where it came from, as a secret's source; nil: it stands in the file.
    package var source: String?

    /// A field of values that are taken as they are.
    package init(name: String, value: String, source: String? = nil) {
        self.name = name
        self.value = value
        self.source = source
    }

    /// The name and asterisks.
    package var description: String { "\(name): ***" }
    /// The name alone.
    package var customMirror: Mirror { Mirror(self, children: ["name": name]) }

    /// Whether the value is a secret: it comes from where secrets are, or has the name of one.
    package var isSensitive: Bool { source != nil || Header.isSensitive(name) }

    /// Whether a field's value would be a secret by the name's looks.
    package static func isSensitive(_ name: String) -> Bool {
        let name = name.lowercased()
        return ["*auth*", "*key*", "*token*", "*secret*", "*cookie*", "*passw*"].contains {
            matches($0, name)
        }
    }
}

/// The dialects that an upstream may speak, by name.
let dialects = ["openai", "anthropic", "responses", "dashscope", "anuneko", "cyber", "echo"]
