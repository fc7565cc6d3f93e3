// SPDX-License-Identifier: MIT

package import Model

/// OpenAI's Responses, both sides.
/// https://platform.openai.com/docs/api-reference/responses
extension Dialect {
    package static let responses = Dialect(
        name: Names.dialect,
        client: Client(),
        upstream: .http(
            HTTPSide(
                landmarks: Names.landmarks,
                keyField: ("Authorization", "Bearer "),
                provider: Responder())))
}
