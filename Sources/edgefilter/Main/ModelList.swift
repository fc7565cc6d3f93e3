// SPDX-License-Identifier: MIT

import JSON
import Model
import Settings

/// The list of models where the operator has names of his own: those first, then what the upstream offers.
struct ModelList {
    private let names: [String]
    private let maker: Maker

    /// nil: the operator has no names of his own, or the upstream's list is to stay as it is.
    init?(_ settings: Settings) {
        maker = settings.maker
        names = settings.routes.filter(\.isExact).map(\.pattern)
        if names.isEmpty || settings.profile == .bartender { return nil }
    }

    /// Whether nothing but the operator's names can be asked for.
    static func isClosed(_ settings: Settings) -> Bool { settings.route(for: nil) == nil }

    /// The operator's names alone.
    func write(_ caller: any ClientSide, to bytes: inout [UInt8]) { caller.writeModels(names, by: maker, to: &bytes) }

    /// The operator's names, and those of an upstream behind them.
    func merged(_ others: [String]) -> [String] { names + others.filter { !names.contains($0) } }

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
        for name in names {
            var model: [UInt8] = []
            caller.writeModel(name, by: maker, to: &model)
            writer.verbatim(model.span)
        }
        for element in data.elements where !names.contains(element["id"]?.string ?? "") {
            writer.verbatim(element)
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}

extension Settings {
    /// What the system that this stands in for says of models.
    var maker: Maker {
        profile == .cyber ? Maker(name: "organization-owner", created: 1_686_935_002) : .unknown
    }
}
