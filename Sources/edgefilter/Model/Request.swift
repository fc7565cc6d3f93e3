// SPDX-License-Identifier: MIT

/// What a caller asks for, freed of its dialect.
package struct Request: Equatable, Sendable {
    /// The model's name as the caller wrote it.
    package var model: String
    /// The conversation, oldest first.
    package var turns: [Turn]
    /// Whether the answer is to arrive piece by piece.
    package var isStreamed: Bool
    /// Whether a streamed answer ends with its usage.
    package var wantsUsage: Bool

    package init(model: String, turns: [Turn], isStreamed: Bool, wantsUsage: Bool) {
        self.model = model
        self.turns = turns
        self.isStreamed = isStreamed
        self.wantsUsage = wantsUsage
    }
}

/// One contribution to the conversation.
package struct Turn: Equatable, Sendable {
    /// Who speaks.
    package enum Role: Sendable { case system, user, assistant, tool }

    package var role: Role
    /// Its text, parts joined.
    package var text: String

    package init(role: Role, text: String) {
        self.role = role
        self.text = text
    }
}
