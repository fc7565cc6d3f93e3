// SPDX-License-Identifier: MIT

/// Whether a pattern, in which each `*` stands for any text, covers the whole of a text.
///
/// Compares bytes; takes at most their product in steps, whatever the pattern.
package func matches(_ pattern: String, _ text: String) -> Bool {
    let pattern = Array(pattern.utf8)
    let text = Array(text.utf8)
    var (p, t) = (0, 0)
    // Where to go on when what follows the last star did not fit: the star takes one byte more.
    var retry: (p: Int, t: Int)?
    while t < text.count {
        if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
            p += 1
            retry = (p, t)
        } else if p < pattern.count, pattern[p] == text[t] {
            p += 1
            t += 1
        } else if let last = retry {
            retry = (last.p, last.t + 1)
            (p, t) = (last.p, last.t + 1)
        } else {
            return false
        }
    }
    return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
}
