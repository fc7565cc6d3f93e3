// SPDX-License-Identifier: MIT

/// A list in requests, some of whose items are only the name of one that the provider keeps.
///
/// Such an item says so by its type, or has a name and nothing that makes it an item of its own.
package struct KeptItems: Sendable {
    /// The items, as a path of `Watch.Plan`.
    package let items: [String]
    /// The member that names one.
    package let name: String
    /// The members of which an item of its own has at least one that is not null.
    package let signs: [String]
    /// The type, the first of `signs`, of an item that is only a name.
    package let type: String

    package init(items: [String], name: String, signs: [String], type: String) {
        self.items = items
        self.name = name
        self.signs = signs
        self.type = type
    }
}
