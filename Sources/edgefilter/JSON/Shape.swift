// SPDX-License-Identifier: MIT

/// What texts have in common that differ only in free scalars: strings and numbers that are values, and not
/// kept.
///
///     block = fixed *( free fixed )
///
/// A block of the shape holds the same tokens as the one it was taken from, but for those: whoever looks only
/// for what is kept finds the same, so it need not be read.
package struct Shape: Sendable {
    /// Fixed bytes, and what follows them.
    private struct Part {
        /// Where they end in `fixed`.
        let end: Int
        /// What follows; nil: nothing.
        let free: Kind?
    }

    /// Where a block of the shape stands.
    package struct Match: Equatable, Sendable {
        /// The index behind it.
        package let end: Int
        /// Where the marked byte is.
        package let mark: Int
    }

    /// All that must be the same; the quotes of free strings are among it.
    private var fixed: [UInt8] = []
    private var parts: [Part] = []
    private var mark = 0

    /// Nothing with more free scalars has a shape.
    private static let limit = 64

    /// The shape of `block`, which holds a well-formed object at `text`; nil: it holds none, or one of too
    /// many parts.
    ///
    /// What is outside of `text` is fixed, and so are the scalars at `kept`; `mark` is a fixed byte. All
    /// offsets count from the start of the block.
    package init?(of block: Span<UInt8>, text: Range<Int>, keeping kept: [Range<Int>], marking mark: Int) {
        guard !text.isEmpty, block[text.lowerBound] == UInt8(ascii: "{") else { return nil }
        var scanner = Scanner(limits: Limits(size: .max))
        var scalars = Scalars(from: text.lowerBound)
        do throws(Malformed) {
            try scanner.feed(block.extracting(text), into: &scalars)
            try scanner.finish(into: &scalars)
        } catch { return nil }
        guard scalars.found.count <= Shape.limit else { return nil }
        var from = 0
        for scalar in scalars.found where !kept.contains(where: { $0.overlaps(scalar.range) }) {
            add(block.extracting(from..<scalar.range.lowerBound), before: scalar.kind, from, mark)
            from = scalar.range.upperBound
        }
        add(block.extracting(from..<block.count), before: nil, from, mark)
    }

    private mutating func add(_ bytes: Span<UInt8>, before free: Kind?, _ from: Int, _ mark: Int) {
        if from..<from + bytes.count ~= mark { self.mark = fixed.count + mark - from }
        fixed.append(copying: bytes)
        parts.append(Part(end: fixed.count, free: free))
    }

    /// The block of this shape that begins at `start`; nil: none does, or it is not over.
    package func match(_ bytes: Span<UInt8>, at start: Int) -> Match? {
        let fixed = fixed.span
        var (at, from, marked) = (start, 0, start)
        for index in parts.indices {
            let part = parts[index]
            guard bytes.repeats(fixed, from..<part.end, at: at) else { return nil }
            if from..<part.end ~= mark { marked = at + mark - from }
            at += part.end - from
            from = part.end
            guard let free = part.free else { break }
            guard let end = free == .string ? bytes.endOfString(from: at) : bytes.endOfNumber(from: at) else {
                return nil
            }
            at = end
        }
        return Match(end: at, mark: marked)
    }
}

/// Remembers where strings and numbers are that are values; of strings only the inside.
private struct Scalars: Sink {
    private(set) var found: [(range: Range<Int>, kind: Kind)] = []
    private let base: Int

    init(from base: Int) { self.base = base }

    mutating func open(_ kind: Kind, at offset: Int) {}
    mutating func close(at end: Int) {}
    mutating func begin(_ token: Token) {}
    mutating func text(_ part: Span<UInt8>) {}

    mutating func end(_ token: Token, at end: Int) {
        guard !token.isName else { return }
        let (start, end) = (base + token.start, base + end)
        switch token.kind {
        case .string: found.append((start + 1..<end - 1, .string))
        case .number: found.append((start..<end, .number))
        default: break
        }
    }
}

extension Span<UInt8> {
    /// Where the closing quote of a string stands whose inside begins at `start`; nil: it has none, or is
    /// malformed.
    fileprivate func endOfString(from start: Int) -> Int? {
        var at = endOfPlain(from: start)
        if at < count, self[at] == UInt8(ascii: "\"") { return at }
        var text = Text()
        at = start
        return (try? text.read(self, &at)) ?? false ? at - 1 : nil
    }

    /// Where a number ends that begins at `start`; nil: none does, or its end is not here.
    fileprivate func endOfNumber(from start: Int) -> Int? {
        guard start < count, var numeral = Numeral(first: self[start]) else { return nil }
        var at = start + 1
        return (try? numeral.read(self, &at)) ?? false ? at : nil
    }
}
