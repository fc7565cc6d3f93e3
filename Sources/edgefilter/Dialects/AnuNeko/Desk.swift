// SPDX-License-Identifier: MIT

import JSON
import Model

/// The side that faces the site beside conversations: chats, models, branches.
struct Desk: DialogueSide {
    func inquiry(_ provider: Provider) -> Errand {
        Errand(
            "GET", Names.viewPath, fields: Names.fields(provider, type: Names.json), limit: Names.errandTime)
    }

    func readCatalogue(_ body: [UInt8], created: Int) -> Catalogue? {
        ModelMap(body)?.catalogue(created: created)
    }

    func stopgap(created: Int) -> Catalogue { ModelMap.stopgap(created: created) }

    /// The one model that is always there needs no list.
    func needsCatalogue(for request: Request) -> Bool {
        request.model != ModelMap.name(of: ModelMap.fallback) && request.model != ModelMap.fallback
    }

    func course(
        for request: Request, in dialogue: Dialogue, models: [UInt8]?, _ provider: Provider
    ) -> any Course {
        let model = models.flatMap(ModelMap.init)?.model(called: request.model) ?? ModelMap.fallback
        return Visit(dialogue, model: model, provider)
    }
}
