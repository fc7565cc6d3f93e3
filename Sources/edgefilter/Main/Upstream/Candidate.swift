// SPDX-License-Identifier: MIT

import Model
import Settings

/// An upstream that a request may go to, and how it goes there.
///
/// A class, since it is looked at for every event and never changes.
final class Candidate: Sendable {
    /// How a request gets its answer.
    enum Road: Sendable {
        /// Bytes pass as they are: both sides speak one dialect.
        case relay
        /// A conversation in another dialect.
        case translation
        /// A list of models, told in the caller's words.
        case list
        /// A count of tokens, which we estimate.
        case count
        /// Embeddings in another dialect.
        case embeddings(any EmbeddingsClient, any EmbeddingsProvider)
        /// Whatever a provider inside this program knows.
        case embedded(any EmbeddedSide)
        /// The upstream's dialect knows nothing of the kind.
        case none
    }

    let upstream: Upstream
    let dialect: Dialect
    let provider: Provider
    /// The name to ask for instead; nil: the caller's own.
    let model: String?
    /// Whether that stands in for a name which nobody knows, of which the caller is told.
    let isStandIn: Bool
    let road: Road

    init(
        _ upstream: Upstream, _ dialect: Dialect, _ provider: Provider, model: String?,
        isStandIn: Bool = false,
        road: Road
    ) {
        self.upstream = upstream
        self.dialect = dialect
        self.provider = provider
        self.model = model
        self.isStandIn = isStandIn
        self.road = road
    }

    /// Its side that faces the provider, when that is reached over HTTP.
    var side: HTTPSide? { if case .http(let side)? = dialect.upstream { side } else { nil } }
    var isRelay: Bool { if case .relay = road { true } else { false } }
    var isTranslation: Bool { if case .translation = road { true } else { false } }
    /// Whether all of the request must be here before any of it can go on.
    var isRead: Bool { if case .embeddings = road { true } else { isTranslation } }
}

extension Candidate.Road {
    init(_ asked: Asked, to dialect: Dialect, isRelayed: Bool) {
        switch dialect.upstream {
        case .embedded(let side)?: self = .embedded(side)
        case .http? where isRelayed: self = .relay
        case .http? where asked.endpoint.caller.isConversation(path: asked.endpoint.path): self = .translation
        case .http? where asked.endpoint.caller.isCount(path: asked.endpoint.path): self = .count
        case .http? where asked.endpoint.isModels && ["GET", "HEAD"].contains(asked.method): self = .list
        case .http(let side)?:
            guard let client = asked.endpoint.caller.embeddings, client.path == asked.endpoint.path,
                let provider = side.provider.embeddings
            else { self = .none; return }
            self = .embeddings(client, provider)
        default: self = .none
        }
    }
}
