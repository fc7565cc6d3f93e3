// SPDX-License-Identifier: MIT

import Model

/// The engine's spellings.
///
///     request = { "content": string, "model": string? }
///     chunk   = { id, model, created, system_fingerprint, choices: [ { delta: { role, content }, finish_reason } ] }
///     failure = { "error": string / { message, type, code } }
enum Names {
    static let dialect = "cyber"

    /// The one model that is documented.
    static let model = "ena-test"

    /// Whose it is, and since when, as Cyber-OpenAI tells of it.
    static let owner = "organization-owner"
    static let created = 1_686_935_002

    static let content = "content"
    static let modelMember = "model"

    /// What the engine says at an answer's end.
    static let stops: [String: Stop] = [
        "stop": .finished, "length": .length, "content_filter": .filtered,
    ]

    /// Reasons that are none, where others write null: the answer goes on.
    static let unfinished: Set = ["", "null"]

    /// Nobody calls in this dialect, so nothing is relayed in it.
    static let landmarks = Landmarks(reply: [], endMark: [], stops: stops)
}
