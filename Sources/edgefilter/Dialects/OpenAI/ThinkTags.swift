// SPDX-License-Identifier: MIT

import Model

/// Parts thoughts from words where a model writes `<think>…</think>` at the beginning of its content.
///
/// What may be the beginning of a tag waits for what follows.
struct ThinkTags {
    /// A piece that is not empty.
    typealias Piece = (isThought: Bool, text: String)

    private enum State { case start, inside, after, words }

    private static let opening = Array("<think>".utf8)
    private static let closing = Array("</think>".utf8)
    /// No model writes more white space before its thoughts.
    private static let patience = 64

    private let beginsInside: Bool
    private var state = State.start
    private var held: [UInt8] = []

    init(isInside: Bool) { beginsInside = isInside }

    mutating func take(_ text: String) -> [Piece] {
        guard state != .words else { return text.isEmpty ? [] : [(false, text)] }
        held.append(contentsOf: text.utf8)
        var pieces: [Piece] = []
        if state == .start { start() }
        if state == .inside { search(&pieces) }
        if state == .after { skip() }
        if state == .words { pass(held.count, isThought: false, &pieces) }
        return pieces
    }

    /// What waited, at the end.
    mutating func flush() -> [Piece] {
        var pieces: [Piece] = []
        if state != .after { pass(held.count, isThought: state == .inside, &pieces) }
        return pieces
    }

    private mutating func start() {
        let text = held.drop(while: \.isBlank)
        if text.starts(with: ThinkTags.opening) {
            held = Array(text.dropFirst(ThinkTags.opening.count))
            state = .inside
        } else if held.count > ThinkTags.patience || !ThinkTags.opening.starts(with: text) {
            state = beginsInside ? .inside : .words
        }
    }

    private mutating func search(_ pieces: inout [Piece]) {
        let tag = ThinkTags.closing
        if let place = held.indices.first(where: { held[$0...].starts(with: tag) }) {
            pass(place, isThought: true, &pieces)
            held.removeFirst(tag.count)
            state = .after
        } else {
            let open = (1..<tag.count).last { held.suffix($0).elementsEqual(tag.prefix($0)) } ?? 0
            pass(held.count - open, isThought: true, &pieces)
        }
    }

    /// The blank lines between thoughts and words.
    private mutating func skip() {
        held.removeFirst(held.prefix(while: \.isBlank).count)
        if !held.isEmpty { state = .words }
    }

    private mutating func pass(_ count: Int, isThought: Bool, _ pieces: inout [Piece]) {
        guard count > 0 else { return }
        pieces.append((isThought, String(decoding: held[..<count], as: UTF8.self)))
        held.removeFirst(count)
    }
}
