// SPDX-License-Identifier: MIT

package import Model

extension Dialect {
    /// Anthropic's Messages, both sides.
    /// https://platform.claude.com/docs/en/api/messages
    package static let anthropic = Dialect(
        name: Names.dialect,
        client: Client(),
        upstream: .http(
            HTTPSide(landmarks: Names.landmarks, keyField: Names.keyField, provider: Messages())))
}
