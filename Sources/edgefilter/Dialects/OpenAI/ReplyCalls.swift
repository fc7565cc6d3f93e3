// SPDX-License-Identifier: MIT

import JSON
import Model

/// Tells the calls of an answer apart as their provider means them.
struct Calls {
    let isCumulative: Bool
    let keepsSignatures: Bool
    /// Of each call, `index` of its first piece; nil: it had none.
    private var indices: [Int?] = []
    /// Of each call all that came, for providers that send it again each time.
    var totals: [String] = []

    init(isCumulative: Bool = false, keeps signatures: Bool = false) {
        self.isCumulative = isCumulative
        keepsSignatures = signatures
    }

    /// The place of the call that a piece belongs to; a new one where it begins one.
    mutating func place(of piece: Piece, in composition: inout Composition) -> Int {
        if let known = known(piece, composition.calls) { return known }
        composition.calls.append(Composition.Call())
        indices.append(piece.index)
        totals.append("")
        return indices.count - 1
    }

    private func known(_ piece: Piece, _ calls: [Composition.Call]) -> Int? {
        if piece.isWhole { return nil }
        if !piece.id.isEmpty, let same = calls.lastIndex(where: { $0.id == piece.id }) {
            return isTwin(piece, of: calls[same], at: same) ? nil : same
        }
        guard let last = latest(piece.index) else { return nil }
        return begins(piece, after: calls[last]) ? nil : last
    }

    /// Whether a piece begins another call though it has this one's id: some give all calls the same.
    private func isTwin(_ piece: Piece, of call: Composition.Call, at place: Int) -> Bool {
        guard let index = piece.index, let other = indices[place], index != other else { return false }
        return !piece.name.isEmpty && call.arguments.isComplete
    }

    /// The latest call of that index; without one the latest of all.
    private func latest(_ index: Int?) -> Int? {
        guard let index else { return indices.isEmpty ? nil : indices.count - 1 }
        return indices.lastIndex(of: index)
    }

    /// Whether a piece begins another call than the one its index leads to: servers count wrongly, or not at
    /// all.
    private func begins(_ piece: Piece, after call: Composition.Call) -> Bool {
        if !piece.id.isEmpty, !call.id.isEmpty { return piece.index == nil || !piece.name.isEmpty }
        guard !piece.name.isEmpty, !call.name.isEmpty, piece.id.isEmpty else {
            return piece.index == nil && !piece.id.isEmpty && !call.name.isEmpty && call.arguments.isComplete
        }
        return piece.name != call.name || call.arguments.isComplete && piece.hasArguments
    }
}

/// A piece of a call.
struct Piece {
    var index: Int?
    var id = ""
    var name = ""
    var text = ""
    /// Where its text stands, if it has no id and no name.
    var string: Value?
    var isCustom = false
    /// Whether it is a call of a whole answer, which is never in pieces.
    var isWhole = false

    var hasArguments: Bool { !text.isEmpty }

    init?(_ value: Value, isWhole: Bool) {
        guard let object = value.object else { return nil }
        self.isWhole = isWhole
        for member in object.members {
            if member.isNamed("index") {
                index = member.value.int ?? member.value.string.flatMap { Int($0) }
            } else if member.isNamed("id") {
                id = member.value.string ?? ""
            } else if member.isNamed("function") {
                take(member.value, "arguments")
            } else if member.isNamed("custom") {
                isCustom = true
                take(member.value, "input")
            }
        }
        if !id.isEmpty || !name.isEmpty { string = nil }
    }

    /// From the time when there was one call at most.
    init(legacy value: Value, isWhole: Bool) {
        self.isWhole = isWhole
        index = -1
        take(value, "arguments")
    }

    private mutating func take(_ value: Value, _ text: String) {
        guard let object = value.object else { return }
        for member in object.members {
            if member.isNamed("name") {
                name = member.value.string ?? ""
            } else if member.isNamed(text) {
                self.text = member.value.words
                string = member.value.kind == .string ? member.value : nil
            }
        }
    }
}

extension Value {
    /// A string's meaning, an object's text; nothing of others.
    fileprivate var words: String {
        if let string { return string }
        return kind == .object ? source : ""
    }
}
