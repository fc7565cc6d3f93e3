// SPDX-License-Identifier: MIT

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
