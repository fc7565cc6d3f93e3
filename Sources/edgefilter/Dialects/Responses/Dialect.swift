// SPDX-License-Identifier: MIT

package import Model

extension Dialect {
    /// OpenAI's Responses, both sides.
    /// https://platform.openai.com/docs/api-reference/responses
    package static let responses = Dialect(
        name: Names.dialect,
        client: Client(),
        upstream: .http(
            HTTPSide(
                landmarks: Names.landmarks,
                keyField: ("Authorization", "Bearer "),
                provider: Responder())))
}
