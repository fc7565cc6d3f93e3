// SPDX-License-Identifier: MIT

/// An item of a provider's answer.
struct Slot {
    enum Kind: Equatable {
        case message, reasoning
        /// A call that goes on as it comes.
        case call(isCustom: Bool)
        /// A call that cannot go on yet: it has no name, or stands for several.
        case unnamed(isCustom: Bool)
        /// None of ours.
        case foreign
    }

    var kind: Kind
    /// The item of the reply that it makes at the moment.
    var open: Int?
    /// What that is of, and which part of it.
    var words: EventMeaning.Words?
    var part = -1
    /// The words that parts had.
    var said: [Int: Said] = [:]
    /// What waits.
    var buffer = ""
    var citations = 0
    var isDone = false
    /// A call's, as it came.
    var callID = ""
}
