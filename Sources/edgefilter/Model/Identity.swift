// SPDX-License-Identifier: MIT

/// In whose name a provider is called.
package struct Identity: Sendable {
    /// The key for the call; nil: none.
    package let key: String?
    /// Whether that is the caller's own, and not the operator's.
    package let isCallers: Bool
    /// SHA-256 of the caller's own key; empty: it has none.
    package let caller: [UInt8]

    package init(key: String?, isCallers: Bool, caller: [UInt8]) {
        self.key = key
        self.isCallers = isCallers
        self.caller = caller
    }
}
