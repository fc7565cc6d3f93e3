// SPDX-License-Identifier: MIT

/// The known word that was probably meant: nil when none is near.
package func suggestion(for word: String, among known: [String]) -> String? {
    let bounded = Array(word.utf8.prefix(64)).map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : lower($0) }
    let near = known.map { ($0, distance(bounded, $0.utf8.map(lower))) }.min { $0.1 < $1.1 }
    guard let (name, distance) = near, distance <= max(1, min(3, name.utf8.count / 3)) else { return nil }
    return name
}

private func lower(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}

/// How many bytes to insert, remove, replace or swap with a neighbour make one word of the other.
private func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var before: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
        var row = [i + 1]
        for j in b.indices {
            let isSame = a[i] == b[j]
            var cost = min(last[j] + (isSame ? 0 : 1), last[j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
            row.append(cost)
        }
        (before, last) = (last, row)
    }
    return last[b.count]
}

/// A word of the operator's as a complaint shows it: quoted, short, without control characters.
func shown(_ word: String) -> String {
    let kept = word.unicodeScalars.prefix(64).map {
        $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? "?" : $0
    }
    return "\"\(String(String.UnicodeScalarView(kept)))\(word.unicodeScalars.count > 64 ? "…" : "")\""
}
