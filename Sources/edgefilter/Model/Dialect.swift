// SPDX-License-Identifier: MIT

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
