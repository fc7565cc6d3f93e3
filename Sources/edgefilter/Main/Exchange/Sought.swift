// SPDX-License-Identifier: MIT

import JSON
import Model

/// Which members of a JSON body are looked for while it goes by, and what each of them is.
struct Sought: Sendable {
    enum Meaning: Equatable {
        /// The model's name, and whether a stream is asked for.
        case model, stream
        /// Other models beside it.
        case more
        /// Something that the provider keeps; `isText`: a text alone is its name.
        case kept(isText: Bool)
        /// An item of a list, its name, its type, and other signs of one that is no mere name.
        case item, itemName, itemType, itemSign
    }

    let plan: Watch.Plan
    let meanings: [Meaning]
    /// The type of an item that is only a name.
    let reference: String

    private init(
        _ pairs: [(path: [String], meaning: Meaning)], foldsCase: Bool = false, reference: String = ""
    ) {
        plan = Watch.Plan(paths: pairs.map(\.path), foldsCase: foldsCase)
        meanings = pairs.map(\.meaning)
        self.reference = reference
    }

    /// All dialects relayed so far name the model in one way.
    private static let usual: [(path: [String], meaning: Meaning)] = [
        (["model"], .model), (["stream"], .stream),
    ]
    /// Some providers take further models, to be asked in the place of one that fails (OpenRouter's `models`,
    /// LiteLLM's `fallbacks`).
    private static let wide = usual + [(["models"], .more), (["fallbacks"], .more)]

    /// What decides where a request goes.
    static let plain = Sought(usual)
    /// And what a key may be limited by.
    private static let listed = Sought(wide, foldsCase: true)
    /// And what names something in the operator's account, by the dialect of the caller.
    private static let careful = Dictionary(
        uniqueKeysWithValues: dialects.compactMap(\.client).map { ($0.name, careful($0)) })

    /// What is looked for; `isListed`: the key may use some models only; `isStranger`: the account is not the caller's.
    static func of(_ caller: any ClientSide, isListed: Bool, isStranger: Bool) -> Sought {
        if isStranger, let careful = careful[caller.name] { return careful }
        return isListed ? listed : plain
    }

    /// Makes them before the first fork.
    static func prepare() { _ = (plain, listed, careful) }

    private static func careful(_ caller: any ClientSide) -> Sought {
        let kept = caller.kept
        var pairs =
            wide
            + kept.map { path in
                (path, .kept(isText: kept.contains { $0.count > path.count && $0.starts(with: path) }))
            }
        if let list = caller.keptItems {
            pairs += [(list.items, .item), (list.items + [list.name], .itemName)]
            pairs += list.signs.enumerated().map { index, sign in
                (list.items + [sign], index == 0 ? .itemType : .itemSign)
            }
        }
        return Sought(pairs, foldsCase: true, reference: caller.keptItems?.type ?? "")
    }

    /// A path as people write it: `input[].content[].file_id`.
    func shown(_ path: Int) -> String {
        plan.paths[path].reduce("") { $1 == "*" ? $0 + "[]" : $0.isEmpty ? $1 : "\($0).\($1)" }
    }
}

/// Whether a body names something that the provider keeps.
struct Reference {
    /// The first member that does; nil: none so far.
    private(set) var member: String?
    private var item = Item()

    /// What is known of an item of a list.
    private struct Item {
        var name: Int?
        var isOwn = false
        var isDoubtful = false
    }

    /// Takes note of a member, in the order of the text.
    mutating func note(_ found: Watch.Found, _ sought: Sought) {
        let isNull = found.kind == .null
        switch sought.meanings[found.path] {
        case .kept(let isText): if isText ? found.kind == .string : !isNull { name(found.path, sought) }
        case .item: end(sought)
        case .itemName: if !isNull { item.name = found.path }
        case .itemType:
            if found.string == sought.reference { name(found.path, sought) }
            // Of twins the last may count.
            if isNull { item.isDoubtful = true } else { item.isOwn = true }
        case .itemSign: if !isNull { item.isOwn = true }
        default: break
        }
    }

    /// Nothing more of the item comes, or of the text.
    mutating func end(_ sought: Sought) {
        if let path = item.name, !item.isOwn || item.isDoubtful { name(path, sought) }
        item = Item()
    }

    private mutating func name(_ path: Int, _ sought: Sought) { member = member ?? sought.shown(path) }
}
