// SPDX-License-Identifier: MIT

import JSON
import Model

/// The models of the site, and what callers call them.
///
///     name = "mihoyo-" lower case of the site's name, with "_" for each space
struct ModelMap {
    /// The site's names.
    private let models: [String]
    /// The list as the site gave it.
    private let source: String

    static let fallback = "Orange Cat"
    private static let prefix = "mihoyo-"
    /// More models than that it has not.
    private static let limit = 1_000

    /// nil: it is no list of models.
    init?(_ view: [UInt8]) {
        guard let root = (try? Document(view))?.root, let list = root["models"], list.kind == .array else {
            return nil
        }
        models = list.elements.lazy.compactMap { $0.string ?? $0["name"]?.string }.filter { !$0.isEmpty }
            .prefix(ModelMap.limit).map(\.self)
        if models.isEmpty { return nil }
        source = root.source
    }

    /// What callers call them, in the site's order.
    var names: [String] { models.map(ModelMap.name) }

    /// What callers call a model.
    static func name(of model: String) -> String {
        prefix + model.lowercased().replacing(" ", with: "_")
    }

    /// The site's name for what a caller asks for; nil: it has no such model.
    func model(called name: String) -> String? {
        models.first { ModelMap.name(of: $0) == name || $0 == name }
    }

    /// The list in the words of this gateway's callers.
    func catalogue(created: Int) -> Catalogue {
        let offers = models.enumerated().map { index, model in
            let name = ModelMap.name(of: model)
            let notes =
                ModelMap.notes(name) + [
                    Catalogue.Note("anuneko_model", json: quoted(model)),
                    Catalogue.Note("anuneko_model_id", json: String(index)),
                ]
            return Catalogue.Offer(name, owner: Names.dialect, created: created, notes: notes)
        }
        return Catalogue(offers, notes: [Catalogue.Note("anuneko_api_response", json: source)])
    }

    /// The list where the site gave none.
    static func stopgap(created: Int) -> Catalogue {
        let name = name(of: fallback)
        let notes =
            notes(name) + [
                Catalogue.Note("anuneko_model", json: quoted(fallback)),
                Catalogue.Note("note", json: quoted("default_model")),
            ]
        return Catalogue(
            [Catalogue.Offer(name, owner: Names.dialect, created: created, notes: notes)],
            notes: [Catalogue.Note("anuneko_api_response", json: "null")])
    }

    /// Members that OpenAI's list once had.
    private static func notes(_ name: String) -> [Catalogue.Note] {
        [
            Catalogue.Note("permission", json: "[]"), Catalogue.Note("root", json: quoted(name)),
            Catalogue.Note("parent", json: "null"),
        ]
    }
}

private func quoted(_ text: String) -> String {
    var bytes: [UInt8] = []
    Writer.append(text, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
}
