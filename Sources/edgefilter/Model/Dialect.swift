// SPDX-License-Identifier: MIT

package import HTTP

/// A provider's wire language: a name, the side that faces callers, the side that faces a provider.
///
/// A class, since it is passed on for every request and never changes; so are its parts.
package final class Dialect: Sendable {
    /// As in the operator's file.
    package let name: String
    /// How its callers are read and answered; nil: nobody calls in it.
    package let client: (any ClientSide)?
    /// How a provider of it is called; nil: none exists.
    package let upstream: UpstreamSide?

    package init(name: String, client: (any ClientSide)? = nil, upstream: UpstreamSide? = nil) {
        self.name = name
        self.client = client
        self.upstream = upstream
    }
}

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

/// The side of a dialect that faces a provider.
package enum UpstreamSide: Sendable {
    /// A provider over HTTP.
    case http(HTTPSide)
    /// A provider inside this program: it makes the events of a reply.
    case embedded(any EmbeddedSide)
}

/// A provider over HTTP: what the relay must know of it, and how callers of other dialects talk to it.
package final class HTTPSide: Sendable {
    /// Where in requests and replies a relay finds what it needs.
    package let landmarks: Landmarks
    /// The header field that carries a key: name, and what stands before the key.
    package let keyField: (name: String, prefix: String)
    /// Readers and writers.
    package let provider: any ProviderSide
    /// How a conversation reaches it.
    package let transport: Transport
    /// The models of a provider that has no list; empty: it has one.
    package let models: [Catalogue.Offer]
    /// How a conversation is had that takes more than one call; nil: one call is all it takes.
    package let dialogues: (any DialogueSide)?

    package init(
        landmarks: Landmarks, keyField: (name: String, prefix: String), provider: any ProviderSide,
        transport: Transport = .http, models: [Catalogue.Offer] = [],
        dialogues: (any DialogueSide)? = nil
    ) {
        self.landmarks = landmarks
        self.keyField = keyField
        self.provider = provider
        self.transport = transport
        self.models = models
        self.dialogues = dialogues
    }
}

/// How a conversation reaches a provider.
package enum Transport: Sendable {
    /// As a request of HTTP, and its answer.
    case http
    /// Over WebSocket (RFC 6455): what `writeRequest` writes is sent as one text message, and each text
    /// message that comes is an event without a name.
    ///
    /// No key goes in a field: `token` follows the path, percent-encoded.
    case webSocket
}

/// The side of a dialect that faces a provider over HTTP.
package protocol ProviderSide: Sendable {
    /// The names of flags and presets that the operator may give an upstream.
    var quirks: QuirkTable { get }
    /// What becomes of each feature of a request.
    func coverage(of feature: Feature, _ provider: Provider) -> Coverage
    /// Where a conversation goes, as `/v1/…`: what follows `/v1` is appended to the upstream's base.
    func path(of request: Request, _ provider: Provider) -> String
    /// Whether the answer is asked for as a stream, which its caller need not want.
    func isStreamed(_ request: Request, _ provider: Provider) -> Bool
    /// What names caller and conversation in the path of a conversation over WebSocket; a throw is the
    /// caller's mistake.
    func token(for identity: Identity, _ provider: Provider) throws(Failure) -> String
    /// Fields that a conversation's call bears beside content type and key.
    func fields(of request: Request, _ provider: Provider) -> [(name: String, value: String)]
    /// The request in the provider's words; `request.model` is the name to ask for.
    ///
    /// A throw is something that this provider cannot be asked for, with the member of the caller's request.
    func writeRequest(
        _ request: Request, for provider: Provider, to bytes: inout [UInt8]
    ) throws(Failure) -> Outgoing
    /// A reader of the reply to a request that was written so.
    func replyReader(for request: Request, _ outgoing: Outgoing, _ provider: Provider) -> any ReplyReader
    /// An answer of 400 or above.
    func readFailure(status: Int, body: [UInt8], _ provider: Provider) -> Failure
    /// The names in a list of models; nil: it is none.
    func readModels(_ body: [UInt8]) -> [String]?
    /// The models that are known without asking, of a provider that has no list; nil: it has one.
    func ownModels(_ provider: Provider) -> [String]?
    /// The model that stands in for one of whose name the provider knows nothing; nil: the caller's name goes
    /// out.
    func standIn(for model: String, _ provider: Provider) -> String?
    /// How it makes embeddings for callers of other dialects; nil: it does not.
    var embeddings: (any EmbeddingsProvider)? { get }
    /// Changes what a refusal names as the one thing to change, so that one more try makes sense; false: no.
    ///
    /// What has no place in a request it adds to `Request.amends`; what was changed there holds for later
    /// requests of the same model on the same connection.
    func amend(_ request: inout Request, after failure: Failure, _ provider: Provider) -> Bool
}

extension ProviderSide {
    /// As its caller wants it.
    package func isStreamed(_ request: Request, _ provider: Provider) -> Bool { request.isStreamed }
    /// It is to be asked.
    package func ownModels(_ provider: Provider) -> [String]? { nil }
    /// Names are not looked at.
    package func standIn(for model: String, _ provider: Provider) -> String? { nil }
    /// None.
    package var embeddings: (any EmbeddingsProvider)? { nil }
    /// The key itself.
    package func token(for identity: Identity, _ provider: Provider) throws(Failure) -> String {
        identity.key ?? ""
    }
    /// None.
    package func fields(of request: Request, _ provider: Provider) -> [(name: String, value: String)] { [] }
    /// No refusal says what to change.
    package func amend(_ request: inout Request, after failure: Failure, _ provider: Provider) -> Bool {
        false
    }
}

/// What a writer says of the request that it wrote.
package struct Outgoing: Sendable {
    /// What it could not carry though its table says it can: values, not members.
    package var losses: [Feature] = []
    /// Names of tools as they were sent, where that is not the caller's, and the caller's.
    package var names: [String: String] = [:]
    /// Strings at which the answer must be cut by us, since the provider was not told of them.
    package var cuts: [String] = []
    /// A tool of ours whose arguments are the text of the answer; nil: none.
    package var answerTool: String?

    package init() {}

    /// Notes something that does not arrive, once.
    package mutating func lose(_ feature: Feature) { losses.add(feature) }

    /// A tool's name as another dialect allows it, to be turned back in the reply.
    package mutating func sentName(of name: String) -> String {
        let sent = Wire.toolName(name)
        if sent != name { names[sent] = name }
        return sent
    }
}

/// Reads the reply of a provider, streamed or whole.
///
/// What it appends obeys `Grammar`: whatever comes, it ends in `end` or `failure`, after which it appends
/// nothing.
package protocol ReplyReader: Sendable {
    /// Takes the remark that stands in the next event, see `EventReader.remark`.
    mutating func read(remark: [UInt8])
    /// Takes one event of a stream: its name (empty: none) and its data.
    mutating func read(event name: [UInt8], data: [UInt8], to events: inout [Event])
    /// Takes a whole answer of status 200.
    mutating func read(whole body: [UInt8], to events: inout [Event])
    /// The stream has ended, properly or not.
    mutating func finish(to events: inout [Event])
    /// What was in the reply and is in no event.
    var losses: [Feature] { get }
    /// Whether a stream is lines, each of which is given to `read(event:data:)` whole, and not events.
    ///
    /// Such a stream is at its end when its framing says so; what comes is never taken for a whole answer.
    var readsLines: Bool { get }
    /// The provider's name for the answer, which it wants to hear again; empty: none came.
    var receipt: String { get }
}

extension ReplyReader {
    /// A stream of events (HTML section 9.2.6).
    package var readsLines: Bool { false }
    /// None.
    package var receipt: String { "" }
    /// Remarks mean nothing.
    package mutating func read(remark: [UInt8]) {}
}
