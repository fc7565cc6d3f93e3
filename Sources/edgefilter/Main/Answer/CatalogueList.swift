// SPDX-License-Identifier: MIT

import HTTP
import KeyLog
import Model
import Settings
import Unix

// Lists of models of providers that say more of them than their names.
extension Relay {
    /// Answers with the list that is at hand, or, when the provider does not answer, with what stands for it;
    /// false:
    /// the provider must be asked.
    func serveCatalogue(
        _ candidate: Candidate, _ side: any DialogueSide, _ client: inout Client, _ exchange: inout Exchange
    ) throws(Failure) -> Bool {
        let created = Moment.now().seconds
        let known = gateway.dialogues?.models(of: candidate.upstream.name, isFresh: true)
        let catalogue = known.flatMap { side.readCatalogue($0, created: created) }
        guard let catalogue = catalogue ?? (usesStopgap ? side.stopgap(created: created) : nil) else {
            return false
        }
        let shelf = Shelf(candidate, exchange, gateway.settings)
        exchange.answer(200, .ofJSON, try shelf.told(catalogue), &client)
        return true
    }

    /// What becomes of a provider's answer.
    func catalogueListing(
        _ candidate: Candidate, _ side: any DialogueSide, _ exchange: borrowing Exchange
    ) -> Listing {
        let shelf = Shelf(candidate, exchange, gateway.settings)
        let store = gateway.dialogues
        let upstream = candidate.upstream.name
        return Listing { (body) throws(Failure) in
            guard body.count <= Dialogues.catalogueLimit,
                let catalogue = side.readCatalogue(body, created: Moment.now().seconds)
            else { return nil }
            store?.keep(models: body, of: upstream)
            return Listing.Told(body: try shelf.told(catalogue))
        }
    }

    /// Whether the caller gets what stands for a list, since the provider did not give one.
    ///
    /// That it refuses our key is told: nothing would ever change otherwise.
    mutating func takesStopgap(after failure: Failure, _ upstreams: Upstreams?) -> Bool {
        guard case .list? = candidate?.road, candidate?.side?.dialogues != nil, !usesStopgap,
            ![.upstreamKey, .upstreamPermission, .unknownModel, .callerStalled, .stopping]
                .contains(failure.code)
        else { return false }
        usesStopgap = true
        restart(upstreams)
        return true
    }
}

/// How a caller is told of models.
private struct Shelf: Sendable {
    private let caller: any ClientSide
    /// The one that is asked for; nil: all are.
    private let asked: String?
    private let model: String?
    private let own: [Catalogue.Offer]
    private let grant: Grant?

    init(_ candidate: Candidate, _ exchange: borrowing Exchange, _ settings: Settings) {
        caller = exchange.caller
        asked = Call.modelInPath(exchange.path, exchange.caller)
        model = candidate.model
        own = ModelList(settings)?.offers ?? []
        grant = exchange.grant
    }

    func told(_ catalogue: Catalogue) throws(Failure) -> [UInt8] {
        var out: [UInt8] = []
        guard let asked else {
            caller.writeModels(catalogue.behind(own).shown(to: grant), to: &out)
            return out
        }
        guard let offer = catalogue.offers.first(where: { $0.name == model ?? asked }) else {
            throw Failure(.unknownModel, "Model \(asked) not found", param: "model")
        }
        if offer.name == asked {
            caller.writeModel(offer, to: &out)
        } else {
            caller.writeModel(asked, to: &out)
        }
        return out
    }
}
