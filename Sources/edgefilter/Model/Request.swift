// SPDX-License-Identifier: MIT

package import JSON

/// What a caller asks for, freed of its dialect.
package struct Request: Equatable, Sendable {
    /// The name of the dialect it was read from; empty: none.
    ///
    /// Only that dialect gets its unknown `extras` back.
    package var dialect = ""
    /// The model's name as the caller wrote it.
    package var model: String
    /// The conversation, oldest first; never empty after reading.
    package var turns: [Turn]
    /// What the model may call.
    package var tools: [Tool] = []
    /// Whether and what it must call; nil: the caller left it open.
    package var toolChoice: ToolChoice?
    /// Whether it may call several tools at once; nil: the caller left it open.
    package var allowsParallelCalls: Bool?
    /// The most tokens the answer may have, reasoning included; nil: the caller left it open.
    package var outputLimit: Int?
    /// Numbers that steer the choice of words.
    package var sampling = Sampling()
    /// Strings at which the answer ends.
    package var stops: [String] = []
    /// The form the answer must have; nil: text.
    package var format: Format?
    /// How much the model shall think; nil: the caller left it open.
    package var thinking: Thinking?
    /// Who the caller's own user is, as an opaque text.
    package var user: String?
    /// What the caller is ready to pay: the words of its dialect, carried between dialects that share them.
    package var tier: Tier?
    /// Whether the answer is to arrive piece by piece.
    package var isStreamed: Bool
    /// Whether a streamed answer ends with its usage.
    package var wantsUsage: Bool
    /// Members that only look-alikes or the same dialect understand, as they came.
    package var extras: [Extra] = []
    /// What the caller set that not every dialect carries, and members unknown to its own.
    package var mentions = Mentions()
    /// What a provider would refuse the conversation for: a call without its result, or a result without its
    /// call.
    package var unpaired: Failure?
    /// What refusals of its provider asked to be done otherwise, in words of the provider's dialect.
    package var amends: [String] = []
    /// The length of the request in the caller's words, in bytes.
    package var size = 0
    /// The conversation that the provider holds, where it holds them.
    package var dialogue: Dialogue?

    package init(model: String, turns: [Turn], isStreamed: Bool, wantsUsage: Bool) {
        self.model = model
        self.turns = turns
        self.isStreamed = isStreamed
        self.wantsUsage = wantsUsage
    }
}

/// Numbers that steer the choice of words; nil: the provider's own.
package struct Sampling: Equatable, Sendable {
    /// Numbers keep the caller's spelling: `0.10` stays `0.10`.
    package var temperature: String?
    /// The share of likely tokens that is drawn from, 0 to 1.
    package var topP: String?
    /// How many tokens are drawn from.
    package var topK: Int?
    /// What makes an answer come again.
    package var seed: Int?
    /// How much words are shunned the more often they came, -2 to 2.
    package var frequencyPenalty: String?
    /// How much words are shunned that came at all, -2 to 2.
    package var presencePenalty: String?
    /// How many answers; more than one only OpenAI's dialect knows.
    package var count: Int?
    /// Whether the answer bears the probabilities of its tokens.
    package var logprobs: Bool?
    /// How many rivals of each token are told.
    package var topLogprobs: Int?

    package init() {}
}

/// How much the model thinks before it answers.
package struct Thinking: Equatable, Sendable {
    /// How hard, in the order of effort.
    package enum Effort: String, Sendable, CaseIterable {
        case none, minimal, low, medium, high, xhigh, max

        /// The level that a budget of so many tokens stands for.
        package init(budget: Int) {
            switch budget {
            case ..<4_096: self = .low
            case ..<16_384: self = .medium
            default: self = .high
            }
        }
    }

    /// Whether the caller sees the thoughts.
    package enum Display: String, Sendable {
        case summarized, omitted
    }

    /// nil: the caller named no effort.
    package var effort: Effort?
    /// Tokens for it; nil: the model's choice.
    package var budget: Int?
    /// Whether thinking is asked for at all; false: switched off.
    package var isOn: Bool
    /// nil: the caller left it open.
    package var display: Display?

    package init(isOn: Bool = true, effort: Effort? = nil, budget: Int? = nil, display: Display? = nil) {
        self.isOn = isOn
        self.effort = effort
        self.budget = budget
        self.display = display
    }
}

/// The form an answer must have.
package enum Format: Equatable, Sendable {
    /// Any JSON object.
    case object
    case schema(Schema)

    /// A JSON Schema that the answer obeys.
    package struct Schema: Equatable, Sendable {
        /// nil: the caller's dialect has no name for it.
        package var name: String?
        /// What it is for, as the model is told.
        package var description: String?
        /// JSON Schema; nil: only its name was given.
        package var schema: Value?
        /// Whether the answer must obey it to the letter; nil: the caller left it open.
        package var isStrict: Bool?

        package init(name: String? = nil, description: String? = nil, schema: Value?, isStrict: Bool? = nil) {
            self.name = name
            self.description = description
            self.schema = schema
            self.isStrict = isStrict
        }
    }
}

/// How urgent a call is, as far as two dialects agree.
package enum Tier: Equatable, Sendable {
    case automatic, standard
    /// A word of one dialect alone.
    case other(String)
}

/// A member that came with a request and has no place in the canonical form.
package struct Extra: Equatable, Sendable {
    /// As it was written.
    package var name: String
    /// As it was written.
    package var value: Value

    package init(name: String, value: Value) {
        self.name = name
        self.value = value
    }
}
