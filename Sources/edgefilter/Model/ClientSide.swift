// SPDX-License-Identifier: MIT

package import HTTP

/// The side of a dialect that faces callers.
///
/// Reads are foreign to canonical, writes canonical to foreign; no I/O, no clock.
package protocol ClientSide: Sendable {
    /// The dialect's name.
    var name: String { get }
    /// Every member of a request that the dialect knows, and what of it not every dialect carries.
    var members: [RequestMember] { get }
    /// Whether a request on this path carries a conversation that `readRequest` understands.
    func isConversation(path: String) -> Bool
    /// Whether a POST on this path asks how many tokens a conversation has.
    func isCount(path: String) -> Bool
    /// Whether a POST on this path names a model in its body.
    func bearsModel(path: String) -> Bool
    /// Whether the body of a POST on this path, which names a model, may be a form.
    func takesForm(path: String) -> Bool
    /// Members of requests that name something which the provider keeps in the account that it bills, as paths of
    /// `Watch.Plan`.
    ///
    /// Where other paths go on from one, an object or array there names nothing itself.
    var kept: [[String]] { get }
    /// The list whose items may be such names; nil: there is none.
    var keptItems: KeptItems? { get }
    /// Whether a stream on this path says when it is complete; one that does not say so then was cut off.
    func marksEnd(path: String) -> Bool
    /// The path of the list of models; one model is below it.
    var modelsPath: String { get }
    /// The field by which an answer names its request.
    var requestIDField: String { get }
    /// Whether its answers have a place for the name of a conversation that the provider holds.
    var tellsDialogues: Bool { get }
    /// The fields of an answer that tell where its caller stands with a limit.
    func quotaFields(_ kind: Quota.Kind, _ quota: Quota) -> [(name: String, value: String)]
    /// What the names of all such fields begin with, in lower case.
    var quotaPrefix: String { get }

    /// What the fields of a request's head ask for that its body does not show.
    func mentions(in fields: Fields) -> [Mentions.Mention]
    /// A request's body; a throw is the caller's mistake and names the member by its path.
    func readRequest(_ body: [UInt8]) throws(Failure) -> Request
    /// The body of a count of tokens: what `readRequest` reads, but for members that only an answer needs.
    func readCount(_ body: [UInt8]) throws(Failure) -> Request
    /// Whether `mend` ever changes anything, so that a relay must hold the body of a conversation.
    var isMending: Bool { get }
    /// What a relay to a provider of the same dialect must change in a body; nil: nothing, as nearly always.
    func mend(_ body: [UInt8]) -> (body: [UInt8], losses: [Loss])?

    /// How embeddings are asked for and told; nil: nobody asks for them in this dialect.
    var embeddings: (any EmbeddingsClient)? { get }

    /// A writer of the reply to one request.
    func replyWriter(for request: Request, id: String, created: Int) -> any ReplyWriter
    /// The answer to a count of tokens.
    func writeCount(_ tokens: Int, to bytes: inout [UInt8])
    /// The status with which this dialect tells a failure.
    func status(of failure: Failure) -> Int
    /// The body of an answer that is only an error; `id` names the request.
    func writeFailure(_ failure: Failure, id: String, to bytes: inout [UInt8])
    /// The end of a relayed stream that fails after its head is out: the error as an event, and what closes a
    /// stream.
    func writeFailureEvent(_ failure: Failure, to bytes: inout [UInt8])
    /// Something a streaming caller ignores, that keeps proxies and its own watchdogs quiet.
    func writePing(to bytes: inout [UInt8])
    /// The list of models.
    func writeModels(_ catalogue: Catalogue, to bytes: inout [UInt8])
    /// One model.
    func writeModel(_ offer: Catalogue.Offer, to bytes: inout [UInt8])
}

extension ClientSide {
    /// A dialect whose bodies show all.
    package func mentions(in fields: Fields) -> [Mentions.Mention] { [] }
    /// A dialect that takes JSON alone.
    package func takesForm(path: String) -> Bool { false }
    /// A dialect that counts no tokens.
    package func isCount(path: String) -> Bool { false }
    /// A dialect without such a list.
    package var keptItems: KeptItems? { nil }
    /// The field of most APIs.
    package var requestIDField: String { "x-request-id" }
    /// A dialect without a place for it.
    package var tellsDialogues: Bool { false }
    /// A count asks as a conversation does.
    package func readCount(_ body: [UInt8]) throws(Failure) -> Request { try readRequest(body) }
    /// A dialect whose bodies are relayed as they are.
    package var isMending: Bool { false }
    /// Nothing changes.
    package func mend(_ body: [UInt8]) -> (body: [UInt8], losses: [Loss])? { nil }
    /// A dialect without embeddings.
    package var embeddings: (any EmbeddingsClient)? { nil }
    /// A dialect that counts no tokens.
    package func writeCount(_ tokens: Int, to bytes: inout [UInt8]) {}
    /// The list of models of which nothing is known but their names.
    package func writeModels(_ names: [String], to bytes: inout [UInt8]) {
        writeModels(Catalogue(names.map { Catalogue.Offer($0) }), to: &bytes)
    }
    /// One of them.
    package func writeModel(_ name: String, to bytes: inout [UInt8]) {
        writeModel(Catalogue.Offer(name), to: &bytes)
    }
    /// The status of its kind.
    package func status(of failure: Failure) -> Int { failure.status }
}

/// Writes a reply in the caller's dialect, streamed or whole.
package protocol ReplyWriter: Sendable {
    /// Appends what the caller sees of one step of a stream.
    mutating func write(_ event: Event, to bytes: inout [UInt8])
    /// Appends a whole answer.
    mutating func write(_ reply: Reply, to bytes: inout [UInt8])
    /// What the writer found wrong with the reply itself (arguments that are no JSON, after some were sent):
    /// it has written the failure, and nothing may follow.
    var failure: Failure? { get }
}

extension ReplyWriter {
    /// A writer that finds nothing wrong.
    package var failure: Failure? { nil }
}
