// SPDX-License-Identifier: MIT

import JSON
import KeyLog
import Model
import Settings

/// The list of models where the operator has names of his own: those first, then what the upstream offers.
struct ModelList {
    /// The operator's names.
    let offers: [Catalogue.Offer]

    /// nil: the operator has no names of his own, or the upstream's list is to stay as it is.
    init?(_ settings: Settings) {
        offers = settings.routes.filter(\.isExact).map { settings.offer($0.pattern) }
        if offers.isEmpty || settings.profile == .bartender { return nil }
    }

    /// What the holder of a key that may use some models only sees of an upstream's list; nil: it is no list.
    ///
    /// Nothing beside the models is passed on, since anything may name others.
    static func narrow(
        _ list: [UInt8], to grant: Grant, _ own: ModelList?, _ caller: any ClientSide
    ) -> [UInt8]? {
        guard let root = (try? Document(own?.merge(list, caller) ?? list))?.root, let data = root["data"],
            data.kind == .array
        else { return nil }
        let models = data.elements.filter { $0["id"]?.string.map(grant.allows) ?? false }
        var writer = Writer()
        writer.beginObject()
        writer.member("object", "list")
        writer.name("data")
        writer.beginArray()
        for model in models { writer.verbatim(model) }
        writer.endArray()
        if root["has_more"] != nil {
            writer.member("has_more", false)
            writer.member("first_id", orNull: models.first?["id"]?.string ?? "")
            writer.member("last_id", orNull: models.last?["id"]?.string ?? "")
        }
        writer.endObject()
        return writer.bytes
    }

    /// Whether nothing but the operator's names can be asked for.
    static func isClosed(_ settings: Settings) -> Bool { settings.route(for: nil) == nil }

    /// An upstream's list with the operator's names in front; what is no list stays as it is.
    func merge(_ list: [UInt8], _ caller: any ClientSide) -> [UInt8] {
        guard let root = (try? Document(list))?.root, let object = root.object,
            let data = root["data"], data.kind == .array
        else { return list }
        var writer = Writer()
        writer.beginObject()
        for member in object.members where !member.isNamed("data") { writer.member(member) }
        writer.name("data")
        writer.beginArray()
        for offer in offers {
            var model: [UInt8] = []
            caller.writeModel(offer, to: &model)
            writer.verbatim(model.span)
        }
        let names = offers.map(\.name)
        for element in data.elements where !names.contains(element["id"]?.string ?? "") {
            writer.verbatim(element)
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}

extension Catalogue {
    /// What the holder of a key sees of it.
    func shown(to grant: Grant?) -> Catalogue {
        guard let grant, !grant.allowance.models.isEmpty else { return self }
        var shown = self
        shown.offers.removeAll { !grant.allows($0.name) }
        return shown
    }
}

extension Settings {
    /// A model of the operator's, as the system that this stands in for would tell of it.
    func offer(_ name: String) -> Catalogue.Offer {
        profile == .cyber
            ? Catalogue.Offer(name, owner: "organization-owner", created: 1_686_935_002)
            : Catalogue.Offer(name)
    }
}
