// SPDX-License-Identifier: MIT

/// Somebody who holds issued keys.
package struct User: Equatable, Sendable {
    /// From 1, in the order they were added; never given twice.
    package var id = 0
    /// What the operator calls it; no other user has the same.
    package var name = ""
    /// Empty: none was told.
    package var email = ""
    /// Seconds since 1970.
    package var created = 0
    /// Removed, and every key revoked; the name is free again.
    package var isRemoved = false

    package init() {}
}
