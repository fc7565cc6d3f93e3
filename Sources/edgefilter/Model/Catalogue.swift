// SPDX-License-Identifier: MIT

/// The models of a provider, and what it says of them beside their names.
package struct Catalogue: Equatable, Sendable {
    /// A member of foreign JSON: its name, and its value as text.
    package struct Note: Equatable, Sendable {
        /// The member's name.
        package let name: String
        /// Its value, which is JSON.
        package let json: String

        package init(_ name: String, json: String) {
            self.name = name
            self.json = json
        }
    }

    /// One model.
    package struct Offer: Equatable, Sendable {
        /// As callers ask for it.
        package let name: String
        /// Whose it is.
        package let owner: String
        /// Seconds since 1970.
        package let created: Int
        /// What else is said of it.
        package let notes: [Note]

        package init(
            _ name: String, owner: String = "edgefilter", created: Int = 0, notes: [Note] = []
        ) {
            self.name = name
            self.owner = owner
            self.created = created
            self.notes = notes
        }
    }

    /// In the provider's order.
    package var offers: [Offer]
    /// What is said of the list.
    package var notes: [Note]

    package init(_ offers: [Offer], notes: [Note] = []) {
        self.offers = offers
        self.notes = notes
    }

    /// These in front, and of the others those that are not among them.
    package func behind(_ first: [Offer]) -> Catalogue {
        let names = first.map(\.name)
        return Catalogue(first + offers.filter { !names.contains($0.name) }, notes: notes)
    }
}
