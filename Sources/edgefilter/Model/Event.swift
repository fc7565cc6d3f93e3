// SPDX-License-Identifier: MIT

/// One step of a reply, the only form of a reply inside.
///
///     reply = begin item* usage? end | begin? item* failure
///     item  = open delta* close
///
/// Items come one after the other; of one that a failure cuts off the close is missing. A whole answer is the
/// fold of its events, so whole and streamed come from one code path.
package enum Event: Equatable, Sendable {
    case begin(Beginning)
    case open(Item)
    case delta(Delta)
    case close
    case usage(Usage)
    case end(Ending)
    case failure(Failure)
}

/// What is known of a reply before its first word.
package struct Beginning: Equatable, Sendable {
    /// The provider's name for the answer; empty: it gave none.
    package var id: String
    /// The model that answers, in the provider's words; empty: it did not say.
    package var model: String
    /// What the provider said of the request's cost before its answer.
    package var usage: Usage?

    package init(id: String = "", model: String = "", usage: Usage? = nil) {
        self.id = id
        self.model = model
        self.usage = usage
    }
}

/// What an item of a reply is.
package enum Item: Equatable, Sendable {
    case text
    case reasoning
    /// Sealed thoughts, whole.
    case redacted(String)
    /// A call; `id` is never empty. Of a custom tool the deltas are its free text.
    case call(id: String, name: String, isCustom: Bool)
    case refusal
}

/// A piece of an item.
package enum Delta: Equatable, Sendable {
    /// Of text, thoughts, a refusal; of a call its arguments. Never empty.
    case text(String)
    /// What the maker of these thoughts wants back; once, and last.
    case seal(String)
    /// Where the text came from; after the text.
    case citation(Citation)
    /// The elements of an array of token probabilities, as JSON text without the brackets.
    case logprobs(String)
}

/// Where a text came from.
package struct Citation: Equatable, Sendable {
    /// The address.
    package var url: String
    /// The title of what is there; empty: it was not told.
    package var title: String

    package init(url: String, title: String) {
        self.url = url
        self.title = title
    }
}

/// Why a reply ended.
package enum Stop: String, Sendable {
    case finished, length, toolCall = "tool_call", filtered
    /// At one of the caller's strings.
    case sequence = "stop_sequence"
}

/// The end of a reply.
package struct Ending: Equatable, Sendable {
    /// Why.
    package var stop: Stop
    /// The caller's string at which it ended, where that is known.
    package var sequence: String?
    /// Why it was refused, where the provider gave a reason.
    package var explanation: String?

    package init(_ stop: Stop, sequence: String? = nil, explanation: String? = nil) {
        self.stop = stop
        self.sequence = sequence
        self.explanation = explanation
    }
}
