// SPDX-License-Identifier: MIT

/// A conversation that its provider holds, as it is remembered from one request to the next.
package struct Dialogue: Equatable, Sendable {
    /// Its name among ours, which callers give back; empty: nobody is told of it.
    package var name = ""
    /// The provider's name for it; empty: the provider has none yet.
    package var chat = ""
    /// The model that answers in it, in the provider's words; empty: that is not sure.
    package var model = ""
    /// The provider's name for its last answer; empty: there was none, or it had no name.
    package var receipt = ""
    /// Whether the provider was told that this answer was taken.
    package var isSettled = true
    /// Whether the provider knows what was said before this request.
    package var isResumed = false

    package init(name: String = "") { self.name = name }
}

/// The way through one conversation that takes more than one call: it says which comes next, and is told what
/// came of it.
///
///     course = *errand conversation [ settlement ]
///
/// A machine: it calls nobody. The conversation itself is written by `ProviderSide.writeRequest`, whose
/// request bears the dialogue.
package protocol Course: Sendable {
    /// What is to be remembered.
    var dialogue: Dialogue { get }
    /// The next call before the conversation; nil: that can be had now.
    func next() -> Errand?
    /// What came of the call that `next` said; a throw ends the request.
    mutating func take(status: Int, body: [UInt8]) throws(Failure)
    /// Whether the conversation can be had though this call came to nothing.
    mutating func forgive(_ failure: Failure) -> Bool
    /// Whether another errand may mend a failure of the conversation, of which nothing was passed on; once.
    mutating func mend(after failure: Failure) -> Bool
    /// The answer bears this name; the dialogue is not settled from now on.
    mutating func note(receipt: String)
    /// The call after the answer; nil: none is needed.
    func settlement() -> Errand?
    /// The settlement was made.
    mutating func settle()
}

/// A provider that holds conversations itself: the calls that it wants for one, and for its models.
package protocol DialogueSide: Sendable {
    /// The call that lists its models.
    func inquiry(_ provider: Provider) -> Errand
    /// Its models, by the answer to that call; nil: it is no such list.
    ///
    /// `created`: seconds since 1970, what callers are told of when the models were made.
    func readCatalogue(_ body: [UInt8], created: Int) -> Catalogue?
    /// What is told when there is no such list.
    func stopgap(created: Int) -> Catalogue
    /// Whether the list must be known before this request can go on.
    func needsCatalogue(for request: Request) -> Bool
    /// The way through one request.
    ///
    /// `models`: the answer to `inquiry`, nil: there is none.
    func course(
        for request: Request, in dialogue: Dialogue, models: [UInt8]?, _ provider: Provider
    ) -> any Course
}
