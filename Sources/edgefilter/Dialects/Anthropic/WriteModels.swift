// SPDX-License-Identifier: MIT

import JSON
import Model

/// The list of models, which OpenAI's clients read too.
extension Client {
    func writeModels(_ catalogue: Catalogue, to bytes: inout [UInt8]) {
        var writer = Writer()
        writer.beginObject()
        writer.member("object", "list")
        writer.name("data")
        writer.beginArray()
        for offer in catalogue.offers { writer.model(offer) }
        writer.endArray()
        writer.member("has_more", false)
        writer.member("first_id", orNull: catalogue.offers.first?.name)
        writer.member("last_id", orNull: catalogue.offers.last?.name)
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
        member("type", "model")
        member("id", offer.name)
        member("display_name", offer.name)
        member("created_at", "1970-01-01T00:00:00Z")
        member("object", "model")
        member("created", offer.created)
        member("owned_by", offer.owner)
        endObject()
    }
}
