// SPDX-License-Identifier: MIT

/// What the beginning of a line of `keys.log` says, read without the rest: whoever looks at all lines needs
/// no more.
struct KeyOutline {
    let isKey: Bool
    let id: Int
    let hash: KeyIndexLine.Hash
    /// The line that gave the number, not a later one about it.
    let isFirst: Bool

    static let key = Array(#"{"key":"#.utf8)
    static let user = Array(#"{"user":"#.utf8)
    static let hashMark = Array(#","hash":""#.utf8)
    private static let eventMark = Array(#"","event":""#.utf8)
    private static let first = [KeyEvent.Kind.issued, .added].map { Array("\($0.rawValue)\"".utf8) }

    /// Nil: torn, altered or something else.
    init?(_ line: Span<UInt8>) {
        guard line.count <= KeyEvent.lineLimit, Checksum.holds(line) else { return nil }
        isKey = line.has(KeyOutline.key, at: 0)
        guard isKey || line.has(KeyOutline.user, at: 0) else { return nil }
        let start = isKey ? KeyOutline.key.count : KeyOutline.user.count
        var place = start
        while place < line.count, line[place] != UInt8(ascii: ",") { place += 1 }
        guard place > start, place - start <= 15, let id = line.decimal(start..<place),
            line.has(KeyOutline.hashMark, at: place)
        else { return nil }
        self.id = id
        place += KeyOutline.hashMark.count
        guard line.count > place + 64, let hash = KeyIndexLine.hash(line.extracting(place..<(place + 64))),
            line.has(KeyOutline.eventMark, at: place + 64)
        else { return nil }
        self.hash = hash
        let word = place + 64 + KeyOutline.eventMark.count
        isFirst = KeyOutline.first.contains { line.has($0, at: word) }
    }
}

extension Span<UInt8> {
    /// Whether these bytes stand there.
    func has(_ bytes: [UInt8], at place: Int) -> Bool {
        guard place + bytes.count <= count else { return false }
        for index in bytes.indices where self[place + index] != bytes[index] { return false }
        return true
    }
}
