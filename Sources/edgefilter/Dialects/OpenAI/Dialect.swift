// SPDX-License-Identifier: MIT

package import Model

extension Dialect {
    /// OpenAI's API: Chat Completions read and written, everything else relayed.
    /// https://platform.openai.com/docs/api-reference
    package static let openAI = Dialect(
        name: Names.dialect,
        client: Client(),
        upstream: .http(
            HTTPSide(
                landmarks: Names.landmarks,
                keyField: ("Authorization", "Bearer "),
                provider: Chat())))
}

/// The side that faces callers, for requests that name no dialect of their own.
package let client: any ClientSide = Client()
