// SPDX-License-Identifier: MIT

package import Model

/// Anthropic's Messages, both sides.
/// https://platform.claude.com/docs/en/api/messages
extension Dialect {
    package static let anthropic = Dialect(name: "anthropic")
}
