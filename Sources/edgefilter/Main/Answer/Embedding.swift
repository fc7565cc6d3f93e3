// SPDX-License-Identifier: MIT

import HTTP
import Model
import Settings
import Unix

// Embeddings of callers of one dialect, made by a provider of another.
extension Relay {
    mutating func embed(
        _ transfer: Transfer, _ candidate: Candidate, _ client: any EmbeddingsClient,
        _ provider: any EmbeddingsProvider, _ credential: Credential, _ exchange: inout Exchange
    ) throws(Failure) {
        try checkPost()
        try checkName()
        let asked = try client.read(intake.held)
        exchange.losses = asked.mentions.all.map { Loss($0) }
        if gateway.settings.strict, let loss = exchange.losses.first { throw loss.refusal }
        var request = asked
        if let model = candidate.model { request.model = model }
        var bytes: [UInt8] = []
        try provider.write(request, to: &bytes)
        Call(embedding: provider.path, at: candidate, credential).prepare(transfer, sending: bytes)
        passing = Listing { (body) throws(Failure) in
            let embeddings = try provider.read(body, to: request)
            guard let told = client.write(embeddings, to: asked) else { return nil }
            return Listing.Told(body: told, usage: Usage(input: embeddings.tokens))
        }
    }
}
