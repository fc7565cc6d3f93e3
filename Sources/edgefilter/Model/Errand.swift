// SPDX-License-Identifier: MIT

/// A call that a provider wants beside the conversation itself.
package struct Errand: Sendable {
    /// `GET` or `POST`.
    package let method: String
    /// What follows the upstream's base, as it goes out.
    package let path: String
    /// All fields but those that frame the body and the key's.
    package let fields: [(name: String, value: String)]
    /// Empty for `GET`.
    package let body: [UInt8]
    /// Milliseconds that it may take in all.
    package let limit: Int

    package init(
        _ method: String, _ path: String, fields: [(name: String, value: String)], body: [UInt8] = [],
        limit: Int
    ) {
        self.method = method
        self.path = path
        self.fields = fields
        self.body = body
        self.limit = limit
    }
}
