// SPDX-License-Identifier: MIT

import JSON
import Model

/// The list of models.
extension Client {
    func writeModels(_ catalogue: Catalogue, to bytes: inout [UInt8]) {
        var writer = Writer()
        writer.beginObject()
        writer.member("object", "list")
        writer.name("data")
        writer.beginArray()
        for offer in catalogue.offers { writer.model(offer) }
        writer.endArray()
        writer.members(catalogue.notes)
        writer.endObject()
        bytes.append(contentsOf: writer.bytes)
    }

    func writeModel(_ offer: Catalogue.Offer, to bytes: inout [UInt8]) {
        var writer = Writer()
        writer.model(offer)
        bytes.append(contentsOf: writer.bytes)
    }
}

extension Writer {
    fileprivate mutating func model(_ offer: Catalogue.Offer) {
        beginObject()
        member("id", offer.name)
        member("object", "model")
        member("created", offer.created)
        member("owned_by", offer.owner)
        members(offer.notes)
        endObject()
    }

    /// What the provider says beside.
    fileprivate mutating func members(_ notes: [Catalogue.Note]) {
        for note in notes {
            name(note.name)
            verbatim(note.json.utf8.span)
        }
    }
}
