// SPDX-License-Identifier: MIT

import JSON
import Model

/// The calls of an answer, told apart as their provider means them.
struct Calls {
    struct Call {
        /// `index` of its first piece; nil: it had none.
        let index: Int?
        var id = ""
        var name = ""
        var isCustom = false
        /// What came before it was opened.
        var held = ""
        /// All that came, for providers that send it again each time.
        var total = ""
        /// Whether what came is whole.
        var arguments = Arguments()
        /// Of its item; nil: it is not open yet.
        var key: Int?
        var isClosed = false
    }

    /// More calls than any answer has.
    static let limit = 1_024

    let isCumulative: Bool
    let keepsSignatures: Bool
    var all: [Call] = []
    /// Ids of calls that were opened.
    var ids = Distinct()

    init(isCumulative: Bool = false, keeps signatures: Bool = false) {
        self.isCumulative = isCumulative
        keepsSignatures = signatures
    }

    var hasStarted: Bool { ids.count > 0 }
    var hasNamed: Bool { all.contains { !$0.name.isEmpty } }
    /// Whether the arguments of a call are cut off.
    var hasUnfinished: Bool {
        all.contains { !$0.isCustom && !$0.name.isEmpty && !$0.arguments.isComplete && !$0.arguments.isBlank }
    }

    /// The place of the call that a piece belongs to; a new one where it begins one.
    mutating func place(of piece: Piece) -> Int {
        if let known = known(piece) { return known }
        all.append(Call(index: piece.index))
        return all.count - 1
    }

    private func known(_ piece: Piece) -> Int? {
        if piece.isWhole { return nil }
        if !piece.id.isEmpty, let same = all.lastIndex(where: { $0.id == piece.id }) { return same }
        guard let last = latest(piece.index) else { return nil }
        return begins(piece, after: all[last]) ? nil : last
    }

    /// The latest call of that index; without one the latest of all.
    private func latest(_ index: Int?) -> Int? {
        guard let index else { return all.isEmpty ? nil : all.count - 1 }
        return all.lastIndex { $0.index == index }
    }

    /// Whether a piece begins another call than the one its index leads to: servers count wrongly, or not at
    /// all.
    private func begins(_ piece: Piece, after call: Call) -> Bool {
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
