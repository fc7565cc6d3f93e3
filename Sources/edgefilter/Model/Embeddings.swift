// SPDX-License-Identifier: MIT

package import JSON

/// Texts whose places in a space of meanings are asked for.
package struct EmbeddingsRequest: Sendable {
    /// How the numbers are told.
    package enum Form: Sendable { case floats, base64 }

    /// The model's name as the caller wrote it.
    package var model: String
    /// Never empty after reading.
    package var texts: [String]
    /// How many numbers a place has; nil: the model's choice.
    package var dimensions: Int?
    /// How the numbers are told to the caller.
    package var form: Form
    /// What else was asked for, which no provider of another dialect carries.
    package var mentions = Mentions()

    package init(model: String, texts: [String], dimensions: Int? = nil, form: Form = .floats) {
        self.model = model
        self.texts = texts
        self.dimensions = dimensions
        self.form = form
    }
}

/// The places of texts, in the order of the texts.
package struct Embeddings: Sendable {
    /// Arrays of numbers, as their provider wrote them.
    package var vectors: [Value]
    /// Tokens of all the texts.
    package var tokens: Int

    package init(vectors: [Value], tokens: Int) {
        self.vectors = vectors
        self.tokens = tokens
    }
}

/// How callers of a dialect ask for embeddings.
package protocol EmbeddingsClient: Sendable {
    /// Where they ask.
    var path: String { get }
    /// A request's body; a throw is the caller's mistake and names the member by its path.
    func read(_ body: [UInt8]) throws(Failure) -> EmbeddingsRequest
    /// The answer; nil: a vector has what is no number.
    func write(_ embeddings: Embeddings, to request: EmbeddingsRequest) -> [UInt8]?
}

/// How a provider is asked for embeddings.
package protocol EmbeddingsProvider: Sendable {
    /// Where it is asked, as `ProviderSide.path`.
    var path: String { get }
    /// The request in the provider's words; a throw is something that it cannot be asked for.
    func write(_ request: EmbeddingsRequest, to bytes: inout [UInt8]) throws(Failure)
    /// An answer of status 200; a failure that stands in it is thrown.
    func read(_ body: [UInt8], to request: EmbeddingsRequest) throws(Failure) -> Embeddings
}
