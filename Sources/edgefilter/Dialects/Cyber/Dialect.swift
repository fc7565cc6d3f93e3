// SPDX-License-Identifier: MIT

package import Model

extension Dialect {
    /// The chat engine that Cyber-OpenAI stood in front of: one message over WebSocket for each request, no
    /// callers of its own.
    package static let cyber = Dialect(
        name: Names.dialect,
        upstream: .http(
            HTTPSide(
                landmarks: Names.landmarks,
                keyField: ("Authorization", "Bearer "),
                provider: Engine(),
                transport: .webSocket,
                models: [Catalogue.Offer(Names.model, owner: Names.owner, created: Names.created)])))
}
