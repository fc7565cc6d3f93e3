// SPDX-License-Identifier: MIT

/// A provider's wire language: a name, the side that faces callers, the side that faces a provider.
package struct Dialect: Sendable {
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
    /// Whether a request on this path carries a conversation that `readRequest` understands.
    func isConversation(path: String) -> Bool
    /// Whether a POST on this path names a model in its body.
    func bearsModel(path: String) -> Bool
    /// Whether a stream on this path says when it is complete; one that does not say so then was cut off.
    func marksEnd(path: String) -> Bool
    /// The path of the list of models; one model is below it.
    var modelsPath: String { get }
    /// A request's body; a throw is the caller's mistake and names the member.
    func readRequest(_ body: [UInt8]) throws(Failure) -> Request
    /// A writer of the reply to one request.
    func replyWriter(for request: Request, id: String, created: Int) -> any ReplyWriter
    /// The body of an answer that is only an error.
    func writeFailure(_ failure: Failure, to bytes: inout [UInt8])
    /// The end of a stream that fails after its head is out: the error as an event, and what closes a stream.
    func writeFailureEvent(_ failure: Failure, to bytes: inout [UInt8])
    /// Something a streaming caller ignores, that keeps proxies awake.
    func writePing(to bytes: inout [UInt8])
    /// The list of models, or one of them.
    func writeModels(_ names: [String], to bytes: inout [UInt8])
    func writeModel(_ name: String, to bytes: inout [UInt8])
}

/// Writes a reply in the caller's dialect, streamed or whole.
package protocol ReplyWriter: Sendable {
    /// Appends what the caller sees of one step of a stream.
    mutating func write(_ event: Event, to bytes: inout [UInt8])
    /// Appends a whole answer.
    mutating func write(_ reply: Reply, to bytes: inout [UInt8])
}

/// The side of a dialect that faces a provider.
package enum UpstreamSide: Sendable {
    /// A provider over HTTP.
    case http(HTTPSide)
    /// A provider inside this program: it makes the events of a reply.
    case embedded(any EmbeddedSide)
}

/// What the relay must know of a dialect that it passes through untouched.
package struct HTTPSide: Sendable {
    /// Where in requests and replies it finds what it needs.
    package let landmarks: Landmarks
    /// The header field that carries a key: name, and what stands before the key.
    package let keyField: (name: String, prefix: String)

    package init(landmarks: Landmarks, keyField: (name: String, prefix: String)) {
        self.landmarks = landmarks
        self.keyField = keyField
    }
}

/// A provider inside this program.
package protocol EmbeddedSide: Sendable {
    /// The models it offers.
    var models: [String] { get }
    /// The steps of the reply to a request, made one by one.
    func reply(to request: Request) -> any EmbeddedReply
}

/// A reply in the making.
package protocol EmbeddedReply: Sendable {
    /// Milliseconds to wait before each piece of text.
    var pace: Int { get }
    /// The next step, nil after the last.
    mutating func next() -> Event?
}
